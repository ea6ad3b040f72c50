import LaneKernels
import SequenceTensor

/// Which modes of one axis of a grid are kept, and in which rows of a spectrum they lie.
///
/// Mode k of an axis of n points has frequency k/n cycles a point. Of the axis whose values are
/// real only modes 0...n/2 are looked at, the others being their conjugates.
struct AxisModes: Hashable, Sendable {
  /// The number of grid points.
  let size: Int
  /// The number of rows of the spectrum; rows of modes that the grid does not have are zero.
  let count: Int
  /// Whether the values are real, so that half of the modes say all.
  let isHalved: Bool
  /// Modes 0..<positive are in the rows from `positiveRow` on.
  let positive: Int
  let positiveRow: Int
  /// Modes -negative..<0 are in the rows from `negativeRow` on.
  let negative: Int
  let negativeRow: Int

  /// The first `count` modes of an axis of real values.
  static func halved(count: Int, size: Int) -> AxisModes {
    AxisModes(
      size: size, count: count, isHalved: true, positive: min(count, size / 2 + 1),
      positiveRow: 0, negative: 0, negativeRow: 0)
  }

  /// Modes -count/2 ..< count - count/2 of an axis of complex values, in this order.
  static func centred(count: Int, size: Int) -> AxisModes {
    let negative = min(count / 2, size / 2)
    return AxisModes(
      size: size, count: count, isHalved: false,
      positive: min(count - count / 2, size - size / 2), positiveRow: count / 2,
      negative: negative, negativeRow: count / 2 - negative)
  }

  /// All modes of an axis of complex values, the negative ones after the others.
  static func wrapped(size: Int) -> AxisModes {
    let positive = size - size / 2
    return AxisModes(
      size: size, count: size, isHalved: false, positive: positive, positiveRow: 0,
      negative: size / 2, negativeRow: positive)
  }

  /// Whether the grid has every mode that there is a row for.
  var isComplete: Bool { positive + negative == count }

  /// The number of different |k|: modes that share cosines and, but for the sign, sines.
  var magnitudes: Int { max(positive, negative + 1) }

  /// The same for the kernels.
  var lanes: LaneModes {
    LaneModes(
      size: size, positive: positive, positive_row: positiveRow, negative: negative,
      negative_row: negativeRow)
  }
}

/// What the sums of one axis are multiplied by.
struct AxisWeights: Hashable, Sendable {
  /// A factor of all modes.
  let scale: Double
  /// Whether the modes of a halved axis that stand for their conjugates too count twice: all but
  /// 0 and, of an even number n of points, n/2.
  let doublesInterior: Bool

  /// The factor of mode k.
  func weight(of k: Int, in modes: AxisModes) -> Double {
    let isInterior = modes.isHalved && k != 0 && 2 * k != modes.size
    return doublesInterior && isInterior ? 2 * scale : scale
  }
}

extension Normalization {
  /// The weights of an axis by its number of points; those of a grid are the products of its axes'.
  func weights(
    _ scale: KeyPath<(forward: Double, inverse: Double), Double>, doublesInterior: Bool
  ) -> (_ size: Int) -> AxisWeights {
    { size in
      AxisWeights(scale: scales(count: size)[keyPath: scale], doublesInterior: doublesInterior)
    }
  }
}
