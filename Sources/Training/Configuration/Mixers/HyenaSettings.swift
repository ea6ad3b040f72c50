import Differentiation
public import Layers
public import LongConvolution
public import SequenceTensor

/// `hyena`: gates and implicit long filters by turns.
public struct HyenaSettings: MixerSettings {
  /// `hyena`.
  public static let modelName = "hyena"
  /// The settings of the operator.
  public var `operator` = HyenaOptions()
  /// The settings of its filter; a maximum length of 0 stands for the longest training sequence.
  public var implicit = HyenaFilterOptions()

  /// Order 2, filters by networks 64 wide with embeddings of 5 channels and ω = 10.
  public init(forTraining: Void) {
    implicit.maximumLength = 0
    implicit.width = 64
    implicit.embeddingChannels = 5
    implicit.frequency = 10
  }

  /// Unless there is a filter for each direction.
  public var isCausal: Bool { !implicit.isBidirectional }

  /// A maximum length of 0 becomes the longest training sequence.
  public func resolved(longest: Int) -> HyenaSettings {
    var resolved = self
    if implicit.maximumLength == 0 { resolved.implicit.maximumLength = longest }
    return resolved
  }

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try implicit.validate(under: "filter.implicit")
    let path = "filter.operator"
    try ConfigurationCheck.range(`operator`.order, 2...16, "\(path).order")
    try ConfigurationCheck.range(`operator`.innerFactor, 1...64, "\(path).innerFactor")
    let width = run.model.channels * `operator`.innerFactor
    try ConfigurationCheck.that(
      `operator`.heads > 0 && width % `operator`.heads == 0, "\(path).heads",
      "a divisor of the inner width \(width)", `operator`.heads)
    try ConfigurationCheck.range(
      `operator`.blockLength ?? 1, 1...ConfigurationCheck.longest, "\(path).blockLength")
    try ConfigurationCheck.range(`operator`.shortFilterTaps, 1...4096, "\(path).shortFilterTaps")
    try ConfigurationCheck.that(
      `operator`.activation.inputFactor == 1, "\(path).activation", "an elementwise one",
      `operator`.activation.rawValue)
    try ConfigurationCheck.fraction(`operator`.dropout, "\(path).dropout")
    try ConfigurationCheck.that(
      !`operator`.hasResidualConvolution || `operator`.innerFactor == 1,
      "\(path).hasResidualConvolution", "false where \(path).innerFactor is above 1", "true")
  }

  /// The projections and the positional embedding.
  public func leastValues(channels: Int) -> Int {
    let projections = ConfigurationCheck.product(
      channels, channels, `operator`.innerFactor, `operator`.order + 1)
    let embedding = ConfigurationCheck.product(implicit.maximumLength, implicit.embeddingChannels)
    return max(projections, embedding)
  }

  /// The operator.
  public func makeMixer(
    channels: Int, mixing: LongConvolutionOptions, using random: inout RandomSource
  ) -> any SequenceMixer {
    HyenaOperator(channels: channels, options: `operator`, using: &random) {
      HyenaFilter(channels: $0, options: implicit, using: &$1)
    }
  }
}

/// `multihyena`: Hyena with filters tied into heads and outer products.
public struct MultiHyenaSettings: MixerSettings {
  /// `multihyena`.
  public static let modelName = "multihyena"
  /// The number of heads, each with one filter.
  public var heads = 8
  /// The taps of the short filters behind the input projection.
  public var shortFilterTaps = 3
  /// The settings of the filters; a maximum length of 0 stands for the longest training sequence.
  public var implicit = HyenaSettings(forTraining: ()).implicit

  /// Eight heads.
  public init(forTraining: Void) {}

  /// Unless there is a filter for each direction.
  public var isCausal: Bool { !implicit.isBidirectional }

  /// A maximum length of 0 becomes the longest training sequence.
  public func resolved(longest: Int) -> MultiHyenaSettings {
    var resolved = self
    if implicit.maximumLength == 0 { resolved.implicit.maximumLength = longest }
    return resolved
  }

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try implicit.validate(under: "filter.implicit")
    try ConfigurationCheck.that(
      heads > 0 && run.model.channels % heads == 0, "filter.heads",
      "a divisor of model.channels, \(run.model.channels)", heads)
    try ConfigurationCheck.range(shortFilterTaps, 1...4096, "filter.shortFilterTaps")
  }

  /// The projections.
  public func leastValues(channels: Int) -> Int {
    max(
      ConfigurationCheck.product(channels, channels, 4),
      ConfigurationCheck.product(implicit.maximumLength, implicit.embeddingChannels))
  }

  /// The operator.
  public func makeMixer(
    channels: Int, mixing: LongConvolutionOptions, using random: inout RandomSource
  ) -> any SequenceMixer {
    let filter = HyenaFilter(channels: heads, options: implicit, using: &random)
    return MultiHyenaOperator(
      filter, channels: channels, shortFilterTaps: shortFilterTaps, using: &random)
  }
}

/// `longconv`: long convolutions with free taps, squashed and perhaps smoothed.
public struct FreeFilterSettings: FilterSettings, WrappedSettings {
  /// `longconv`.
  public static let modelName = "longconv"
  /// The settings; a maximum length of 0 stands for the longest training sequence.
  public var options: FreeFilterOptions

  /// Settings with given options.
  public init(_ options: FreeFilterOptions) { self.options = options }

  /// Taps that start as decaying noise, squashed by 0.002 and dropped out by 0.2, at a learning rate
  /// of 5·10⁻⁴: the authors' recipe for ListOps.
  public init(forTraining: Void) {
    options = FreeFilterOptions()
    options.maximumLength = 0
    options.initialization = .doubleExponential
    options.squash = 0.002
    options.dropout = 0.2
    options.learningRate = 5e-4
  }

  /// Unless the taps reach into the future or round the end.
  public var isCausal: Bool { options.support == .causal && !options.wrapsAround }

  /// A maximum length of 0 becomes the longest training sequence.
  public func resolved(longest: Int) -> FreeFilterSettings {
    var resolved = self
    if options.maximumLength == 0 { resolved.options.maximumLength = longest }
    return resolved
  }

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try ConfigurationCheck.range(
      options.maximumLength, 0...ConfigurationCheck.longest, "filter.maximumLength")
    try ConfigurationCheck.range(options.copies, 1...(1 << 16), "filter.copies")
    try ConfigurationCheck.that(
      !run.mixing.isLinear || options.copies == 1, "mixing.isLinear",
      "false where filter.copies is above 1", "true")
    try ConfigurationCheck.range(options.smoothingWindow, 1...(1 << 20), "filter.smoothingWindow")
    try ConfigurationCheck.that(
      options.squash.isFinite && options.squash >= 0, "filter.squash", "at least 0",
      options.squash)
    try ConfigurationCheck.fraction(options.dropout, "filter.dropout")
  }

  /// The taps.
  public func leastValues(channels: Int) -> Int {
    ConfigurationCheck.product(options.maximumLength, options.copies, channels)
  }

  /// The filter.
  public func makeFilter(channels: Int, using random: inout RandomSource) -> FreeFilter {
    FreeFilter(channels: channels, options: options, using: &random)
  }
}

extension HyenaFilterOptions {
  /// Checks sizes and ranges.
  func validate(under path: String) throws(ConfigurationError) {
    try ConfigurationCheck.range(
      maximumLength, 0...ConfigurationCheck.longest, "\(path).maximumLength")
    try ConfigurationCheck.that(
      (3...(1 << 16)).contains(embeddingChannels) && embeddingChannels % 2 == 1,
      "\(path).embeddingChannels", "odd, from 3 to 65535", embeddingChannels)
    try ConfigurationCheck.range(width, 1...(1 << 16), "\(path).width")
    try ConfigurationCheck.range(innerLayers, 0...64, "\(path).innerLayers")
    try ConfigurationCheck.positive(frequency, "\(path).frequency")
    try ConfigurationCheck.positive(fastDecay, "\(path).fastDecay")
    try ConfigurationCheck.positive(slowDecay, "\(path).slowDecay")
    try ConfigurationCheck.positive(decayTarget, "\(path).decayTarget")
  }
}
