import SequenceTensor

/// A filter in the form in which one kind of plan applies it, to be kept while it stays the same.
///
/// A spectrum is not a tensor: it belongs to the plan that made it, its bins lie in that plan's
/// order and its scale is the plan's own.
public struct FilterSpectrum: Sendable {
  /// The problem that it was made for.
  public let problem: ConvolutionProblem
  /// The number of channels.
  public let channels: Int
  /// `[channels, N, 2]`, or the taps themselves for a direct plan.
  let values: Tensor
  /// Which bins of a frequency-sparse filter are kept, or nil if all are.
  public internal(set) var pattern: SparsityPattern?
}
