public import Differentiation
public import Layers
public import SequenceTensor
import SpectralCore

/// W·(h * x + b) + c: a depthwise convolution, then a map of the channels.
///
/// CCNN's `SeparableFlexConv` and `SeparableCKConv`.
public struct SeparableConvolution<Filter: LongFilter>: SequenceMixer {
  /// h.
  public var filter: Filter
  /// b, `[inputs]`, zero at the start.
  public var bias: Parameter?
  /// Whether odd lengths are treated as in the originals' code; not unless set.
  public var authorsTransform: AuthorsTransform?
  /// W ~ N(0, 2/inputs) and c = 0 at the start.
  public var mixing: Linear

  /// Creates a convolution from the filter's channels to `outputs`.
  public init(_ filter: Filter, outputs: Int, bias: Bool = true, using random: inout RandomSource) {
    self.filter = filter
    self.bias =
      bias ? Parameter(Tensor(zeros: [filter.channels]), ParameterOptions(weightDecay: 0)) : nil
    mixing = .kaiming(inputs: filter.channels, outputs: outputs, bias: bias, using: &random)
  }

  /// `[batch, length, outputs]` from `[batch, length, inputs]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    let u = filter.isBidirectional ? x.masked(mask) : x
    let y = convolved(u)
    guard let bias else { return mixing(y) }
    return mixing(y + bias(on: x.tape))
  }

  private func convolved(_ u: Variable) -> Variable {
    if authorsTransform != nil,
      let y = u.convolved(
        withAuthorsTransformOf: .originalKernel(filter, length: u.shape[1], on: u.tape),
        isCentred: filter.isBidirectional, authorsTransform)
    {
      return y
    }
    return u.convolved(
      with: filter.shortTaps(length: u.shape[1], on: u.tape),
      boundary: filter.isBidirectional ? .twoSided : .causal)
  }

  /// Visits `filter`, `bias`, `mixing`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("filter", &filter, body)
    bias.forEachValue { body("bias", &$0) }
    visit("mixing", &mixing, body)
  }
}

extension SeparableConvolution: ReferenceCompatible where Filter: ReferenceCompatible {
  /// The authors' `Kernel.…`, `bias` and `channel_mixer`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    visitReferences("", &filter, body)
    let shape: Shape = [filter.channels]
    bias.forEachValue { body(ReferenceTensor("bias", shape: shape, ours: shape), &$0) }
    mixing.forEachReference("channel_mixer", isConvolution: true, body)
  }
}

extension Linear {
  /// Weights from N(0, 2/inputs) and no bias, as He et al., 2015.
  static func kaiming(
    inputs: Int, outputs: Int, bias: Bool = true, using random: inout RandomSource
  ) -> Linear {
    var layer = Linear(inputs: inputs, outputs: outputs, bias: bias, using: &random)
    let deviation = (2 / Float(inputs)).squareRoot()
    layer.weight.value = Tensor(normal: [outputs, inputs], deviation: deviation, using: &random)
    layer.bias.forEachValue { $0.value = Tensor(zeros: [outputs]) }
    return layer
  }
}
