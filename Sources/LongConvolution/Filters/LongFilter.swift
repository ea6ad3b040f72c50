public import Differentiation
import SequenceTensor

/// What a filter does for sequences of another length than the one that it was made for.
public enum LengthSemantics: String, Sendable, Hashable, Codable {
  /// Its first taps, and zeros beyond its last.
  case crop
  /// Its taps are samples of a function on a fixed interval, which are taken anew.
  case resample
  /// Its formula holds for all lags.
  case extrapolate
}

/// Anything that turns parameters into the taps of a depthwise convolution.
///
/// The one abstraction of this family of models: a long convolution consumes any filter, and a
/// method is a filter.
public protocol LongFilter: Module {
  /// The number of channels that the taps have.
  var channels: Int { get }

  /// Whether the filter also looks into the future.
  var isBidirectional: Bool { get }

  /// What the taps are for a length other than the filter's own.
  var lengthSemantics: LengthSemantics { get }

  /// The taps for a sequence of a length.
  ///
  /// Without a tape they depend on the filter and the length alone: layers keep them until the
  /// filter is written to.
  ///
  /// - Parameters:
  ///   - length: L, the length of the sequence.
  ///   - tape: where the computation is recorded.
  /// - Returns: `[L, channels]`, row j for lag j; of a bidirectional filter `[2L - 1, channels]`,
  ///   row j for lag j - (L - 1).
  func taps(length: Int, on tape: Tape?) -> Variable
}
