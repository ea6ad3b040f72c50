public import Differentiation
public import Layers
public import SequenceTensor

/// One layer of a factorized Fourier neural operator: f(Σ_axis K_axis x).
///
/// K are convolutions along single axes. f is a feed-forward part at each point: linear maps with a
/// nonlinearity between them. The residual connection is outside, after f.
public struct FactorizedFourierLayer: Layer {
  /// The convolutions, one for each axis; empty if they are shared with other layers.
  public var convolutions: [AxisSpectralConvolution]
  /// The maps of the feed-forward part.
  public var maps: [WeightNormalizedLinear]
  /// At the end of the feed-forward part.
  public var norm: LayerNorm?
  /// Between the maps.
  public let activation: Activation
  /// After each map.
  public let dropout: Dropout

  /// Creates a layer.
  public init(_ options: FactorizedFourierOptions, using random: inout RandomSource) {
    let width = options.width
    convolutions = options.sharesWeights ? [] : Self.convolutions(options, using: &random)
    let count = options.feedForwardLayers
    maps = (0..<count).map { index in
      WeightNormalizedLinear(
        inputs: index == 0 ? width : width * options.feedForwardFactor,
        outputs: index == count - 1 ? width : width * options.feedForwardFactor,
        isNormalized: options.normalizesWeights, using: &random)
    }
    norm = options.normalizesLayers ? LayerNorm(channels: width) : nil
    activation = options.activation
    dropout = Dropout(options.dropout)
  }

  /// A convolution for each axis.
  static func convolutions(
    _ options: FactorizedFourierOptions, using random: inout RandomSource
  ) -> [AxisSpectralConvolution] {
    options.modes.indices.map { axis in
      AxisSpectralConvolution(
        inputs: options.width, outputs: options.width, modes: options.modes[axis], axis: axis,
        gain: options.gain, using: &random)
    }
  }

  /// Maps `[batch, x, (y, (z,)) width]` to the same shape, by the layer's own convolutions.
  public func callAsFunction(_ x: Variable) -> Variable { self(x, convolutions: convolutions) }

  /// Maps `[batch, x, (y, (z,)) width]` to the same shape.
  func callAsFunction(_ x: Variable, convolutions: [AxisSpectralConvolution]) -> Variable {
    require(!convolutions.isEmpty, "FactorizedFourierLayer: no convolutions for \(x.shape)")
    let mixed = convolutions.dropFirst().reduce(convolutions[0](x)) { $0 + $1(x) }
    var result = mixed
    for (index, map) in maps.enumerated() {
      result = dropout(map(result))
      if index < maps.count - 1 { result = activation(result) }
    }
    return norm?(result) ?? result
  }

  /// Visits the convolutions, the maps and the normalisation.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("convolutions", &convolutions, body)
    visit("maps", &maps, body)
    visit("norm", &norm, body)
  }
}
