import Layers
public import LongConvolution
public import SequenceTensor

extension SGConvOptions: FilterSettings {
  /// `sgconv`.
  public static let modelName = "sgconv"

  /// Pieces of 32 taps; a maximum length of 0 stands for the longest training sequence.
  public init(forTraining: Void) {
    self.init()
    kernelSize = 32
    maximumLength = 0
  }

  /// A `maximumLength` of 0 becomes the longest training sequence.
  public func resolved(longest: Int) -> SGConvOptions {
    var resolved = self
    if maximumLength == 0 { resolved.maximumLength = longest }
    return resolved
  }

  /// Unless there is a filter for each direction.
  public var isCausal: Bool { !isBidirectional }

  /// Checks sizes, and that the pieces together are of a sane length.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    let longest = ConfigurationCheck.longest
    try ConfigurationCheck.range(kernelSize, 1...longest, "filter.kernelSize")
    try ConfigurationCheck.range(maximumLength, 0...longest, "filter.maximumLength")
    try ConfigurationCheck.that(
      (0...24).contains(initialScale), "filter.initialScale", "in 0...24", initialScale)
    try ConfigurationCheck.that(
      (1...24).contains(scales ?? 1), "filter.scales", "in 1...24", scales ?? 0)
    let doublings = scaleCount + initialScale
    try ConfigurationCheck.that(
      doublings < 32 && kernelSize << doublings <= 4 * longest, "filter.scales",
      "pieces of at most \(2 * longest) taps together",
      "\(scaleCount) of \(kernelSize) taps, stretched to double each time")
    try ConfigurationCheck.range(copies, 1...(1 << 16), "filter.copies")
    try ConfigurationCheck.that(
      !run.mixing.isLinear || copies == 1, "mixing.isLinear",
      "false where filter.copies is above 1", "true")
  }

  /// The pieces.
  public func leastValues(channels: Int) -> Int {
    ConfigurationCheck.product(kernelSize, copies, channels, scaleCount)
  }

  /// The filter.
  public func makeFilter(channels: Int, using random: inout RandomSource) -> SGConvFilter {
    SGConvFilter(channels: channels, options: self, using: &random)
  }
}
