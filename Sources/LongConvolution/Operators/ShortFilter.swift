public import Differentiation
public import Layers
public import SequenceTensor

/// A causal depthwise convolution with a few taps and a bias: y[n] = Σ h[j]·x[n - j] + b.
///
/// Taps and bias start uniform in ±1/√taps, as PyTorch's depthwise `Conv1d`; row j is lag j, the
/// last tap of PyTorch's cross-correlation being lag 0.
public struct ShortFilter: ReferenceCompatible {
  /// h, `[taps, channels]`.
  public var weight: Parameter
  /// b, `[channels]`.
  public var bias: Parameter

  /// Creates a filter with random taps.
  ///
  /// - Precondition: sizes are positive.
  public init(taps: Int, channels: Int, using random: inout RandomSource) {
    require(taps > 0 && channels > 0, "ShortFilter: \(taps) taps, \(channels) channels")
    let bound = 1 / Float(taps).squareRoot()
    weight = Parameter(Tensor(uniform: [taps, channels], from: -bound, to: bound, using: &random))
    bias = Parameter(
      Tensor(uniform: [channels], from: -bound, to: bound, using: &random),
      ParameterOptions(weightDecay: 0))
  }

  /// Applies the columns of a range of channels to `[batch, length, that many channels]`.
  public func callAsFunction(_ x: Variable, channels: Range<Int>) -> Variable {
    let filter = weight(on: x.tape).sliced(axis: 1, channels)
    return x.convolved(with: filter) + bias(on: x.tape).sliced(axis: 0, channels)
  }

  /// Visits `weight`, then `bias`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("weight", &weight)
    body("bias", &bias)
  }

  /// The names of PyTorch's `Conv1d`: `weight`, `[channels, 1, taps]`, and `bias`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    let (taps, channels) = (weight.value.shape[0], weight.value.shape[1])
    let shape: Shape = [channels, 1, taps]
    body(
      ReferenceTensor(
        "weight", shape: shape,
        toOurs: { $0.reshaped(channels, taps).transposed().flipped(axis: 0) },
        toTheirs: { $0.flipped(axis: 0).transposed().reshaped(to: shape) }), &weight)
    body(ReferenceTensor("bias", shape: [channels], ours: [channels]), &bias)
  }
}
