public import Differentiation
public import Layers
public import SequenceTensor

/// A multilayer perceptron with sines between its linear maps: positions to the taps of a filter.
///
/// h₀ = sin(ω·(W₀z + b₀)), hᵢ = sin(ω·(Wᵢhᵢ₋₁ + bᵢ)), taps = W·hₙ. One ω for each unit serves all
/// layers, as in Hyena's code, so it belongs to the filter and not to the network. Linear maps
/// start as PyTorch's: uniform in ±1/√inputs.
public struct SineNetwork: Module {
  /// W₀, b₀ and the inner linear maps.
  public var hidden: [Linear]
  /// The last linear map, without bias.
  public var output: Linear

  /// Creates a network with random weights.
  ///
  /// - Precondition: sizes are positive, `innerLayers` is not negative.
  public init(
    inputs: Int, width: Int, innerLayers: Int, outputs: Int, trained: ParameterOptions,
    using random: inout RandomSource
  ) {
    require(innerLayers >= 0, "SineNetwork: \(innerLayers) inner layers")
    hidden = (0...innerLayers).map { layer in
      Linear(inputs: layer == 0 ? inputs : width, outputs: width, using: &random)
    }
    output = Linear(inputs: width, outputs: outputs, bias: false, using: &random)
    forEachParameter { $1.options = trained }
  }

  /// The taps for rows of positions.
  ///
  /// - Parameters:
  ///   - z: `[rows, inputs]`.
  ///   - frequency: ω, `[width]`.
  /// - Returns: `[rows, outputs]`.
  public func callAsFunction(_ z: Variable, frequency: Variable) -> Variable {
    output(hidden.reduce(z) { h, layer in (layer(h) * frequency).sine() })
  }

  /// Visits `hidden`, then `output`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("hidden", &hidden, body)
    visit("output", &output, body)
  }

  /// Visits the tensors of the original's `Sequential`, whose sines stand between the linear maps
  /// and all hold the same ω.
  mutating func forEachReference(
    frequency: inout Parameter, _ body: (ReferenceTensor, inout Parameter) -> Void
  ) {
    func linear(_ place: Int, _ layer: inout Linear) {
      layer.forEachParameter { name, parameter in
        let shape = parameter.value.shape
        body(ReferenceTensor("\(place).\(name)", shape: shape, ours: shape), &parameter)
      }
    }
    let width = frequency.value.count
    for index in hidden.indices {
      linear(2 * index, &hidden[index])
      body(
        ReferenceTensor("\(2 * index + 1).freq", shape: [1, width], ours: [width]), &frequency)
    }
    linear(2 * hidden.count, &output)
  }
}
