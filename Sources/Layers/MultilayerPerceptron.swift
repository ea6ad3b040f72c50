public import Differentiation
public import SequenceTensor

/// Two linear maps with a nonlinearity between: y = W₂·f(W₁·x + b₁) + b₂, for each position.
public struct MultilayerPerceptron: Layer {
  /// W₁ and b₁.
  public var inner: Linear
  /// W₂ and b₂.
  public var outer: Linear
  /// f.
  public let activation: Activation

  /// Creates a perceptron with random weights, uniform in ±1/√inputs.
  ///
  /// - Parameters:
  ///   - channels: the channels of input and output.
  ///   - width: the channels between, 4 times as many by default.
  ///   - activation: f; for `.glu` W₁ is made wide enough.
  ///   - random: where the initial weights come from.
  public init(
    channels: Int, width: Int? = nil, activation: Activation = .gelu,
    using random: inout RandomSource
  ) {
    let width = width ?? 4 * channels
    inner = Linear(inputs: channels, outputs: width * activation.inputFactor, using: &random)
    outer = Linear(inputs: width, outputs: channels, using: &random)
    self.activation = activation
  }

  /// Maps `[…, channels]` to the same shape.
  public func callAsFunction(_ x: Variable) -> Variable {
    guard let bias = inner.bias else { return outer(activation(inner(x))) }
    return outer(
      x.projected(
        weight: inner.weight(on: x.tape), bias: bias(on: x.tape), inputActivation: .identity,
        activation: activation))
  }

  /// Visits `inner`, then `outer`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("inner", &inner, body)
    visit("outer", &outer, body)
  }
}
