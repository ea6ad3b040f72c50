public import Layers
public import LongConvolution
public import SequenceTensor

/// `s4d`: long convolutions with diagonal state-space filters (S4D, DSS).
public struct S4DSettings: FilterSettings, WrappedSettings {
  /// `s4d`.
  public static let modelName = "s4d"
  /// The settings of the filter.
  public var options: StateSpaceOptions

  /// Settings with given options.
  public init(_ options: StateSpaceOptions) { self.options = options }

  /// S4D-Lin by zero-order hold with 64 states, `models/s4/s4d.py`.
  public init(forTraining: Void) { self.init(.minimal) }

  /// Unless there is a system for each direction.
  public var isCausal: Bool { !options.isBidirectional }

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try options.validate(run)
    try ConfigurationCheck.that(
      options.parameterization != .minimal || !options.isReal, "filter.isReal",
      "false where filter.parameterization is minimal", "true")
  }

  /// The output weights.
  public func leastValues(channels: Int) -> Int { options.leastValues(channels: channels) }

  /// The filter.
  public func makeFilter(channels: Int, using random: inout RandomSource) -> S4DFilter {
    S4DFilter(channels: channels, options: options, using: &random)
  }
}

/// `s4`: long convolutions with filters in diagonal plus low-rank form.
public struct S4Settings: FilterSettings, WrappedSettings {
  /// `s4`.
  public static let modelName = "s4"
  /// The settings of the filter.
  public var options: StateSpaceOptions

  /// Settings with given options.
  public init(_ options: StateSpaceOptions) { self.options = options }

  /// S4-LegS with 64 states, `models/s4/s4.py`.
  public init(forTraining: Void) { self.init(StateSpaceOptions()) }

  /// Unless there is a system for each direction.
  public var isCausal: Bool { !options.isBidirectional }

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try options.validate(run)
    try ConfigurationCheck.that(
      options.parameterization == .stateSpaces, "filter.parameterization", "stateSpaces",
      options.parameterization.rawValue)
    try ConfigurationCheck.that(!options.isReal, "filter.isReal", "false", "true")
  }

  /// The output weights.
  public func leastValues(channels: Int) -> Int { options.leastValues(channels: channels) }

  /// The filter.
  public func makeFilter(channels: Int, using random: inout RandomSource) -> S4Filter {
    S4Filter(channels: channels, options: options, using: &random)
  }
}

/// `h3`: gates round a shift and a diagonal state-space filter.
public struct H3Settings: MixerSettings {
  /// `h3`.
  public static let modelName = "h3"
  /// Channels in a head, whose outer products are convolved ("head_dim").
  public var headSize = 1
  /// The settings of the diagonal filter; the shift filter has as many states.
  public var stateSpace = StateSpaceOptions.safari

  /// The defaults of safari's `h3.py`.
  public init(forTraining: Void) {}

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try stateSpace.validate(run, under: "filter.stateSpace")
    try ConfigurationCheck.that(
      headSize > 0 && run.model.channels % headSize == 0, "filter.headSize",
      "a divisor of model.channels, \(run.model.channels)", headSize)
    try ConfigurationCheck.that(
      stateSpace.copies == 1 && !stateSpace.isBidirectional, "filter.stateSpace.copies",
      "one filter in one direction", stateSpace.copies)
  }

  /// The output weights.
  public func leastValues(channels: Int) -> Int { stateSpace.leastValues(channels: channels) }

  /// The operator.
  public func makeMixer(
    channels: Int, mixing: LongConvolutionOptions, using random: inout RandomSource
  ) -> any SequenceMixer {
    H3(channels: channels, headSize: headSize, options: stateSpace, using: &random)
  }
}

/// `s5`: one state space for all channels, by a parallel scan.
public struct S5Settings: WrappedSettings {
  /// `s5`.
  public static let modelName = "s5"
  /// The settings of the layer.
  public var options: S5Options

  /// Settings with given options.
  public init(_ options: S5Options) { self.options = options }

  /// 256 states that start as 8 HiPPO-LegS matrices.
  public init(forTraining: Void) { self.init(S5Options()) }

  /// Unless there is a system for each direction.
  public var isCausal: Bool { !options.isBidirectional }

  /// Checks sizes and ranges.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try ConfigurationCheck.range(options.stateSize, 1...4096, "filter.stateSize")
    try ConfigurationCheck.that(
      options.blocks > 0 && options.stateSize % (2 * options.blocks) == 0, "filter.blocks",
      "blocks of an even number of filter.stateSize, \(options.stateSize), states",
      options.blocks)
    try ConfigurationCheck.steps(options.minimumStep, options.maximumStep, "filter.minimumStep")
    try ConfigurationCheck.fraction(options.dropout, "filter.dropout")
    try ConfigurationCheck.positive(Float(options.stepScale), "filter.stepScale")
    try ConfigurationCheck.that(
      options.discretization != .softmax, "filter.discretization", "zoh or bilinear",
      options.discretization.rawValue)
  }

  /// B and C.
  public func leastValues(channels: Int) -> Int {
    ConfigurationCheck.product(2, options.stateSize / 2, channels)
  }

  /// The layer with its gates.
  public func makeMixer(
    channels: Int, mixing: LongConvolutionOptions, using random: inout RandomSource
  ) -> any SequenceMixer {
    S5Layer(channels: channels, options: options, using: &random)
  }
}

extension StateSpaceOptions {
  /// Checks sizes and ranges.
  func validate(
    _ run: RunConfiguration, under path: String = "filter"
  ) throws(ConfigurationError) {
    let channels = run.model.channels
    try ConfigurationCheck.that(
      (1...4096).contains(stateSize) && (isReal || stateSize % 2 == 0), "\(path).stateSize",
      "1 to 4096, and even for complex states", stateSize)
    try ConfigurationCheck.range(copies, 1...(1 << 16), "\(path).copies")
    try ConfigurationCheck.that(
      !run.mixing.isLinear || copies == 1, "mixing.isLinear",
      "false where \(path).copies is above 1", "true")
    try ConfigurationCheck.range(
      maximumLength ?? 1, 1...ConfigurationCheck.longest, "\(path).maximumLength")
    try ConfigurationCheck.range(rank, 1...64, "\(path).rank")
    let systems = independentSystems ?? channels
    try ConfigurationCheck.that(
      systems > 0 && channels % systems == 0, "\(path).independentSystems",
      "a divisor of model.channels, \(channels)", systems)
    let kinds = initialization.kindCount
    try ConfigurationCheck.that(
      systems % kinds == 0, "\(path).initialization",
      "one of kinds that divide the \(systems) independent systems", initialization.rawValue)
    try ConfigurationCheck.that(
      initialization != .fourier || stateSize % 2 == 0, "\(path).stateSize",
      "even for fout", stateSize)
    try ConfigurationCheck.that(
      initialization != .legendreTranslated || rank >= 2, "\(path).rank",
      "at least 2 for legt", rank)
    try ConfigurationCheck.steps(minimumStep, maximumStep, "\(path).minimumStep")
  }

  func leastValues(channels: Int) -> Int {
    ConfigurationCheck.product(storedStates, copies, channels)
  }
}
