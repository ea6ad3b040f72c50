public import NeuralOperators
public import SequenceTensor

/// Settings of the Fourier neural operator as its paper's scripts have it.
public struct PublishedFourierSettings: OperatorSettings {
  /// `fno-published`.
  public static let modelName = "fno-published"

  /// The frequencies kept of each grid axis: 0 ..< m of the last, -m ..< m of the others.
  public var frequencies = 12
  /// The channels between.
  public var width = 32
  /// The number of Fourier layers.
  public var layers = 4
  /// The channels between the two maps behind them.
  public var projection = 128
  /// Zeros behind the end of each grid axis while it is in the layers, in points.
  public var padding = 0

  /// The sizes of the Darcy script, without its padding.
  public init(forTraining: Void) {}

  /// The settings themselves.
  public func resolved(for fields: FieldShapes) -> Self { self }

  /// Checks the ranges.
  ///
  /// - Throws: `ConfigurationError`.
  public func validate() throws(ConfigurationError) {
    try ConfigurationCheck.range(frequencies, 1...(1 << 16), "model.frequencies")
    try ConfigurationCheck.range(width, 1...(1 << 16), "model.width")
    try ConfigurationCheck.range(layers, 1...(1 << 10), "model.layers")
    try ConfigurationCheck.range(projection, 1...(1 << 20), "model.projection")
    try ConfigurationCheck.range(padding, 0...(1 << 16), "model.padding")
  }

  /// The weights of the spectral convolutions.
  public func leastValues(_ fields: FieldShapes) -> Int {
    (1..<max(1, fields.grid.count)).reduce(
      ConfigurationCheck.product(2, layers, width, ConfigurationCheck.product(width, frequencies))
    ) { product, _ in ConfigurationCheck.product(product, 2, frequencies) }
  }

  /// An operator with random weights.
  public func makeOperator(
    _ fields: FieldShapes, using random: inout RandomSource
  ) -> any NeuralOperator {
    let axes = fields.grid.count
    var options = PublishedFourierNeuralOperatorOptions(
      inputs: fields.inputs, outputs: fields.outputs,
      frequencies: Array(repeating: frequencies, count: axes), width: width)
    options.layers = layers
    options.projection = projection
    options.padding = Array(repeating: padding, count: axes)
    return PublishedFourierNeuralOperator(options: options, using: &random)
  }
}

/// Settings of the U-shaped neural operator: five blocks, halved grids in the middle.
public struct UShapedSettings: OperatorSettings {
  /// `uno`.
  public static let modelName = "uno"

  /// The modes of each grid axis in the outer blocks; half of them in the inner ones.
  public var modes = 16
  /// The channels of the outer blocks; twice as many in the inner ones.
  public var channels = 32
  /// The inner channels of the perceptron in front.
  public var liftingChannels = 64
  /// The inner channels of the perceptron behind.
  public var projectionChannels = 64

  /// Small enough for grids of 16 points an axis.
  public init(forTraining: Void) {}

  /// The settings themselves.
  public func resolved(for fields: FieldShapes) -> Self { self }

  /// Checks the ranges.
  ///
  /// - Throws: `ConfigurationError`.
  public func validate() throws(ConfigurationError) {
    try ConfigurationCheck.range(modes, 2...(1 << 16), "model.modes")
    try ConfigurationCheck.range(channels, 1...(1 << 16), "model.channels")
    try ConfigurationCheck.range(liftingChannels, 1...(1 << 20), "model.liftingChannels")
    try ConfigurationCheck.range(projectionChannels, 1...(1 << 20), "model.projectionChannels")
  }

  /// The weights of the outer spectral convolutions.
  public func leastValues(_ fields: FieldShapes) -> Int {
    let kept = fields.grid.indices.map { $0 == fields.grid.count - 1 ? modes / 2 + 1 : modes }
    return kept.reduce(ConfigurationCheck.product(4, channels, channels)) {
      ConfigurationCheck.product($0, $1)
    }
  }

  /// An operator with random weights.
  public func makeOperator(
    _ fields: FieldShapes, using random: inout RandomSource
  ) -> any NeuralOperator {
    let axes = fields.grid.count
    func layer(
      _ channels: Int, _ modes: Int, _ scaling: Double
    ) -> UShapedNeuralOperatorOptions.Layer {
      UShapedNeuralOperatorOptions.Layer(
        channels: channels, modes: Array(repeating: modes, count: axes),
        scaling: Array(repeating: scaling, count: axes))
    }
    var options = UShapedNeuralOperatorOptions(
      inputs: fields.inputs, outputs: fields.outputs, channels: channels,
      layers: [
        layer(channels, modes, 1), layer(2 * channels, modes / 2, 0.5),
        layer(2 * channels, modes / 2, 1), layer(2 * channels, modes / 2, 2),
        layer(channels, modes, 1),
      ])
    options.liftingChannels = liftingChannels
    options.projectionChannels = projectionChannels
    // Blocks change the number of channels, which a gate cannot.
    options.block.channelSkip = .linear
    return UShapedNeuralOperator(options: options, using: &random)
  }
}

/// Settings of the Fourier neural operator factorised by axes.
public struct FactorizedFourierSettings: OperatorSettings {
  /// `ffno`.
  public static let modelName = "ffno"

  /// The modes kept of each grid axis, of the real transform along it.
  public var modes = 8
  /// The channels between.
  public var width = 64
  /// The number of layers.
  public var layers = 4
  /// Whether all layers share the weights of their modes.
  public var sharesWeights = true
  /// The inner channels of the feed-forward parts, as a multiple of `width`.
  public var feedForwardFactor = 4
  /// Zeros behind each axis inside, for fields that are not periodic.
  public var padding = 0

  /// Small enough for grids of 16 points an axis.
  public init(forTraining: Void) {}

  /// The settings themselves.
  public func resolved(for fields: FieldShapes) -> Self { self }

  /// Checks the ranges.
  ///
  /// - Throws: `ConfigurationError`.
  public func validate() throws(ConfigurationError) {
    try ConfigurationCheck.range(modes, 1...(1 << 16), "model.modes")
    try ConfigurationCheck.range(width, 1...(1 << 16), "model.width")
    try ConfigurationCheck.range(layers, 1...(1 << 10), "model.layers")
    try ConfigurationCheck.range(feedForwardFactor, 1...1024, "model.feedForwardFactor")
    try ConfigurationCheck.range(padding, 0...(1 << 16), "model.padding")
  }

  /// The weights of the modes of each axis, once.
  public func leastValues(_ fields: FieldShapes) -> Int {
    ConfigurationCheck.product(
      2, fields.grid.count, modes, ConfigurationCheck.product(width, width))
  }

  /// An operator with random weights.
  public func makeOperator(
    _ fields: FieldShapes, using random: inout RandomSource
  ) -> any NeuralOperator {
    var options = FactorizedFourierOptions(
      inputChannels: fields.inputs, outputChannels: fields.outputs,
      modes: Array(repeating: modes, count: fields.grid.count))
    options.width = width
    options.layers = layers
    options.sharesWeights = sharesWeights
    options.feedForwardFactor = feedForwardFactor
    options.padding = padding
    return FactorizedFourierNeuralOperator(options, using: &random)
  }
}
