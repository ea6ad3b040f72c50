import Layers
public import LongConvolution
public import SequenceTensor

/// `ckconv`: long convolutions with taps that a small network gives by position.
public struct CKConvSettings: FilterSettings, WrappedSettings {
  /// `ckconv`.
  public static let modelName = "ckconv"
  /// The settings; a training length of 0 stands for the longest training sequence.
  public var options: CKConvOptions

  /// Settings with given options.
  public init(_ options: CKConvOptions) { self.options = options }

  /// A network of sines 32 wide, lags at the same positions for all lengths.
  public init(forTraining: Void) {
    options = CKConvOptions()
    options.trainLength = 0
    options.resamples = false
  }

  /// A training length of 0 becomes that of the longest training sequence.
  public func resolved(longest: Int) -> CKConvSettings {
    var resolved = self
    if options.trainLength == 0 { resolved.options.trainLength = longest }
    return resolved
  }

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try ConfigurationCheck.range(options.hiddenChannels, 1...(1 << 16), "filter.hiddenChannels")
    try ConfigurationCheck.range(
      options.trainLength, 0...ConfigurationCheck.longest, "filter.trainLength")
    try ConfigurationCheck.that(
      !options.usesRandomFeatures || options.hiddenChannels.isMultiple(of: 2),
      "filter.hiddenChannels", "even where filter.usesRandomFeatures", options.hiddenChannels)
    try ConfigurationCheck.positive(options.frequency, "filter.frequency")
    try ConfigurationCheck.fraction(options.dropout, "filter.dropout")
  }

  /// The network's last map.
  public func leastValues(channels: Int) -> Int {
    ConfigurationCheck.product(options.hiddenChannels, channels)
  }

  /// The filter.
  public func makeFilter(channels: Int, using random: inout RandomSource) -> CKConvFilter {
    CKConvFilter(channels: channels, options: options, using: &random)
  }
}

/// `flexconv`: long convolutions with kernels of a network of positions, under a learned mask.
public struct FlexConvSettings: FilterSettings, WrappedSettings {
  /// `flexconv`.
  public static let modelName = "flexconv"
  /// The settings; a kernel length of 0 stands for the longest training sequence.
  public var options: FlexConvOptions

  /// Settings with given options.
  public init(_ options: FlexConvOptions) { self.options = options }

  /// MAGNet as in FlexConv's code, with a kernel as long as the longest training sequence.
  public init(forTraining: Void) {
    options = FlexConvOptions()
    options.kernelLength = 0
  }

  /// As the kernel says.
  public var isCausal: Bool { options.isCausal }

  /// A kernel length of 0 becomes that of the longest training sequence.
  public func resolved(longest: Int) -> FlexConvSettings {
    var resolved = self
    if options.kernelLength == 0 { resolved.options.kernelLength = longest }
    return resolved
  }

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try ConfigurationCheck.that(
      options.generator.exists(in: options.variant), "filter.generator",
      "one that filter.variant, \(options.variant.rawValue), has", options.generator.rawValue)
    try ConfigurationCheck.that(
      options.isCausal || options.variant == .ccnn, "filter.isCausal",
      "true where filter.variant is flexconv", "false")
    try ConfigurationCheck.range(options.hiddenChannels, 1...(1 << 16), "filter.hiddenChannels")
    try ConfigurationCheck.that(
      options.generator != .randomFourier || options.hiddenChannels.isMultiple(of: 2),
      "filter.hiddenChannels", "even for RFNet", options.hiddenChannels)
    try ConfigurationCheck.range(options.layers, options.fewestLayers...64, "filter.layers")
    try ConfigurationCheck.range(options.kernelLength, 0...(1 << 24), "filter.kernelLength")
    try ConfigurationCheck.positive(options.frequency, "filter.frequency")
    try ConfigurationCheck.positive(options.inputScale, "filter.inputScale")
    try ConfigurationCheck.positive(options.maskWidth, "filter.maskWidth")
    try ConfigurationCheck.that(
      options.maskThreshold > 0 && options.maskThreshold < 1, "filter.maskThreshold",
      "between 0 and 1", options.maskThreshold)
    try ConfigurationCheck.that(
      options.scale.isFinite, "filter.scale", "a number", options.scale)
  }

  /// The network's last map.
  public func leastValues(channels: Int) -> Int {
    ConfigurationCheck.product(options.hiddenChannels, channels)
  }

  /// The filter.
  public func makeFilter(channels: Int, using random: inout RandomSource) -> FlexConvFilter {
    FlexConvFilter(channels: channels, options: options, using: &random)
  }
}

/// `smpconv`: long convolutions with kernels between points that move.
public struct SMPConvSettings: FilterSettings, WrappedSettings {
  /// `smpconv`.
  public static let modelName = "smpconv"
  /// The settings; a kernel length of 0 stands for the longest training sequence.
  public var options: SMPConvOptions

  /// Settings with given options.
  public init(_ options: SMPConvOptions) { self.options = options }

  /// 30 points, with a kernel as long as the longest training sequence.
  public init(forTraining: Void) {
    options = SMPConvOptions()
    options.kernelLength = 0
  }

  /// A kernel length of 0 becomes that of the longest training sequence.
  public func resolved(longest: Int) -> SMPConvSettings {
    var resolved = self
    if options.kernelLength == 0 { resolved.options.kernelLength = longest }
    return resolved
  }

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try ConfigurationCheck.range(options.points, 1...(1 << 20), "filter.points")
    try ConfigurationCheck.range(options.kernelLength, 0...(1 << 24), "filter.kernelLength")
    try ConfigurationCheck.positive(options.radius, "filter.radius")
    try ConfigurationCheck.that(
      (1e-6...100).contains(options.coordinateDeviation), "filter.coordinateDeviation",
      "in 1e-6...100", options.coordinateDeviation)
  }

  /// The weights of the points.
  public func leastValues(channels: Int) -> Int {
    ConfigurationCheck.product(options.points, channels)
  }

  /// The filter.
  public func makeFilter(channels: Int, using random: inout RandomSource) -> SMPConvFilter {
    SMPConvFilter(outputs: channels, options: options, using: &random)
  }
}
