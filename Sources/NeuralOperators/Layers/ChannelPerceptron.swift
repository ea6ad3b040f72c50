public import Differentiation
public import Layers
public import SequenceTensor

/// Linear maps of the channels of each point with nonlinearities between: Wₙ·f(…f(W₁·x + b₁)…) + bₙ.
///
/// Source: `ChannelMLP` of neuraloperator 2.0 (`neuralop/layers/channel_mlp.py`), convolutions of
/// one point there. Weights and biases start uniform in ±1/√inputs, as in PyTorch.
public struct ChannelPerceptron: Layer {
  /// The maps, first to last.
  public var maps: [Linear]
  /// f.
  public let activation: Activation
  /// The probability with which values become zero behind each map, the last one too.
  public let dropout: Float

  /// Creates a perceptron with random weights.
  ///
  /// - Parameters:
  ///   - inputs: the channels that go in.
  ///   - width: the channels between.
  ///   - outputs: the channels that come out.
  ///   - layers: the number of maps.
  ///   - activation: f.
  ///   - dropout: a probability.
  ///   - random: where the initial weights come from.
  public init(
    inputs: Int, width: Int, outputs: Int, layers: Int = 2, activation: Activation = .gelu,
    dropout: Float = 0, using random: inout RandomSource
  ) {
    require(
      layers > 0 && activation.inputFactor == 1,
      "ChannelPerceptron: \(layers) maps, \(activation) between")
    maps = (0..<layers).map {
      Linear(
        inputs: $0 == 0 ? inputs : width, outputs: $0 == layers - 1 ? outputs : width,
        using: &random)
    }
    self.activation = activation
    self.dropout = dropout
  }

  /// Maps `[…, inputs]` to `[…, outputs]`.
  public func callAsFunction(_ x: Variable) -> Variable {
    if isFused { return maps[0].followed(by: maps[1], activation: activation, x) }
    var y = x
    for (index, map) in maps.enumerated() {
      let isLast = index == maps.count - 1
      if !isLast, let bias = map.bias {
        y = y.projected(
          weight: map.weight(on: x.tape), bias: bias(on: x.tape), inputActivation: .identity,
          activation: activation)
      } else {
        y = map(y)
      }
      if dropout > 0 { y = y.dropout(dropout) }
    }
    return y
  }

  /// Whether the whole is one primitive.
  private var isFused: Bool { maps.count == 2 && dropout == 0 }

  /// f(W₂·g(W₁·x + b₁) + b₂ + v·s), in one primitive; nil where the perceptron is not of one.
  ///
  /// - Parameters:
  ///   - x: `[…, inputs]`.
  ///   - v: `[…, outputs]`.
  ///   - gate: s, `[outputs]`.
  ///   - outputActivation: f.
  func gated(
    _ x: Variable, adding v: Variable, gate: Variable, outputActivation: Activation
  ) -> Variable? {
    guard isFused else { return nil }
    return maps[0].followed(
      by: maps[1], activation: activation, x, gated: (v, gate), outputActivation: outputActivation)
  }

  /// Visits the maps as `fcs`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("fcs", &maps, body)
  }
}

extension ChannelPerceptron: ReferenceCompatible {
  /// Visits weights `[outputs, inputs, 1]` and biases.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    for index in maps.indices {
      maps[index].visitPointwise("fcs.\(index)", axes: 1, body)
    }
  }
}

extension Linear {
  /// Another map of an activation of this one: in one primitive if both have biases.
  func followed(
    by output: Linear, activation: Activation, _ x: Variable,
    gated: (x: Variable, gate: Variable)? = nil, outputActivation: Activation = .identity
  ) -> Variable {
    guard let bias, let outputBias = output.bias, activation != .glu else {
      let y = output(activation(self(x)))
      guard let gated else { return outputActivation(y) }
      return y.gatedSum(gated.x, gate: gated.gate, activation: outputActivation)
    }
    return x.perceptron(
      weight: weight(on: x.tape), bias: bias(on: x.tape), activation: activation,
      outputWeight: output.weight(on: x.tape), outputBias: outputBias(on: x.tape), gated: gated,
      outputActivation: outputActivation)
  }

  /// Visits the weight `[outputs, inputs, 1…]` of a convolution of one point, and the bias.
  mutating func visitPointwise(
    _ name: String, axes: Int, _ body: (ReferenceTensor, inout Parameter) -> Void
  ) {
    let shape = weight.value.shape
    body(
      ReferenceTensor(
        "\(name).weight", shape: Shape(shape.sizes + Array(repeating: 1, count: axes)),
        ours: shape), &weight)
    bias.forEachValue {
      body(ReferenceTensor("\(name).bias", shape: $0.value.shape, ours: $0.value.shape), &$0)
    }
  }
}
