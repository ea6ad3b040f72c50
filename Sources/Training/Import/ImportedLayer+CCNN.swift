import Differentiation
import Layers
import LongConvolution
import SequenceTensor

/// The convolutions and the block of CCNN.
extension ImportedLayer {
  static let continuousConvolution = Original(
    name: "ccnn.conv",
    original: "(Separable)FlexConv and (Separable)CKConv of ckconv/nn in david-knigge/ccnn",
    fill: { fillConvolution(&$0, $1, "") },
    make: { source, random throws(ReferenceError) in
      let arguments = source.arguments
      let options = try FlexConvOptions(ccnn: arguments)
      let (inputs, outputs) = try denseChannels(source)
      let hasBias = try arguments.table("conv_cfg").flag("bias", default: true)
      guard try !arguments.flag("is_separable", default: false) else {
        try source.check(FlexConvSettings(options), channels: inputs)
        try source.require(ConfigurationCheck.product(inputs, outputs))
        var layer = SeparableConvolution(
          depthwise(options, channels: inputs, using: &random), outputs: outputs, bias: hasBias,
          using: &random)
        layer.authorsTransform = try transform(arguments, options)
        if let weights = source.weights { try layer.load(weights, ignoring: isSetting) }
        return layer
      }
      try source.check(FlexConvSettings(options), channels: inputs * outputs)
      var layer = DenseConvolution(
        FlexConvFilter(
          channels: inputs * outputs, options: options, inputs: inputs, using: &random),
        inputs: inputs, outputs: outputs, bias: hasBias)
      layer.filter.freezeStatistics()
      layer.authorsTransform = try transform(arguments, options)
      if let weights = source.weights { try layer.load(weights, ignoring: isSetting) }
      return layer
    }, input: denseInput)

  static let continuousBlock = Original(
    name: "ccnn.block",
    original: "S4Block of models/modules/s4_block.py in david-knigge/ccnn",
    fill: { arguments, weights in
      fillConvolution(&arguments, weights, "conv1.")
      arguments.fill("out_channels", weights.size("linear1.weight", 0))
      if weights.tensors["norm1.running_mean"] != nil {
        arguments.fill("norm", tree: .text("BatchNorm"))
      } else if weights.tensors["norm1.ln.weight"] != nil {
        arguments.fill("norm", tree: .text("LayerNorm"))
      }
    },
    make: { source, random throws(ReferenceError) in
      let arguments = source.arguments
      let options = try FlexConvOptions(ccnn: arguments)
      let (inputs, outputs) = try denseChannels(source)
      guard try arguments.flag("is_separable", default: true) else {
        throw ReferenceError(
          place: "argument is_separable", expected: "a separable convolution in the block",
          got: "another")
      }
      try source.check(FlexConvSettings(options), channels: inputs)
      try source.require(ConfigurationCheck.product(outputs, max(inputs, outputs)))
      let kind: NormalizationKind = try arguments.named("norm", default: "BatchNorm") {
        switch $0.prefix(while: { $0 != "(" }) {
        case "BatchNorm", "BatchNorm1d": .batch
        case "LayerNorm": .layer
        default: nil
        }
      }
      let activation: Activation = try arguments.named("nonlinearity", default: "GELU") {
        pointwise[$0]
      }
      var block = ContinuousBlock(
        depthwise(options, channels: inputs, using: &random), outputs: outputs,
        normalization: kind,
        placement: try arguments.flag("prenorm", default: true) ? .pre : .post,
        activation: activation,
        bias: try arguments.table("conv_cfg").flag("bias", default: true), using: &random)
      block.normalization.freezeStatistics()
      block.convolution.authorsTransform = try transform(arguments, options)
      if let weights = source.weights { try block.load(weights, ignoring: isSetting) }
      return block
    }, input: denseInput)

  /// PyTorch's nonlinearities that a block can have.
  private static let pointwise: [String: Activation] = [
    "GELU": .gelu, "SiLU": .silu, "ReLU": .relu, "Tanh": .tanh, "Sigmoid": .sigmoid, "ELU": .elu,
    "Softplus": .softplus, "Identity": .identity,
  ]

  private static func depthwise(
    _ options: FlexConvOptions, channels: Int, using random: inout RandomSource
  ) -> FlexConvFilter {
    var filter = FlexConvFilter(channels: channels, options: options, inputs: 1, using: &random)
    filter.freezeStatistics()
    return filter
  }

  private static func transform(
    _ arguments: OriginalArguments, _ options: FlexConvOptions
  ) throws(ReferenceError) -> AuthorsTransform? {
    authorsTransform(
      try arguments.table("conv_cfg").flag("use_fft", default: false),
      minimumTaps: options.hasMask ? 51 : 0)
  }

  /// Adds what the tensors under `prefix` tell.
  private static func fillConvolution(
    _ arguments: inout OriginalArguments, _ weights: ReferenceWeights, _ prefix: String
  ) {
    arguments.fillTrainLength(weights, "\(prefix)train_length")
    arguments.fill(
      "has_mask", tree: .bool(weights.tensors["\(prefix)mask_width_param"] != nil))
    arguments.fill(
      "mask_threshold",
      tree: weights.tensors["\(prefix)mask_threshold"]?.elements.first.map { .number(Double($0)) })
    let mixer = "\(prefix)channel_mixer.weight"
    arguments.fill("is_separable", tree: .bool(weights.tensors[mixer] != nil))
    arguments.fill("in_channels", weights.size(mixer, 1))
    arguments.fill("out_channels", weights.size(mixer, 0))
    arguments.fillDenseChannels(weights, "\(prefix)Kernel.output_linear.weight")
    arguments.fill("conv_cfg.bias", weights.tensors["\(prefix)bias"] != nil)
    arguments.fill("kernel_cfg.bias", weights.tensors["\(prefix)Kernel.output_linear.bias"] != nil)
  }
}

extension OriginalArguments {
  /// Sets an argument in a table that was left out.
  fileprivate mutating func fill(_ path: String, _ value: Bool) {
    let parts = path.split(separator: ".").map(String.init)
    if let table = values[parts[0]], table.arguments?[parts[1]] != nil || table.arguments == nil {
      return
    }
    set(path, to: .bool(value))
  }
}
