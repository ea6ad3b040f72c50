public import Layers
public import LongConvolution
public import SequenceTensor

/// `multires`: convolutions by trees of two short filters.
public struct MultiresolutionSettings: MixerSettings {
  /// `multires`.
  public static let modelName = "multires"
  /// K, the number of taps of both filters.
  public var kernelSize = 4
  /// J, the number of levels; 0 stands for as many as the longest training sequence needs.
  public var depth = 0
  /// Which coefficients count.
  public var selection: TreeSelection = .fading
  /// How many coefficients a uniform tree has.
  public var memorySize = 16
  /// The wavelet to start with, for example `db2`; left out for random filters.
  public var wavelet: String?
  /// Whether the weight of the input starts uniform in ±1.
  public var hasIndependentResidual = false
  /// Dropout of channels after the nonlinearity.
  public var dropout: Float = 0

  /// Four taps, a fading tree.
  public init(forTraining: Void) {}

  /// The settings of the operator.
  var options: MultiresolutionOptions {
    var options = MultiresolutionOptions()
    options.kernelSize = kernelSize
    options.depth = depth
    options.selection = selection
    options.memorySize = selection == .uniform ? memorySize : nil
    options.wavelet = wavelet.flatMap { Wavelet($0) }
    options.hasIndependentResidual = hasIndependentResidual
    options.dropout = dropout
    return options
  }

  /// A depth of 0 becomes that of the longest training sequence.
  public func resolved(longest: Int) -> MultiresolutionSettings {
    var resolved = self
    if depth == 0 {
      let found = MultiresolutionOptions.depth(reaching: longest, taps: options.taps)
      resolved.depth = max(1, found ?? 1)
    }
    return resolved
  }

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try ConfigurationCheck.range(kernelSize, 2...4096, "filter.kernelSize")
    try ConfigurationCheck.range(depth, 0...30, "filter.depth")
    try ConfigurationCheck.range(memorySize, 2...(1 << 20), "filter.memorySize")
    try ConfigurationCheck.that(
      wavelet == nil || options.wavelet != nil, "filter.wavelet",
      "the name of a wavelet, such as db2, or null", wavelet ?? "null")
    try ConfigurationCheck.fraction(dropout, "filter.dropout")
  }

  /// The filters and the projection.
  public func leastValues(channels: Int) -> Int {
    ConfigurationCheck.product(channels, max(2 * channels, options.taps))
  }

  /// The convolution with a projection and a gated linear unit behind it.
  public func makeMixer(
    channels: Int, mixing: LongConvolutionOptions, using random: inout RandomSource
  ) -> any SequenceMixer {
    MultiresolutionMixer(channels: channels, options: options, using: &random)
  }
}

/// `rtf`: long convolutions with the responses of rational transfer functions.
public struct RationalSettings: FilterSettings, WrappedSettings {
  /// `rtf`.
  public static let modelName = "rtf"
  /// The settings; a maximum length of 0 stands for the longest training sequence.
  public var options: RationalOptions

  /// Settings with given options.
  public init(_ options: RationalOptions) { self.options = options }

  /// Order 16.
  public init(forTraining: Void) {
    options = RationalOptions()
    options.maximumLength = 0
    options.order = 16
  }

  /// Unless there is a filter for each direction.
  public var isCausal: Bool { !options.isBidirectional }

  /// A maximum length of 0 becomes the longest training sequence, and more than the order.
  public func resolved(longest: Int) -> RationalSettings {
    var resolved = self
    if options.maximumLength == 0 {
      resolved.options.maximumLength = max(longest, options.order + 1)
    }
    return resolved
  }

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    let channels = run.model.channels
    try ConfigurationCheck.range(options.order, 1...(1 << 16), "filter.order")
    try ConfigurationCheck.that(
      options.maximumLength == 0
        || options.maximumLength > options.order
          && options.maximumLength <= ConfigurationCheck.longest,
      "filter.maximumLength", "0, or above filter.order, \(options.order)", options.maximumLength)
    let denominators = options.denominators ?? channels
    try ConfigurationCheck.that(
      denominators > 0 && channels % denominators == 0, "filter.denominators",
      "a divisor of model.channels, \(channels)", denominators)
    try ConfigurationCheck.fraction(options.dropout, "filter.dropout")
  }

  /// The numerators.
  public func leastValues(channels: Int) -> Int {
    ConfigurationCheck.product(options.order, channels)
  }

  /// The filter.
  public func makeFilter(channels: Int, using random: inout RandomSource) -> RationalFilter {
    RationalFilter(channels: channels, options: options, using: &random)
  }
}
