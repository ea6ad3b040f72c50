import Longwave
import Testing

extension GoldenComparison {
  /// Compares output, gradients and kernel of a mixer whose weights are the case's.
  ///
  /// - Parameter kernel: the original's `[outputs, inputs, taps]`, oldest tap first.
  fileprivate mutating func expectMixer(
    _ mixer: some SequenceMixer & ReferenceCompatible, kernel: Tensor?
  ) throws {
    let tape = Tape()
    let x = tape.variable(swapped(try tensor("input")))
    let y = mixer(x, mask: nil)
    try expect("output", equals: swapped(y.value))
    if golden.tensors["aux.kernel"] != nil {
      try expect("aux.kernel", equals: try #require(kernel, "\(golden.name): kernel"))
    }
    guard golden.tensors["grad_output"] != nil else { return }
    let gradients = tape.gradients(of: y, seed: swapped(try tensor("grad_output")))
    try expectGradients([("input", gradients[x].map(swapped))])
    try expectGradients(of: mixer, gradients)
  }

  /// Cases of grids are counted, not checked.
  fileprivate func requireOneDimension(_ arguments: [String]) throws {
    let dimensions = arguments.compactMap { golden.args[$0]?.number }
    if dimensions.contains(where: { $0 != 1 }) || golden.tensors["input"]?.count != 3 {
      throw GoldenSkip(reason: "two-dimensional")
    }
  }

  fileprivate func integer(_ name: String) throws -> Int {
    Int(try #require(golden.args[name]?.number, "\(golden.name): \(name)"))
  }

  /// The length that the original noted at its first use, or will note.
  fileprivate func trainLength(_ prefix: String = "", size: ConfigurationTree? = nil) throws
    -> Int
  {
    let noted = Int(try tensor(prefix + "train_length").elements[0])
    guard noted == 0 else { return noted }
    let length = try tensor("input").shape[2]
    switch size?.text ?? "same" {
    case "same": return length
    case "full": return 2 * length - 1
    case let text: return try #require(size?.number.map { Int($0) } ?? Int(text))
    }
  }

  /// What the original's `conv_use_fft` does to odd lengths.
  fileprivate func authorsTransform(_ isUsed: Bool?, minimumTaps: Int = 0) -> AuthorsTransform? {
    guard isUsed == true else { return nil }
    var transform = AuthorsTransform()
    transform.minimumTaps = minimumTaps
    return transform
  }
}

/// Tensors that are settings here.
private func isSetting(_ name: String) -> Bool {
  ["train_length", "temperature", "mask_threshold", "initialized", "num_batches_tracked"]
    .contains { name.hasSuffix($0) }
}

/// Rows of lags as the original's `[outputs, inputs, taps]`, the oldest tap first.
private func correlation(_ taps: Tensor, outputs: Int) -> Tensor {
  taps.flipped(axis: 0).transposed().reshaped(outputs, -1, taps.shape[0])
}

/// `dcls1d_*`: the authors' `Dcls1d`.
func checkLearnableSpacings(_ c: inout GoldenComparison) throws {
  var options = LearnableSpacingOptions()
  options.points = try c.integer("kernel_count")
  options.kernelLength = Int(c.golden.args["dilated_kernel_size"]?.number ?? 1)
  options.interpolation = try #require(
    SpacingInterpolation(rawValue: c.golden.args["version"]?.text ?? "gauss"))
  options.groups = Int(c.golden.args["groups"]?.number ?? 1)
  options.padding = Int(c.golden.args["padding"]?.number ?? 0)
  options.hasBias = c.golden.args["bias"]?.bool ?? true
  var random = RandomSource(seed: 0)
  var layer = LearnableSpacingConvolution(
    inputs: try c.integer("in_channels"), outputs: try c.integer("out_channels"),
    options: options, using: &random)
  try layer.load(c.weights())
  let kernel = layer.kernel(on: nil).value
  try c.expectMixer(layer, kernel: kernel.transposed(0, 1).transposed(1, 2))
}

/// `ckconv_*`: the authors' `CKConv` of 2021.
func checkCKConv(_ c: inout GoldenComparison) throws {
  try c.requireOneDimension(["dim_linear"])
  let (inputs, outputs) = (try c.integer("in_channels"), try c.integer("out_channels"))
  var options = CKConvOptions()
  options.hiddenChannels = try c.integer("hidden_channels")
  options.activation = try #require(
    KernelActivation(rawValue: c.golden.args["activation_function"]?.text ?? "Sine"))
  options.frequency = Float(c.golden.args["omega_0"]?.number ?? 1)
  options.hasBias = c.golden.args["bias"]?.bool ?? true
  options.trainLength = try c.trainLength()
  var random = RandomSource(seed: 0)
  var layer = DenseConvolution(
    CKConvFilter(channels: inputs * outputs, options: options, using: &random), inputs: inputs,
    outputs: outputs, bias: options.hasBias)
  layer.authorsTransform = AuthorsTransform()
  layer.authorsTransform?.minimumLength = options.trainLength
  try layer.load(c.weights(), ignoring: isSetting)
  let length = try c.tensor("input").shape[2]
  if c.golden.tensors["aux.rel_positions"] != nil {
    let positions = layer.filter.positions(length: length).map { Float($0) }
    try c.expect("aux.rel_positions", equals: Tensor(positions, shape: [1, 1, length]))
  }
  let kernel = layer.filter.kernel(length: length, on: nil).value
  try c.expectMixer(layer, kernel: correlation(kernel, outputs: outputs))
}

/// `flexconv_*`: the authors' `FlexConv` of 2022.
func checkFlexConv(_ c: inout GoldenComparison) throws {
  try c.requireOneDimension(["kernel_dim_linear"])
  let (inputs, outputs) = (try c.integer("in_channels"), try c.integer("out_channels"))
  let arguments = c.golden.args
  var options = FlexConvOptions()
  options.hiddenChannels = Int(arguments["kernel_no_hidden"]?.number ?? 32)
  options.layers = Int(arguments["kernel_no_layers"]?.number ?? 3)
  options.kernelLength = try c.trainLength(size: arguments["horizon"])
  options.scale = Float(arguments["kernel_sampling_rate_norm"]?.number ?? 1)
  options.hasMask = arguments["mask_use"]?.bool ?? true
  options.maskWidth = Float(arguments["mask_init_value"]?.number ?? 0.075)
  options.cropsKernel = arguments["mask_dynamic_cropping"]?.bool ?? true
  options.maskThreshold = try c.tensor("mask_threshold").elements[0]
  var random = RandomSource(seed: 0)
  var layer = DenseConvolution(
    FlexConvFilter(channels: inputs * outputs, options: options, inputs: inputs, using: &random),
    inputs: inputs, outputs: outputs, bias: arguments["conv_bias"]?.bool ?? true)
  layer.authorsTransform = c.authorsTransform(arguments["conv_use_fft"]?.bool, minimumTaps: 51)
  try layer.load(c.weights(), ignoring: isSetting)
  let kernel = layer.filter.kernel(length: options.kernelLength, on: nil).value
  try c.expectMixer(layer, kernel: correlation(kernel, outputs: outputs))
}

/// `ccnn_*`: the convolutions and the block of CCNN.
func checkCCNN(_ c: inout GoldenComparison) throws {
  try c.requireOneDimension(["data_dim"])
  let (inputs, outputs) = (try c.integer("in_channels"), try c.integer("out_channels"))
  let isBlock = c.golden.tensors["linear1.weight"] != nil
  let prefix = isBlock ? "conv1." : ""
  var options = FlexConvOptions(ccnn: c.golden.args)
  options.hasMask = c.golden.tensors[prefix + "mask_width_param"] != nil
  options.kernelLength = try c.trainLength(
    prefix, size: c.golden.args["kernel_cfg"]?.arguments?["size"])
  if options.hasMask {
    options.maskThreshold = try c.tensor(prefix + "mask_threshold").elements[0]
  }
  let hasBias = c.golden.args["conv_cfg"]?.arguments?["bias"]?.bool ?? true
  let transform = c.authorsTransform(
    c.golden.args["conv_cfg"]?.arguments?["use_fft"]?.bool, minimumTaps: options.hasMask ? 51 : 0)
  let isSeparable = c.golden.tensors[prefix + "channel_mixer.weight"] != nil
  var random = RandomSource(seed: 0)
  func filter(channels: Int, inputs: Int) -> FlexConvFilter {
    FlexConvFilter(channels: channels, options: options, inputs: inputs, using: &random)
  }
  guard isSeparable else {
    var layer = DenseConvolution(
      filter(channels: inputs * outputs, inputs: inputs), inputs: inputs, outputs: outputs,
      bias: hasBias)
    layer.authorsTransform = transform
    try layer.load(c.weights(), ignoring: isSetting)
    let kernel = layer.filter.kernel(length: options.kernelLength, on: nil).value
    return try c.expectMixer(layer, kernel: correlation(kernel, outputs: outputs))
  }
  let depthwise = filter(channels: inputs, inputs: 1)
  if isBlock {
    let norm = c.golden.args["norm"]?.text ?? "BatchNorm"
    var block = ContinuousBlock(
      depthwise, outputs: outputs, normalization: norm.hasPrefix("Batch") ? .batch : .layer,
      placement: c.golden.args["prenorm"]?.bool ?? true ? .pre : .post, using: &random)
    block.normalization.freezeStatistics()
    block.convolution.authorsTransform = transform
    try block.load(c.weights(), ignoring: isSetting)
    return try c.expectMixer(block, kernel: nil)
  }
  var layer = SeparableConvolution(depthwise, outputs: outputs, bias: hasBias, using: &random)
  layer.authorsTransform = transform
  try layer.load(c.weights(), ignoring: isSetting)
  let kernel = layer.filter.kernel(length: options.kernelLength, on: nil).value
  try c.expectMixer(layer, kernel: correlation(kernel, outputs: 1))
}

extension FlexConvOptions {
  /// CCNN's configuration; the kernel's length is what the original noted at its first use.
  fileprivate init(ccnn arguments: OriginalArguments) {
    self.init()
    let kernel = arguments["kernel_cfg"]?.arguments ?? OriginalArguments()
    let mask = arguments["mask_cfg"]?.arguments ?? OriginalArguments()
    variant = .ccnn
    generator = Generator(rawValue: kernel["type"]?.text ?? "MAGNet") ?? .gabor
    hiddenChannels = Int(kernel["no_hidden"]?.number ?? 32)
    layers = Int(kernel["no_layers"]?.number ?? 3)
    frequency = Float(kernel["omega_0"]?.number ?? 1)
    isCausal = arguments["conv_cfg"]?.arguments?["causal"]?.bool ?? true
    maskWidth = Float(mask["init_value"]?.number ?? 0.075)
    learnsMaskMean = mask["learn_mean"]?.bool ?? false
    cropsKernel = mask["dynamic_cropping"]?.bool ?? true
  }
}

/// `smpconv_*`: the authors' `CKConv` with an `SMPKernel`.
func checkSMPConv(_ c: inout GoldenComparison) throws {
  try c.requireOneDimension(["kernel_dim_linear"])
  let (inputs, outputs) = (try c.integer("in_channels"), try c.integer("out_channels"))
  var options = SMPConvOptions()
  options.points = try c.integer("kernel_n_points")
  options.radius = Float(c.golden.args["kernel_radius"]?.number ?? 0.002)
  options.coordinateDeviation = Float(c.golden.args["kernel_coord_std"]?.number ?? 0.1)
  options.kernelLength = try c.trainLength(size: c.golden.args["horizon"])
  var random = RandomSource(seed: 0)
  var layer = DenseConvolution(
    SMPConvFilter(outputs: outputs, inputs: inputs, options: options, using: &random),
    inputs: inputs, outputs: outputs, bias: c.golden.args["conv_bias"]?.bool ?? true)
  layer.authorsTransform = c.authorsTransform(c.golden.args["conv_use_fft"]?.bool)
  try layer.load(c.weights(), ignoring: isSetting)
  let kernel = layer.filter.kernel(length: options.kernelLength, on: nil).value
  try c.expectMixer(layer, kernel: correlation(kernel, outputs: outputs))
}
