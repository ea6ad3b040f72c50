import SequenceTensor

/// The entries of a batch of fields, whose norms are taken: sums over each, and products with a
/// number for each.
///
/// Elements of a sample go round `period` entries. Loops run over blocks of a multiple of it, so
/// that they are loops over neighbouring elements also if there are few channels. The pieces of
/// a sum do not depend on the number of threads.
struct FieldEntries {
  /// The number of samples.
  let batch: Int
  /// The number of elements of a sample.
  let size: Int
  /// The number of entries of a sample.
  let period: Int

  init(shape: Shape, scope: FieldScope) {
    batch = shape[0]
    size = shape.count / max(1, batch)
    period = scope == .channel ? max(1, shape.last) : 1
  }

  /// A sample of `size` elements whose element i belongs to entry i mod `period`.
  init(batch: Int, size: Int, period: Int) {
    self.batch = batch
    self.size = size
    self.period = period
  }

  /// The number of entries.
  var count: Int { batch * period }

  /// The number of elements of a block.
  private var width: Int { period * max(1, (32 + period - 1) / period) }

  /// Blocks in a piece of a sum.
  private var blocksInPiece: Int { max(1, 16384 / width) }

  /// Σ term(i) over the elements i of each entry, in double precision.
  @inline(__always)
  func sums(_ term: (Int) -> Double) -> [Double] {
    let (width, grain) = (width, blocksInPiece * width)
    let pieces = max(1, (size + grain - 1) / grain)
    var partial = [Double](repeating: 0, count: batch * pieces * period)
    partial.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let partial = buffer
      Parallel.forEach(tasks: batch * pieces) { task, _ in
        let (sample, piece) = (task / pieces, task % pieces)
        let first = sample * size + piece * grain
        let end = sample * size + min(size, (piece + 1) * grain)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: width) { sums in
          sums.initialize(repeating: 0)
          guard let sum = sums.baseAddress else { return }
          var at = first
          while at + width <= end {
            for lane in 0..<width { sum[lane] += term(at + lane) }
            at += width
          }
          for lane in 0..<end - at { sum[lane] += term(at + lane) }
          for lane in 0..<width { partial[task * period + lane % period] += sum[lane] }
        }
      }
    }
    return (0..<count).map { entry in
      let (sample, phase) = (entry / period, entry % period)
      return (0..<pieces).reduce(0) { $0 + partial[(sample * pieces + $1) * period + phase] }
    }
  }

  /// The tensor of value(i, c), c being the coefficient of the entry of element i.
  ///
  /// - Parameter coefficients: one for each entry.
  @inline(__always)
  func mapped(
    _ shape: Shape, coefficients: [Double], _ value: (_ element: Int, _ coefficient: Float) -> Float
  ) -> Tensor {
    let (width, grain) = (width, blocksInPiece * width)
    let pieces = max(1, (size + grain - 1) / grain)
    return Tensor(uninitialized: shape) { y in
      Parallel.forEach(tasks: batch * pieces) { task, _ in
        let (sample, piece) = (task / pieces, task % pieces)
        let end = sample * size + min(size, (piece + 1) * grain)
        var at = sample * size + piece * grain
        withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { row in
          for lane in 0..<width {
            row[lane] = Float(coefficients[sample * period + lane % period])
          }
          guard let row = row.baseAddress else { return }
          while at < end {
            let lanes = min(width, end - at)
            for lane in 0..<lanes { y[at + lane] = value(at + lane, row[lane]) }
            at += lanes
          }
        }
      }
    }
  }
}
