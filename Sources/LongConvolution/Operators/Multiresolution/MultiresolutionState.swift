import Differentiation
import LaneKernels
import Layers
public import SequenceTensor

/// What a multiresolution convolution remembers between positions: for each level the approximations,
/// and where more than one detail counts the details, that its taps reach back to.
///
/// Rings start as zeros, which is what lies before the first position. A tree that reaches back over
/// L positions keeps about L rows of channels for each sequence, and L more if all details count.
public struct MultiresolutionState: Sendable {
  /// How many positions have been seen.
  public private(set) var position = 0
  /// For each level a_{j-1}, `[batch, (K - 1)·2^(j-1) + 1, channels]`, position n in row n mod rows.
  private var approximations: [Tensor]
  /// For each level with several details b_j, `[batch, (details - 1)·2^j + 1, channels]`.
  private var details: [Tensor?]

  fileprivate init(batch: Int, channels: Int, taps: Int, tree: MultiresolutionTree) {
    approximations = tree.levels.map {
      Tensor(zeros: [batch, (taps - 1) * $0.dilation + 1, channels])
    }
    details = tree.levels.map {
      $0.details.count > 1
        ? Tensor(zeros: [batch, ($0.details.count - 1) * $0.spacing + 1, channels]) : nil
    }
  }

  /// The sums before the nonlinearity at the next positions: `[batch, length, channels]`.
  fileprivate mutating func advance(
    _ x: Tensor, low: Tensor, high: Tensor, weights: Tensor, tree: MultiresolutionTree
  ) -> Tensor {
    let (batch, length, channels) = (x.shape[0], x.shape[1], x.shape[2])
    let taps = low.shape[0]
    var result = Tensor(zeros: x.shape)
    let out = result.mutablePointer()
    // Every batch has its own rows of the rings, so the tasks do not meet.
    let rings = approximations.indices.map { approximations[$0].mutablePointer() }
    let detailRings = details.indices.map { details[$0]?.mutablePointer() }
    let start = position
    /// y += Σ_k h[k]·ring[n - k·spacing].
    func add(
      _ y: UnsafeMutablePointer<Float>, _ ring: UnsafeMutablePointer<Float>, rows: Int, _ n: Int,
      _ h: UnsafePointer<Float>, count: Int, spacing: Int
    ) {
      for k in 0..<count {
        let row = (n - k * spacing) % rows
        lanes.sum_products(
          y, h + k * channels, ring + (row < 0 ? row + rows : row) * channels, 1, channels)
      }
    }
    Parallel.forEach(tasks: batch) { b, _ in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * channels) { buffer in
        guard let a = buffer.baseAddress else { return }
        let b1 = a + channels
        for n in start..<start + length {
          let at = (b * length + n - start) * channels
          a.update(from: x.pointer + at, count: channels)
          let w = weights.pointer
          lanes.sum_products(
            out + at, w + (tree.weightCount - 1) * channels, a, 1, channels)
          for (j, level) in tree.levels.enumerated() {
            let rows = (taps - 1) * level.dilation + 1
            let ring = rings[j] + b * rows * channels
            (ring + n % rows * channels).update(from: a, count: channels)
            a.update(repeating: 0, count: channels)
            add(a, ring, rows: rows, n, low.pointer, count: taps, spacing: level.dilation)
            guard !level.details.isEmpty else { continue }
            b1.update(repeating: 0, count: channels)
            add(b1, ring, rows: rows, n, high.pointer, count: taps, spacing: level.dilation)
            let gains = w + level.details.lowerBound * channels
            if let detailRing = detailRings[j] {
              let count = (level.details.count - 1) * level.spacing + 1
              let ring = detailRing + b * count * channels
              (ring + n % count * channels).update(from: b1, count: channels)
              add(
                out + at, ring, rows: count, n, gains, count: level.details.count,
                spacing: level.spacing)
            } else {
              lanes.sum_products(out + at, gains, b1, 1, channels)
            }
          }
          lanes.sum_products(out + at, w, a, 1, channels)
        }
      }
    }
    position += length
    return result
  }
}

extension MultiresolutionConvolution {
  /// Rings of zeros.
  public func initialState(batch: Int) -> MultiresolutionState {
    MultiresolutionState(batch: batch, channels: channels, taps: options.taps, tree: tree)
  }

  /// The output at the next position, `[batch, channels]`, in O(taps·depth + weights) for a channel.
  public func step(_ x: Tensor, _ state: inout MultiresolutionState) -> Tensor {
    chunk(x.reshaped(x.shape[0], 1, x.shape[1]), &state).reshaped(to: x.shape)
  }

  /// The outputs at the next positions, `[batch, length, channels]`.
  public func chunk(_ x: Tensor, _ state: inout MultiresolutionState) -> Tensor {
    require(
      x.shape.rank == 3 && x.shape[2] == channels,
      "MultiresolutionConvolution.chunk: \(x.shape) is not [batch, length, \(channels)]")
    let sums = state.advance(
      x, low: lowPass.value, high: highPass.value, weights: weights.value, tree: tree)
    return Variable(sums).gelu().value
  }
}
