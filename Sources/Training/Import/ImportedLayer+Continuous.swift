import Differentiation
import Layers
import LongConvolution
import SequenceTensor

/// CKConv, FlexConv, SMPConv and convolutions with learnable spacings.
extension ImportedLayer {
  /// What arguments `in_channels` say.
  static let denseInput: @Sendable (OriginalArguments) throws(ReferenceError) -> Input = {
    arguments throws(ReferenceError) in Input(channels: try arguments.size("in_channels"))
  }

  /// Tensors of the originals that are settings here.
  static func isSetting(_ name: String) -> Bool {
    ["train_length", "temperature", "mask_threshold", "initialized", "num_batches_tracked"]
      .contains { name == $0 || name.hasSuffix(".\($0)") }
  }

  static let ckconv = Original(
    name: "ckconv", original: "CKConv of ckconv/nn/ckconv.py in dwromero/ckconv",
    fill: { arguments, weights in
      let kernel = "Kernel.kernel_net"
      arguments.fillTrainLength(weights)
      arguments.fill("hidden_channels", weights.size("\(kernel).1.weight", 0))
      arguments.fill("hidden_channels", weights.size("\(kernel).0.weight_v", 0))
      if weights.tensors["\(kernel).1.weight"] != nil {
        arguments.fill("activation_function", tree: .text("RandomFourier"))
      }
      if weights.tensors["\(kernel).2.running_mean"] != nil {
        arguments.fill("norm_type", tree: .text("BatchNorm"))
      } else if weights.tensors["\(kernel).2.layer_norm.weight"] != nil {
        arguments.fill("norm_type", tree: .text("LayerNorm"))
      }
      arguments.fill("bias", tree: .bool(weights.tensors["bias"] != nil))
      arguments.fillDenseChannels(weights, "\(kernel).8.weight_v", "\(kernel).3.weight")
    },
    make: { source, random throws(ReferenceError) in
      let arguments = source.arguments
      let options = try CKConvOptions(original: arguments)
      let (inputs, outputs) = try denseChannels(source)
      try source.check(CKConvSettings(options), channels: inputs * outputs)
      var layer = DenseConvolution(
        CKConvFilter(channels: inputs * outputs, options: options, using: &random),
        inputs: inputs, outputs: outputs, bias: options.hasBias)
      layer.filter.freezeStatistics()
      var transform = AuthorsTransform()
      transform.minimumLength = options.trainLength
      layer.authorsTransform = transform
      if let weights = source.weights { try layer.load(weights, ignoring: isSetting) }
      return layer
    }, input: denseInput)

  static let flexconv = Original(
    name: "flexconv", original: "FlexConv and CKConv of ckconv/nn/ckconv.py in rjbruin/flexconv",
    fill: { arguments, weights in
      arguments.fillTrainLength(weights)
      arguments.fill("has_mask", tree: .bool(weights.tensors["mask_params"] != nil))
      arguments.fill(
        "mask_threshold",
        tree: weights.tensors["mask_threshold"]?.elements.first.map { .number(Double($0)) })
      let (network, filter) = ("Kernel.kernel_net", "Kernel.filters.0.linear.weight")
      arguments.fill("conv_bias", tree: .bool(weights.tensors["bias"] != nil))
      arguments.fill(
        "kernel_no_hidden",
        weights.size(filter, 0) ?? weights.size("\(network).0.weight", 0)
          ?? weights.size("\(network).0.weight_v", 0))
      let filters = weights.tensors.keys.count {
        $0.hasPrefix("Kernel.filters.") && $0.hasSuffix("linear.weight")
      }
      let maps = weights.tensors.keys.count {
        $0.hasPrefix(network) && ($0.hasSuffix(".weight") || $0.hasSuffix(".weight_v"))
          && weights.tensors[$0]?.shape.rank == 3
      }
      arguments.fill("kernel_no_layers", filters > 0 ? filters - 1 : maps > 0 ? maps : nil)
      if weights.tensors["\(network).0.weight_v"] != nil {
        arguments.fill("kernel_weight_norm", tree: .bool(true))
      }
      let step = weights.tensors.keys.contains { $0.hasSuffix("omega_0") } ? 2 : 3
      let last = "\(network).\(step * max(0, maps - 1))"
      arguments.fillDenseChannels(
        weights, "Kernel.output_linear.weight", "\(last).weight", "\(last).weight_v")
    },
    make: { source, random throws(ReferenceError) in
      let arguments = source.arguments
      let options = try FlexConvOptions(original: arguments)
      let (inputs, outputs) = try denseChannels(source)
      try source.check(FlexConvSettings(options), channels: inputs * outputs)
      var layer = DenseConvolution(
        FlexConvFilter(
          channels: inputs * outputs, options: options, inputs: inputs, using: &random),
        inputs: inputs, outputs: outputs, bias: options.hasBias)
      layer.filter.freezeStatistics()
      layer.authorsTransform = authorsTransform(
        try arguments.flag("conv_use_fft", default: false), minimumTaps: options.hasMask ? 51 : 0)
      if let weights = source.weights { try layer.load(weights, ignoring: isSetting) }
      return layer
    }, input: denseInput)

  static let smpconv = Original(
    name: "smpconv", original: "CKConv of smp/ckconv/nn/ckconv.py in sangnekim/SMPConv",
    fill: { arguments, weights in
      arguments.fillTrainLength(weights)
      arguments.fill("conv_bias", tree: .bool(weights.tensors["bias"] != nil))
      arguments.fill("out_channels", weights.size("Kernel.weights", 0))
      arguments.fill("in_channels", weights.size("Kernel.weights", 1))
      arguments.fill("kernel_n_points", weights.size("Kernel.weights", 2))
    },
    make: { source, random throws(ReferenceError) in
      let arguments = source.arguments
      let options = try SMPConvOptions(original: arguments)
      let (inputs, outputs) = try denseChannels(source)
      try source.check(SMPConvSettings(options), channels: inputs * outputs)
      var layer = DenseConvolution(
        SMPConvFilter(outputs: outputs, inputs: inputs, options: options, using: &random),
        inputs: inputs, outputs: outputs, bias: try arguments.flag("conv_bias", default: true))
      layer.authorsTransform = authorsTransform(
        try arguments.flag("conv_use_fft", default: false))
      if let weights = source.weights { try layer.load(weights, ignoring: isSetting) }
      return layer
    }, input: denseInput)

  static let learnableSpacings = Original(
    name: "dcls1d",
    original: "Dcls1d of DCLS/construct/modules.py in "
      + "K-H-Ismail/Dilated-Convolution-with-Learnable-Spacings-PyTorch",
    fill: { arguments, weights in
      arguments.fill("out_channels", weights.size("weight", 0))
      arguments.fill("kernel_count", weights.size("weight", 2))
      arguments.fill("bias", tree: .bool(weights.tensors["bias"] != nil))
      let groups = arguments["groups"]?.number ?? 1
      if let inputs = weights.size("weight", 1), let count = Int(exactly: groups),
        count <= 1 << 30
      {
        arguments.fill("in_channels", inputs * count)
      }
    },
    make: { source, random throws(ReferenceError) in
      let options = try LearnableSpacingOptions(original: source.arguments)
      let (inputs, outputs) = try denseChannels(source)
      guard inputs % options.groups == 0, outputs % options.groups == 0 else {
        throw source.arguments.refusal(
          of: "groups",
          expected: "a divisor of in_channels, \(inputs), and out_channels, \(outputs)")
      }
      try source.require(
        ConfigurationCheck.product(outputs, inputs / options.groups, options.points, 2))
      var layer = LearnableSpacingConvolution(
        inputs: inputs, outputs: outputs, options: options, using: &random)
      if let weights = source.weights { try layer.load(weights) }
      return layer
    },
    input: { arguments throws(ReferenceError) in
      var random = RandomSource(seed: 0)
      let options = try LearnableSpacingOptions(original: arguments)
      var input = try denseInput(arguments)
      var alone = options
      (alone.groups, alone.points) = (1, 1)
      input.shortestLength =
        LearnableSpacingConvolution(
          inputs: 1, outputs: 1, options: alone, using: &random
        ).shortestLength
      return input
    })

  /// Inputs and outputs, whose product is a number of channels.
  static func denseChannels(_ source: Source) throws(ReferenceError) -> (Int, Int) {
    let inputs = try source.arguments.size("in_channels")
    let outputs = try source.arguments.size("out_channels")
    try source.require(max(inputs, outputs))
    return (inputs, outputs)
  }

  /// What the originals' `use_fft` does to odd lengths.
  static func authorsTransform(_ isUsed: Bool, minimumTaps: Int = 0) -> AuthorsTransform? {
    guard isUsed else { return nil }
    var transform = AuthorsTransform()
    transform.minimumTaps = minimumTaps
    return transform
  }
}
