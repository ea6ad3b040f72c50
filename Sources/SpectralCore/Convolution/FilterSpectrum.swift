package import SequenceTensor

/// A filter in the form in which one kind of plan applies it, to be kept while it stays the same.
///
/// A spectrum is not a tensor: it belongs to the plan that made it, its bins lie in that plan's
/// order and its scale is the plan's own.
public struct FilterSpectrum: Sendable {
  /// The problem that it was made for.
  public let problem: ConvolutionProblem
  /// How plans that can apply it compute.
  let way: ConvolutionWay
  /// Which column of the filter meets which channel.
  let layout: FilterLayout
  /// The bins in the backend's order, or the taps themselves for a direct plan.
  package let values: Tensor
  /// Which bins of a frequency-sparse filter are kept, or nil if all are.
  public internal(set) var pattern: SparsityPattern?

  /// The number of channels of the sequences.
  public var channels: Int { layout.channels }
  /// The number of groups of neighbouring channels that share a filter; `channels` if none do.
  public var heads: Int { layout.heads }
  /// The number of sequences that have filters of their own; `nil` if one serves the whole batch.
  public var batch: Int? { layout.batch }
}
