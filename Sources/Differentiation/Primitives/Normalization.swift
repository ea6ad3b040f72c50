import LaneKernels
public import SequenceTensor

/// Rows in one piece of work: pieces, not threads, fix the order of sums.
private let rowGrain = 512

extension Variable {
  /// (x - mean)/√(variance + ε)·gain + bias over the channels of each position.
  ///
  /// - Parameters:
  ///   - gain: `[channels]`.
  ///   - bias: `[channels]`.
  ///   - epsilon: ε.
  public func layerNormalized(gain: Variable, bias: Variable, epsilon: Float = 1e-5) -> Variable {
    let (rows, width) = (shape.rows, shape.last)
    checkRow("layerNormalized gain", gain)
    checkRow("layerNormalized bias", bias)
    var statistics = Tensor(uninitialized: [rows, 2]) { _ in }
    let saved = statistics.mutablePointer()
    let y = Tensor(uninitialized: shape) { y in
      Parallel.forEachRange(rows, grain: rowGrain) { range in
        let at = range.lowerBound
        lanes.layer_norm(
          y + at * width, saved + 2 * at, value.pointer + at * width, gain.value.pointer,
          bias.value.pointer, epsilon, range.count, width)
      }
    }
    let (x, g, kept) = (value, gain.value, statistics)
    return Self.primitive([self, gain, bias], value: y) { dy in
      let (dx, sums) = rowGradients(like: x, sums: 2) { dx, sums, range in
        let at = range.lowerBound
        lanes.layer_norm_pullback(
          dx + at * width, sums, sums + width, dy.pointer + at * width, x.pointer + at * width,
          kept.pointer + 2 * at, g.pointer, range.count, width)
      }
      return [dx, sums.sliced(axis: 0, 0..<width), sums.sliced(axis: 0, width..<2 * width)]
    }
  }

  /// x/√(mean of squares + ε)·gain over the channels of each position.
  public func rmsNormalized(gain: Variable, epsilon: Float = 1e-5) -> Variable {
    let (rows, width) = (shape.rows, shape.last)
    checkRow("rmsNormalized gain", gain)
    var statistics = Tensor(uninitialized: [rows]) { _ in }
    let saved = statistics.mutablePointer()
    let y = Tensor(uninitialized: shape) { y in
      Parallel.forEachRange(rows, grain: rowGrain) { range in
        let at = range.lowerBound
        lanes.rms_norm(
          y + at * width, saved + at, value.pointer + at * width, gain.value.pointer, epsilon,
          range.count, width)
      }
    }
    let (x, g, kept) = (value, gain.value, statistics)
    return Self.primitive([self, gain], value: y) { dy in
      let (dx, sums) = rowGradients(like: x, sums: 1) { dx, sums, range in
        let at = range.lowerBound
        lanes.rms_norm_pullback(
          dx + at * width, sums, dy.pointer + at * width, x.pointer + at * width,
          kept.pointer + at, g.pointer, range.count, width)
      }
      return [dx, sums]
    }
  }

  private func checkRow(_ name: String, _ row: Variable) {
    require(
      row.shape == [shape.last], "Variable.\(name): \(row.shape) for input \(shape)")
  }
}

/// The gradient of the rows, and sums over all rows of `count` rows of channels.
private func rowGradients(
  like x: Tensor, sums count: Int,
  _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Range<Int>) -> Void
) -> (Tensor, Tensor) {
  let width = x.shape.last
  var dx = Tensor(uninitialized: x.shape) { _ in }
  let out = dx.mutablePointer()
  let sums = Tensor.reducingRows(rows: x.shape.rows, width: count * width) { sums, range in
    body(out, sums, range)
  }
  return (dx, sums)
}

/// The mean and the (biased) variance of each channel over the unmasked positions.
public struct ChannelMoments: Sendable {
  /// `[channels]`.
  public var mean: Tensor
  /// `[channels]`.
  public var variance: Tensor
  /// How many positions were counted.
  public var count: Int
}

extension Variable {
  /// Normalises each channel by its mean and variance over batch and length.
  ///
  /// Positions beyond a sequence's length count neither for the statistics nor in the output,
  /// where they are zero.
  ///
  /// - Parameters:
  ///   - gain: `[channels]`.
  ///   - bias: `[channels]`.
  ///   - mask: the lengths of the sequences; `nil` counts everything.
  ///   - epsilon: added to the variance.
  /// - Returns: the normalised sequences and the statistics, for running averages.
  public func batchNormalized(
    gain: Variable, bias: Variable, mask: SequenceMask?, epsilon: Float = 1e-5
  ) -> (Variable, ChannelMoments) {
    checkRow("batchNormalized gain", gain)
    checkRow("batchNormalized bias", bias)
    let x = mask?.applied(to: value) ?? value
    let width = shape.last
    let count = mask?.count ?? shape.rows
    let inverseCount = 1 / Float(max(1, count))
    let mean = x.summedRows() * inverseCount
    let centred = mask?.applied(to: x - mean) ?? (x - mean)
    let variance = (centred * centred).summedRows() * inverseCount
    let deviation = variance.elements.map { 1 / ($0 + epsilon).squareRoot() }
    let inverse = Tensor(deviation, shape: [width])
    let normal = centred * inverse
    let scaled = normal * gain.value + bias.value
    let y = mask?.applied(to: scaled) ?? scaled
    let g = gain.value
    let result = Self.primitive([self, gain, bias], value: y) { dy in
      let up = mask?.applied(to: dy) ?? dy
      let dgain = (up * normal).summedRows()
      let dbias = up.summedRows()
      let inner = up - (normal * dgain + dbias) * inverseCount
      let dx = inner * (g * inverse)
      return [mask?.applied(to: dx) ?? dx, dgain, dbias]
    }
    return (result, ChannelMoments(mean: mean, variance: variance, count: count))
  }
}
