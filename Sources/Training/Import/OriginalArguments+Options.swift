public import Differentiation
public import Layers
public import LongConvolution

extension Activation {
  /// A nonlinearity by its name in the originals.
  public init?(original name: String) {
    switch name {
    case "id", "identity", "linear": self = .identity
    case "swish": self = .silu
    case "relu2": self = .squaredReLU
    default: self.init(rawValue: name)
    }
  }
}

extension HyenaFilterOptions {
  /// What the arguments of safari's `HyenaFilter` say.
  ///
  /// - Parameters:
  ///   - arguments: those of the filter, or of the operator that it is a part of.
  ///   - isPart: whether they are the operator's, where width and length have other names.
  ///   - isStandalone: whether they are of `standalone_hyena.py`, which takes `normalized` and does
  ///     not use it.
  public init(original arguments: OriginalArguments, isPart: Bool, isStandalone: Bool = false) {
    self.init()
    func number(_ name: String) -> Float? { arguments[name]?.number.map { Float($0) } }
    maximumLength = Int(number(isPart ? "l_max" : "seq_len") ?? 1024)
    width = Int(number(isPart ? "filter_order" : "order") ?? (isPart ? 64 : 16))
    embeddingChannels = Int(number("emb_dim") ?? 3)
    innerLayers = Int(number("num_inner_mlps") ?? 2)
    frequency = number("w") ?? 1
    learningRate = number("lr") ?? 1e-3
    weightDecay = number("wd") ?? 0
    embeddingLearningRate = number("lr_pos_emb") ?? 1e-5
    modulationLearningRate = number("modulation_lr") ?? 0
    isModulated = arguments["modulate"]?.bool ?? true
    fastDecay = number("fast_decay_pct") ?? 0.3
    slowDecay = number("slow_decay_pct") ?? 1.5
    decayTarget = number("target") ?? 1e-2
    shift = number("shift") ?? 0
    let isNormalized = arguments["normalized"]?.bool ?? false
    normalization = isNormalized && !isStandalone ? .afterModulation : .none
  }
}

extension HyenaOptions {
  /// What the arguments of safari's `HyenaOperator` say.
  ///
  /// - Throws: `ReferenceError` for an activation that this library does not have.
  public init(
    original arguments: OriginalArguments, isStandalone: Bool = false
  ) throws(ReferenceError) {
    self.init()
    func number(_ name: String) -> Int? { arguments[name]?.number.map { Int($0) } }
    order = number("order") ?? 2
    heads = number("num_heads") ?? 1
    innerFactor = number("inner_factor") ?? 1
    mixesOuter = arguments["outer_mixing"]?.bool ?? false
    mixesHeads = arguments["post_order_ffn"]?.bool ?? false
    shortFilterTaps = number("short_filter_order") ?? 3
    activation = try arguments.named("activation", default: "id") { Activation(original: $0) }
    filterOrder = isStandalone ? .stacked : .interleaved
    hasSkip = isStandalone || arguments["bias"]?.bool ?? true
    if let blocks = number("num_blocks"), blocks > 1 {
      blockLength = (number("l_max") ?? 1024) / blocks
    }
  }
}

extension FreeFilterOptions {
  /// What the arguments of safari's `LongConv` say, its wrap-around included.
  ///
  /// - Throws: `ReferenceError` for an initialisation that this library does not have.
  public init(original arguments: OriginalArguments) throws(ReferenceError) {
    self.init()
    func number(_ name: String) -> Double? { arguments[name]?.number }
    maximumLength = Int(number("l_max") ?? 1024)
    copies = Int(number("channels") ?? 1)
    support =
      arguments["causal"]?.bool == false
      ? .circular : arguments["bidirectional"]?.bool == true ? .bidirectional : .causal
    wrapsAround = true
    initialization = try arguments.named("weight_init", default: "random") {
      FreeFilterInitialization(rawValue: $0)
    }
    squash = Float(number("lam") ?? 0.1)
    if arguments["use_ma_smoothing"]?.bool == true {
      smoothing = arguments["smooth_freq"]?.bool == true ? .frequency : .time
    }
    smoothingWindow = Int(number("ma_window_len") ?? 7)
  }
}

extension SGConvOptions {
  /// What the arguments of the authors' `GConv` say.
  ///
  /// - Throws: `ReferenceError` for a mode that there is not.
  public init(original arguments: OriginalArguments) throws(ReferenceError) {
    self.init()
    func number(_ name: String) -> Double? { arguments[name]?.number }
    mode = try arguments.named("mode", default: "cat_randn") { SGConvMode($0) }
    kernelSize = Int(number("kernel_dim") ?? 64)
    maximumLength = Int(number("l_max") ?? 1)
    scales = number("n_scales").map { Int($0) }
    initialScale = Int(number("init_scale") ?? 0)
    minimumDecay = Float(number("decay_min") ?? 2)
    maximumDecay = Float(number("decay_max") ?? 2)
    copies = Int(number("channels") ?? 1)
    isBidirectional = arguments["bidirectional"]?.bool ?? false
  }
}

extension StateSpaceOptions {
  /// Sets what the arguments of an original's constructor say, of state-spaces or of safari.
  ///
  /// - Throws: `ReferenceError` for a name that this library does not have.
  public mutating func take(_ arguments: OriginalArguments) throws(ReferenceError) {
    func number(_ names: String...) -> Double? {
      names.lazy.compactMap { arguments[$0]?.number }.first
    }
    func flag(_ name: String) -> Bool? { arguments[name]?.bool }
    func named<Value>(
      _ names: String..., otherwise standard: Value, _ value: (String) -> Value?
    ) throws(ReferenceError) -> Value {
      guard let name = names.first(where: { arguments[$0] != nil }) else { return standard }
      return try arguments.named(name, default: "", value)
    }
    stateSize = number("d_state", "N").map { Int($0) } ?? stateSize
    copies = number("channels").map { Int($0) } ?? copies
    isBidirectional = flag("bidirectional") ?? isBidirectional
    maximumLength = number("l_max", "L").map { Int($0) }
    initialization = try named("init", "measure", otherwise: initialization) {
      StateSpaceInitialization(name: $0)
    }
    rank = number("rank").map { Int($0) } ?? rank
    independentSystems = number("n_ssm").map { Int($0) }
    minimumStep = number("dt_min") ?? minimumStep
    maximumStep = number("dt_max") ?? maximumStep
    tiesSteps = flag("dt_tie") ?? tiesSteps
    usesFastSteps = flag("dt_fast") ?? usesFastSteps
    stepTransform = try named("dt_transform", otherwise: stepTransform) {
      PositiveTransform(rawValue: $0)
    }
    realTransform = try named("real_transform", "real_type", otherwise: realTransform) {
      PositiveTransform(rawValue: $0)
    }
    imaginaryTransform = try named("imag_transform", otherwise: imaginaryTransform) {
      PositiveTransform(rawValue: $0)
    }
    bandLimit = number("bandlimit")
    discretization = try named("disc", otherwise: discretization) { Discretization(rawValue: $0) }
    isReal = flag("is_real") ?? isReal
    hasRealPoles = flag("force_real") ?? hasRealPoles
  }
}
