public import Differentiation
import SequenceTensor

/// Anything that turns parameters into the taps of a depthwise convolution.
///
/// The one abstraction of this family of models: a long convolution consumes any filter, and a
/// method is a filter.
public protocol LongFilter: Module {
  /// The number of channels that the taps have.
  var channels: Int { get }

  /// Whether the filter also looks into the future.
  var isBidirectional: Bool { get }

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
