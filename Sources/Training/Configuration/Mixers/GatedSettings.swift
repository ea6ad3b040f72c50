public import Layers
public import LongConvolution
public import SequenceTensor

/// `gnconv`: recursive gated convolutions, of HorNet.
public struct GatedConvolutionSettings: MixerSettings {
  /// `gnconv`.
  public static let modelName = "gnconv"
  /// n, the order of the interaction.
  public var order = 3
  /// What the mixed values are multiplied with.
  public var scale: Float = 1.0 / 3
  /// The taps that mix the positions.
  public var taps = 7
  /// Whether the taps look into the past only.
  public var isCausal = false
  /// Whether half of the channels go through a circular filter as long as the sequence instead, and
  /// half through three taps.
  public var isGlobal = false
  /// The length that a global filter's spectrum is for; 0 stands for the longest training sequence.
  public var length = 0

  /// Order 3, seven taps.
  public init(forTraining: Void) {}

  /// The settings of the operator.
  var options: GatedConvolutionOptions {
    var options = GatedConvolutionOptions()
    (options.order, options.scale, options.isCausal) = (order, scale, isCausal)
    options.mixing = isGlobal ? .global(length: max(1, length)) : .depthwise(taps: taps)
    return options
  }

  /// A length of 0 becomes that of the longest training sequence.
  public func resolved(longest: Int) -> GatedConvolutionSettings {
    var resolved = self
    if length == 0 { resolved.length = longest }
    return resolved
  }

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try ConfigurationCheck.range(order, 1...16, "filter.order")
    try ConfigurationCheck.that(
      run.model.channels.isMultiple(of: 1 << (order - 1)), "filter.order",
      "one that halves model.channels, \(run.model.channels), as often but once", order)
    try ConfigurationCheck.that(scale.isFinite, "filter.scale", "a number", scale)
    try ConfigurationCheck.range(taps, 1...(1 << 16), "filter.taps")
    try ConfigurationCheck.that(
      isCausal || !taps.isMultiple(of: 2), "filter.taps", "odd unless filter.isCausal", taps)
    try ConfigurationCheck.range(length, 0...ConfigurationCheck.longest, "filter.length")
    try ConfigurationCheck.that(
      !isGlobal || !isCausal, "filter.isGlobal", "false where filter.isCausal", "true")
    let narrowest = run.model.channels >> (order - 1)
    try ConfigurationCheck.that(
      !isGlobal || (2 * run.model.channels - narrowest).isMultiple(of: 2), "filter.isGlobal",
      "false where the \(2 * run.model.channels - narrowest) mixed channels are odd", "true")
  }

  /// The first and the last map.
  public func leastValues(channels: Int) -> Int {
    max(
      ConfigurationCheck.product(channels, channels, 3),
      isGlobal ? ConfigurationCheck.product(length, channels) : 0)
  }

  /// The operator.
  public func makeMixer(
    channels: Int, mixing: LongConvolutionOptions, using random: inout RandomSource
  ) -> any SequenceMixer {
    GatedConvolution(channels: channels, options: options, using: &random)
  }
}

/// `aff`: filters that a sequence's own spectrum decides on.
public struct AdaptiveFrequencySettings: WrappedSettings {
  /// `aff`.
  public static let modelName = "aff"
  /// The settings.
  public var options: AdaptiveFrequencyOptions

  /// Settings with given options.
  public init(_ options: AdaptiveFrequencyOptions) { self.options = options }

  /// Eight blocks of channels.
  public init(forTraining: Void) { self.init(AdaptiveFrequencyOptions()) }

  /// A spectrum is that of the whole sequence.
  public var isCausal: Bool { false }

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try ConfigurationCheck.that(
      options.blocks > 0 && run.model.channels % options.blocks == 0, "filter.blocks",
      "a divisor of model.channels, \(run.model.channels)", options.blocks)
    try ConfigurationCheck.range(options.expansion, 1...64, "filter.expansion")
    try ConfigurationCheck.that(
      options.threshold.isFinite && options.threshold >= 0, "filter.threshold", "at least 0",
      options.threshold)
  }

  /// Both complex maps.
  public func leastValues(channels: Int) -> Int {
    ConfigurationCheck.product(4, channels, channels / options.blocks, options.expansion)
  }

  /// The operator.
  public func makeMixer(
    channels: Int, mixing: LongConvolutionOptions, using random: inout RandomSource
  ) -> any SequenceMixer {
    AdaptiveFrequencyFilter(channels: channels, options: options, using: &random)
  }
}
