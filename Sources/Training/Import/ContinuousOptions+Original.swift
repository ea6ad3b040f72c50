public import Layers
public import LongConvolution

extension KernelActivation {
  /// A nonlinearity by its name in the originals, PyTorch's among them.
  init?(original name: String) {
    if name == "SiLU" { self = .swish } else { self.init(rawValue: name) }
  }
}

extension KernelNormalizationKind {
  /// A normalisation by its name in the originals.
  init?(original name: String) {
    switch name {
    case "", "Identity": self = .none
    case "BatchNorm1d": self = .batch
    default: self.init(rawValue: name)
    }
  }
}

extension CKConvOptions {
  /// What the arguments of the authors' `CKConv` of 2021 say.
  ///
  /// - Throws: `ReferenceError` for what this library does not have, and for images.
  public init(original arguments: OriginalArguments) throws(ReferenceError) {
    self.init()
    try arguments.only("dim_linear", .integer(1), reason: "1, a sequence")
    hiddenChannels = try arguments.size("hidden_channels")
    // 1 as long as the original has noted none.
    trainLength = try arguments.integer("train_length", default: 1, in: 1...(1 << 24))
    hasBias = try arguments.flag("bias", default: true)
    usesRandomFeatures = arguments["activation_function"]?.text == "RandomFourier"
    guard !usesRandomFeatures else {
      frequency = max(try arguments.number("omega_0", default: 1), 1e-6)
      return
    }
    activation = try arguments.named("activation_function", default: "") {
      KernelActivation(rawValue: $0).flatMap {
        [.sine, .relu, .leakyReLU, .swish].contains($0) ? $0 : nil
      }
    }
    normalization = try arguments.named("norm_type", default: "") {
      ["", "BatchNorm", "LayerNorm"].contains($0) ? KernelNormalizationKind(original: $0) : nil
    }
    guard activation != .sine || arguments["omega_0"] != nil else {
      throw arguments.refusal(of: "omega_0", expected: "a number")
    }
    frequency = try arguments.number("omega_0", default: 1)
  }
}

extension FlexConvOptions {
  /// What the arguments of the authors' `FlexConv` say, or of `CKConv` in the same code, which has
  /// no mask.
  ///
  /// Padding and stride, which the original takes and does not use, may be anything.
  ///
  /// - Throws: `ReferenceError` for what this library does not have, and for images.
  public init(original arguments: OriginalArguments) throws(ReferenceError) {
    self.init()
    try arguments.only("kernel_dim_linear", .integer(1), reason: "1, a sequence")
    try arguments.only("kernel_steerable", .bool(false), reason: "false for a sequence")
    try arguments.only(
      "mask_type", .text("gaussian"), reason: "gaussian, the one that the original runs with")
    guard arguments["kernel_dim_linear"] != nil else {
      throw arguments.refusal(of: "kernel_dim_linear", expected: "1, since the original's is 2")
    }
    generator = try arguments.named("kernel_type", default: "MAGNet") {
      Generator($0, in: .flexconv)
    }
    hiddenChannels = try arguments.integer("kernel_no_hidden", default: 32, in: 1...(1 << 24))
    layers = try arguments.integer("kernel_no_layers", default: 3, in: 0...64)
    activation = try arguments.named("kernel_activ_function", default: "ReLU") {
      ["ReLU", "LeakyReLU", "Swish"].contains($0) ? KernelActivation(original: $0) : nil
    }
    normalization = try arguments.named("kernel_norm", default: "BatchNorm") {
      ["", "BatchNorm", "LayerNorm"].contains($0) ? KernelNormalizationKind(original: $0) : nil
    }
    normalizesWeights = try arguments.flag("kernel_weight_norm", default: false)
    hasBias = try arguments.flag("conv_bias", default: true)
    // The weights hold it; the original's default, 0, would make weights that are not numbers.
    frequency = try arguments.number("kernel_omega_0", default: 1)
    if frequency == 0 { frequency = 1 }
    learnsFrequency = try arguments.flag("kernel_learn_omega_0", default: false)
    inputScale = try arguments.number("kernel_input_scale", default: 25.6)
    kernelLength = try arguments.kernelLength("horizon", in: arguments)
    scale = try arguments.number("kernel_sampling_rate_norm", default: 1)
    hasMask = try arguments.flag("has_mask", default: true)
    masksKernel = try arguments.flag("mask_use", default: true)
    maskWidth = try arguments.number("mask_init_value", default: 0.075)
    cropsKernel = try arguments.flag("mask_dynamic_cropping", default: true)
    maskThreshold = try arguments.number("mask_threshold", default: 0.1)
  }

  /// What the configuration of CCNN's convolutions says.
  ///
  /// Padding and stride, which the original takes and does not use, may be anything; so may the
  /// temperature of masks that it does not run with.
  ///
  /// - Throws: `ReferenceError` for what this library does not have, and for images.
  public init(ccnn arguments: OriginalArguments) throws(ReferenceError) {
    self.init()
    let kernel = try arguments.table("kernel_cfg")
    let mask = try arguments.table("mask_cfg")
    try arguments.only("data_dim", .integer(1), reason: "1, a sequence")
    try mask.only(
      "type", .text("gaussian"), reason: "gaussian, the one that the original runs with")
    variant = .ccnn
    generator = try kernel.named("type", default: "MAGNet") { Generator($0, in: .ccnn) }
    hiddenChannels = try kernel.integer("no_hidden", default: 32, in: 1...(1 << 24))
    layers = try kernel.integer("no_layers", default: 3, in: 0...64)
    activation = try kernel.named("nonlinearity", default: "GELU") {
      KernelActivation(original: $0).flatMap { $0 == .sine ? nil : $0 }
    }
    normalization = try kernel.named("norm", default: "Identity") {
      ["Identity", "BatchNorm1d"].contains($0) ? KernelNormalizationKind(original: $0) : nil
    }
    hasBias = try kernel.flag("bias", default: true)
    frequency = try kernel.number("omega_0", default: 1)
    kernelLength = try arguments.kernelLength("size", in: kernel)
    keepsVariance = try kernel.flag("chang_initialize", default: true)
    isCausal = try arguments.table("conv_cfg").flag("causal", default: true)
    hasMask = try arguments.flag("has_mask", default: true)
    maskWidth = try mask.number("init_value", default: 0.075)
    learnsMaskMean = try mask.flag("learn_mean", default: false)
    cropsKernel = try mask.flag("dynamic_cropping", default: true)
    maskThreshold = try mask.number("threshold", default: 0.1)
    if let threshold = arguments["mask_threshold"]?.number { maskThreshold = Float(threshold) }
  }
}

extension FlexConvOptions.Generator {
  /// What a code calls a generator.
  fileprivate init?(_ name: String, in variant: FlexConvOptions.Variant) {
    let isFirst = variant == .flexconv
    switch name {
    case isFirst ? "Gabor" : "GaborNet": self = .isotropicGabor
    case isFirst ? "Fourier" : "FourierNet": self = .fourier
    case "Gabor", "Fourier": return nil
    default: self.init(rawValue: name)
    }
    if !exists(in: variant) { return nil }
  }
}

extension SMPConvOptions {
  /// What the arguments of the authors' `CKConv` with an `SMPKernel` say.
  ///
  /// Padding and stride, which the original takes and does not use, may be anything.
  ///
  /// - Throws: `ReferenceError` for images.
  public init(original arguments: OriginalArguments) throws(ReferenceError) {
    self.init()
    guard arguments["kernel_dim_linear"] != nil else {
      throw arguments.refusal(of: "kernel_dim_linear", expected: "1, since the original's is 2")
    }
    try arguments.only("kernel_dim_linear", .integer(1), reason: "1, a sequence")
    points = try arguments.integer("kernel_n_points", default: 36, in: 1...(1 << 20))
    radius = try arguments.number("kernel_radius", default: 0.002)
    coordinateDeviation = try arguments.number("kernel_coord_std", default: 0.1)
    kernelLength = try arguments.kernelLength("horizon", in: arguments)
  }
}

extension LearnableSpacingOptions {
  /// What the arguments of the authors' `Dcls1d` say.
  ///
  /// - Throws: `ReferenceError` for a version or a padding that there is not.
  public init(original arguments: OriginalArguments) throws(ReferenceError) {
    self.init()
    points = try arguments.integer("kernel_count", default: 0, in: 1...(1 << 24))
    guard points > 0 else {
      throw arguments.refusal(of: "kernel_count", expected: "a whole number above 0")
    }
    kernelLength = try arguments.integer("dilated_kernel_size", default: 1, in: 1...(1 << 24))
    interpolation = try arguments.named("version", default: "gauss") {
      SpacingInterpolation(rawValue: $0)
    }
    groups = try arguments.integer("groups", default: 1, in: 1...(1 << 24))
    padding = try arguments.integer("padding", default: 0, in: 0...(1 << 24))
    paddingMode = try arguments.named("padding_mode", default: "zeros") {
      PaddingMode(rawValue: $0)
    }
    stride = try arguments.integer("stride", default: 1, in: 1...(1 << 24))
    hasBias = try arguments.flag("bias", default: true)
  }
}
