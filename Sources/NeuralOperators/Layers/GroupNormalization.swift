package import Differentiation
import LaneKernels
import SequenceTensor

extension Variable {
  /// Normalises each group of neighbouring channels of each grid by its mean and variance, then
  /// (x - mean)/√(variance + ε)·gain + bias.
  ///
  /// - Parameters:
  ///   - groups: the number of groups; as many as channels normalises each channel.
  ///   - gain: `[channels]`; nil for 1.
  ///   - bias: `[channels]`; nil for 0.
  ///   - epsilon: ε.
  /// - Returns: the same shape.
  /// - Precondition: `self` is `[batch, …, channels]` and groups divide the channels.
  package func groupNormalized(
    groups: Int, gain: Variable? = nil, bias: Variable? = nil, epsilon: Float = 1e-5
  ) -> Variable {
    let channels = shape.last
    require(
      groups > 0 && channels % groups == 0 && shape.rank >= 2
        && gain?.shape ?? [channels] == [channels] && bias?.shape ?? [channels] == [channels],
      "Variable.groupNormalized: \(groups) groups, gain \(gain.map { "\($0.shape)" } ?? "none"),"
        + " bias \(bias.map { "\($0.shape)" } ?? "none") for \(shape)")
    let work = GroupNormalization(
      batch: shape[0], rows: value.count / max(1, shape[0] * channels), channels: channels,
      groups: groups)
    let (normal, inverse) = work.normalized(value, epsilon: epsilon)
    let gains = gain?.value
    var y = gains.map { normal * $0 } ?? normal
    if let bias { y = y + bias.value }
    return Self.primitive([self] + [gain, bias].compactMap { $0 }, value: y) { dy in
      let (dx, dgain, dbias) = work.gradients(dy, normal: normal, inverse: inverse, gain: gains)
      return [dx] + (gain == nil ? [] : [dgain]) + (bias == nil ? [] : [dbias])
    }
  }
}

/// The sums of `Variable.groupNormalized`, one grid of a batch after the other in parallel.
private struct GroupNormalization {
  let batch: Int
  /// Points of a grid.
  let rows: Int
  let channels: Int
  let groups: Int

  private var width: Int { channels / groups }
  private var count: Double { Double(max(1, rows * width)) }

  /// For each channel the mean over its group of sums for each channel.
  private func groupMeans(_ sums: UnsafeMutablePointer<Float>) {
    for group in 0..<groups {
      var total = 0.0
      for c in group * width..<(group + 1) * width { total += Double(sums[c]) }
      let mean = Float(total / count)
      for c in group * width..<(group + 1) * width { sums[c] = mean }
    }
  }

  /// (x - mean)/deviation, and 1/deviation for each grid and channel.
  func normalized(_ x: Tensor, epsilon: Float) -> (normal: Tensor, inverse: Tensor) {
    let (rows, channels) = (rows, channels)
    var inverse = Tensor(zeros: [batch, channels])
    var shifts = Tensor(zeros: [batch, channels])
    let (scales, means) = (inverse.mutablePointer(), shifts.mutablePointer())
    let normal = Tensor(uninitialized: x.shape) { y in
      Parallel.forEach(tasks: batch) { item, _ in
        let (from, to) = (x.pointer + item * rows * channels, y + item * rows * channels)
        let (scale, mean) = (scales + item * channels, means + item * channels)
        lanes.sum_rows(mean, from, rows, channels)
        groupMeans(mean)
        lanes.sum_squared_deviations(scale, from, mean, rows, channels)
        groupMeans(scale)
        for c in 0..<channels {
          scale[c] = 1 / (scale[c] + epsilon).squareRoot()
          mean[c] *= -scale[c]
        }
        lanes.affine_rows(to, from, scale, mean, rows, channels)
      }
    }
    return (normal, inverse)
  }

  /// The gradients of input, gain and bias.
  ///
  /// dx = (dy·gain - mean(dy·gain) - x̂·mean(dy·gain·x̂))/deviation with means over groups.
  func gradients(
    _ dy: Tensor, normal: Tensor, inverse: Tensor, gain: Tensor?
  ) -> (Tensor, Tensor, Tensor) {
    let (rows, channels) = (rows, channels)
    var sums = Tensor(zeros: [2, batch, channels])
    let base = sums.mutablePointer()
    let scratch = Tensor(repeating: 1, shape: [channels])
    let gains = gain ?? scratch
    let dx = Tensor(uninitialized: dy.shape) { dx in
      Parallel.forEach(tasks: batch) { item, _ in
        let at = item * rows * channels
        let (up, x, to) = (dy.pointer + at, normal.pointer + at, dx + at)
        let (products, plain) = (
          base + item * channels, base + (batch + item) * channels
        )
        lanes.sum_products(products, up, x, rows, channels)
        lanes.sum_rows(plain, up, rows, channels)
        var factors = Tensor(uninitialized: [3, channels]) { _ in }
        let (a, b, c) = (
          factors.mutablePointer(), factors.mutablePointer() + channels,
          factors.mutablePointer() + 2 * channels
        )
        for i in 0..<channels {
          b[i] = products[i] * gains.pointer[i]
          c[i] = plain[i] * gains.pointer[i]
        }
        groupMeans(b)
        groupMeans(c)
        let scale = inverse.pointer + item * channels
        for i in 0..<channels {
          a[i] = gains.pointer[i] * scale[i]
          b[i] *= -scale[i]
          c[i] *= -scale[i]
        }
        for row in 0..<rows {
          for i in 0..<channels {
            let j = row * channels + i
            to[j] = up[j] * a[i] + x[j] * b[i] + c[i]
          }
        }
      }
    }
    let totals = sums.sum(axis: 1)
    return (
      dx, totals.sliced(axis: 0, 0..<1).reshaped(to: [channels]),
      totals.sliced(axis: 0, 1..<2).reshaped(to: [channels])
    )
  }
}
