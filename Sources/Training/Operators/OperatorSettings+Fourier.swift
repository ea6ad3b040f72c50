public import Differentiation
public import NeuralOperators
public import SequenceTensor

/// Settings of the Fourier neural operator of neuraloperator 2.0.
public struct FourierSettings: OperatorSettings {
  /// `fno`.
  public static let modelName = "fno"

  /// The modes of each grid axis, negative frequencies included.
  public var modes = 16
  /// The channels between.
  public var channels = 32
  /// The number of blocks.
  public var layers = 4
  /// The inner channels of the perceptron in front, as a multiple of `channels`.
  public var liftingRatio = 2.0
  /// The inner channels of the perceptron behind, as a multiple of `channels`.
  public var projectionRatio = 2.0
  /// Whether coordinates are joined to the input.
  public var hasCoordinates = true
  /// Whether the coordinates of the last points are 1, and not one spacing less.
  public var includesEnd = false
  /// The points of each axis of a coarser grid that the operator works on; none for the fields' own.
  ///
  /// Fields are brought to it, and the result back (`CoarseGridOperator`): with `includesEnd` as grids
  /// between walls, else as periodic ones.
  public var coarsePoints: Int?
  /// Zeros round the grid while it is in the blocks, as a fraction of its points.
  public var padding = 0.0
  /// Whether the zeros lie on both sides.
  public var padsSymmetrically = true
  /// The nonlinearity.
  public var activation = Activation.gelu
  /// The normalisation of each half of a block.
  public var normalization: GridNormalizationKind?
  /// Whether nonlinearity and normalisation come in front of the convolution.
  public var isPreactivated = false
  /// Whether what goes into a convolution passes tanh first.
  public var isStabilized = false
  /// What goes round a convolution.
  public var skip: SkipKind? = .linear
  /// Whether a perceptron of the channels follows each convolution.
  public var hasChannelPerceptron = true
  /// The perceptron's inner channels, as a multiple of the block's.
  public var channelExpansion = 0.5
  /// The dropout of the perceptron.
  public var channelDropout: Float = 0
  /// What goes round the perceptron.
  public var channelSkip: SkipKind? = .softGating
  /// The form of factorised weights; none for dense ones.
  public var factorization: WeightFactorization.Form?
  /// The part of the parameters of dense weights that the factors have.
  public var rank = 1.0

  /// The defaults of neuraloperator.
  public init(forTraining: Void) {}

  /// The settings themselves.
  public func resolved(for fields: FieldShapes) -> Self { self }

  /// Checks the ranges.
  ///
  /// - Throws: `ConfigurationError`.
  public func validate() throws(ConfigurationError) {
    try ConfigurationCheck.range(modes, 1...(1 << 16), "model.modes")
    try ConfigurationCheck.range(channels, 1...(1 << 16), "model.channels")
    try ConfigurationCheck.range(layers, 1...(1 << 10), "model.layers")
    try ConfigurationCheck.range(coarsePoints ?? 2, 2...(1 << 12), "model.coarsePoints")
    for (key, value) in [
      ("liftingRatio", liftingRatio), ("projectionRatio", projectionRatio),
      ("channelExpansion", channelExpansion),
    ] {
      try ConfigurationCheck.that(
        value * Double(channels) >= 1 && value <= 1024, "model.\(key)",
        "at least one channel and at most 1024 times as many", value)
    }
    try ConfigurationCheck.that((0...4).contains(padding), "model.padding", "in 0...4", padding)
    try ConfigurationCheck.fraction(channelDropout, "model.channelDropout")
    try ConfigurationCheck.that(
      activation != .glu, "model.activation", "one that keeps the channels", activation.rawValue)
    try ConfigurationCheck.that(
      normalization != .adaptive, "model.normalization", "instance, group or batch", "adaptive")
    try ConfigurationCheck.that(rank > 0 && rank <= 1, "model.rank", "above 0, at most 1", rank)
  }

  /// The weights of the spectral convolutions, if they are dense.
  public func leastValues(_ fields: FieldShapes) -> Int {
    // Of factors only what does not depend on the rank.
    guard factorization == nil else { return ConfigurationCheck.product(layers, channels) }
    let kept = fields.grid.indices.map { $0 == fields.grid.count - 1 ? modes / 2 + 1 : modes }
    return kept.reduce(ConfigurationCheck.product(2, layers, channels, channels)) {
      ConfigurationCheck.product($0, $1)
    }
  }

  /// The options of the operator for some fields.
  func options(_ fields: FieldShapes) -> FourierNeuralOperatorOptions {
    let axes = fields.grid.count
    var options = FourierNeuralOperatorOptions(
      modes: Array(repeating: modes, count: axes), inputs: fields.inputs,
      outputs: fields.outputs, channels: channels)
    options.layers = layers
    options.liftingRatio = liftingRatio
    options.projectionRatio = projectionRatio
    options.coordinates =
      hasCoordinates ? GridCoordinates(axes: axes, includesEnd: includesEnd) : nil
    if padding > 0 { options.padding = DomainPadding([padding], isSymmetric: padsSymmetrically) }
    options.block.activation = activation
    options.block.normalization = normalization
    options.block.isPreactivated = isPreactivated
    options.block.isStabilized = isStabilized
    options.block.skip = skip
    options.block.hasChannelPerceptron = hasChannelPerceptron
    options.block.channelExpansion = channelExpansion
    options.block.channelDropout = channelDropout
    options.block.channelSkip = channelSkip
    options.block.convolution.factorization = factorization.map {
      WeightFactorization($0, rank: .fraction(rank))
    }
    return options
  }

  /// An operator with random weights.
  public func makeOperator(
    _ fields: FieldShapes, using random: inout RandomSource
  ) -> any NeuralOperator {
    let fine = FourierNeuralOperator(options: options(fields), using: &random)
    guard let coarsePoints else { return fine }
    return CoarseGridOperator(
      fine, grid: Shape(fields.grid.map { _ in coarsePoints }), isPeriodic: !includesEnd)
  }
}

/// Settings of the Fourier neural operator with factorised weights, under the keys of `fno`.
public struct TensorizedFourierSettings: OperatorSettings {
  /// `tfno`.
  public static let modelName = "tfno"

  /// The settings.
  public var options = FourierSettings(forTraining: ())

  /// A Tucker form with a tenth of the parameters, the default of neuraloperator's `TFNO`.
  public init(forTraining: Void) {
    options.factorization = .tucker
    options.rank = 0.1
  }

  /// Reads the settings.
  public init(from decoder: any Decoder) throws {
    options = try FourierSettings(from: decoder)
  }

  /// Writes the settings.
  public func encode(to encoder: any Encoder) throws { try options.encode(to: encoder) }

  /// The settings themselves.
  public func resolved(for fields: FieldShapes) -> Self { self }

  /// Checks the ranges.
  ///
  /// - Throws: `ConfigurationError`.
  public func validate() throws(ConfigurationError) { try options.validate() }

  /// What does not depend on the rank.
  public func leastValues(_ fields: FieldShapes) -> Int { options.leastValues(fields) }

  /// An operator with random weights.
  public func makeOperator(
    _ fields: FieldShapes, using random: inout RandomSource
  ) -> any NeuralOperator {
    options.makeOperator(fields, using: &random)
  }
}
