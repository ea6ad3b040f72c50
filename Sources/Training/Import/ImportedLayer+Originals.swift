import Differentiation
import Layers
import LongConvolution
import SequenceTensor

extension ImportedLayer {
  static let originals: [Original] =
    [
      hyena("safari.hyena", isStandalone: false),
      hyena("safari.hyena-standalone", isStandalone: true),
    ]
    + [
      monarchMixer, longConvolution, sgconv, multires, multiresnet, s4d, s4Diagonal, s4, h3, ckconv,
      flexconv,
      continuousConvolution, continuousBlock, smpconv, learnableSpacings,
    ]

  private static func hyena(_ name: String, isStandalone: Bool) -> Original {
    Original(
      name: name,
      original: isStandalone
        ? "HyenaOperator of standalone_hyena.py in HazyResearch/safari"
        : "HyenaOperator of src/models/sequence/hyena.py in HazyResearch/safari",
      fill: { arguments, weights in
        arguments.fill("d_model", weights.size("in_proj.weight", 1))
        arguments.fill("l_max", weights.size("filter_fn.pos_emb.z", 1))
        arguments.fill("emb_dim", weights.size("filter_fn.pos_emb.z", 2))
        arguments.fill("filter_order", weights.size("filter_fn.implicit_filter.0.weight", 0))
        arguments.fill("short_filter_order", weights.size("short_filter.weight", 2))
        let maps = weights.tensors.keys.count {
          $0.hasPrefix("filter_fn.implicit_filter.") && $0.hasSuffix(".weight")
        }
        arguments.fill("num_inner_mlps", maps - 2)
        if let width = arguments["d_model"]?.number, let rows = weights.size("in_proj.weight", 0) {
          let factor = arguments["inner_factor"]?.number ?? 1
          let gates = Double(rows) / (width * factor)
          if gates.isFinite { arguments.fill("order", Int(gates) - 1) }
        }
      },
      make: { source, random throws(ReferenceError) in
        let (arguments, weights) = (source.arguments, source.weights)
        let options = try HyenaOptions(original: arguments, isStandalone: isStandalone)
        let filter = HyenaFilterOptions(
          original: arguments, isPart: true, isStandalone: isStandalone)
        let channels = try arguments.size("d_model")
        var settings = HyenaSettings(forTraining: ())
        (settings.operator, settings.implicit) = (options, filter)
        try source.check(settings, channels: channels)
        var layer = HyenaOperator(
          channels: channels, options: options, using: &random
        ) { HyenaFilter(channels: $0, options: filter, using: &$1) }
        if let weights {
          try layer.load(weights) { !options.hasSkip && $0 == "filter_fn.bias" }
        }
        return layer
      })
  }

  private static let longConvolution = Original(
    name: "safari.longconv", original: "LongConv of long_conv.py in HazyResearch/safari",
    fill: { arguments, weights in
      arguments.fill("channels", weights.size("D", 0))
      arguments.fill("d_model", weights.size("D", 1))
      arguments.fill("l_max", weights.size("kernel.kernel", 2))
      arguments.values["has_output"] = .bool(weights.tensors["output_linear.0.weight"] != nil)
    },
    make: { source, random throws(ReferenceError) in
      let (arguments, weights) = (source.arguments, source.weights)
      let options = try FreeFilterOptions(original: arguments)
      let channels = try arguments.size("d_model")
      var mixing = LongConvolutionOptions()
      mixing.activation = try arguments.named("activation", default: "gelu") {
        Activation(original: $0)
      }
      mixing.outputActivation = try postActivation(arguments)
      mixing.isLinear = arguments["has_output"]?.bool == false
      try source.check(FreeFilterSettings(options), channels: channels)
      var filter = FreeFilter(channels: channels, options: options, using: &random)
      if let weights { try filter.load(weights.under("kernel")) }
      var layer = LongConvolution(filter, channels: channels, options: mixing, using: &random)
      guard let weights else { return layer }
      layer.skip.value = try weights.values("D", filter.channels).reshaped(-1)
      if let output = layer.output {
        let shape = output.weight.value.shape
        layer.output?.weight.value = try weights.values("output_linear.0.weight", shape.count)
          .reshaped(to: shape)
        layer.output?.bias?.value = try weights.values("output_linear.0.bias", shape[0])
          .reshaped(-1)
      }
      return layer
    },
    activation: { arguments throws(ReferenceError) in
      arguments["has_output"]?.bool == false
        ? try arguments.named("activation", default: "gelu") { Activation(original: $0) }
        : .identity
    })

  private static func postActivation(
    _ arguments: OriginalArguments
  ) throws(ReferenceError) -> Activation {
    // Given as null it is none; left out it is a gated linear unit.
    if arguments.values["postact"] == .null { return .identity }
    return try arguments.named("postact", default: "glu") { Activation(original: $0) }
  }

  private static let sgconv = Original(
    name: "sgconv", original: "GConv of gconv_standalone.py in ctlllll/SGConv",
    fill: { arguments, weights in
      arguments.fill("kernel_dim", weights.size("kernel_list.0", 2))
      arguments.fill("d_model", weights.size("kernel_list.0", 1))
      let scales = weights.tensors.keys.count { $0.hasPrefix("kernel_list.") }
      arguments.fill("n_scales", scales)
    },
    make: { source, random throws(ReferenceError) in
      let (arguments, weights) = (source.arguments, source.weights)
      let options = try SGConvOptions(original: arguments)
      let channels = try arguments.size("d_model")
      try source.check(options, channels: channels)
      var mixing = LongConvolutionOptions()
      mixing.activation = try arguments.named("activation", default: "gelu") {
        Activation(original: $0)
      }
      mixing.outputActivation = try arguments.named("postact", default: "identity") {
        Activation(original: $0)
      }
      mixing.isLinear = arguments["linear"]?.bool ?? false
      var layer = LongConvolution(
        SGConvFilter(channels: channels, options: options, using: &random), channels: channels,
        options: mixing, using: &random)
      if let weights { try layer.load(original: weights) }
      return layer
    })

  static let multires = Original(
    name: "multires",
    original: "MultiresLayer of layers/multireslayer.py in thjashin/multires-conv",
    fill: { arguments, weights in
      arguments.fill("d_model", weights.size("h0", 0))
      arguments.fill("kernel_size", weights.size("h0", 2))
      if arguments["tree_select"]?.text ?? "fading" == "fading" {
        arguments.fill("depth", weights.size("w", 1).map { $0 - 2 })
      } else {
        arguments.fill("memory_size", weights.size("w", 1).map { $0 - 1 })
      }
    },
    make: { source, random throws(ReferenceError) in
      let (arguments, weights) = (source.arguments, source.weights)
      let options = try MultiresolutionOptions(imported: arguments)
      let channels = try arguments.size("d_model")
      try source.check(MultiresolutionSettings(checked: options), channels: channels)
      var layer = MultiresolutionConvolution(channels: channels, options: options, using: &random)
      if let weights { try layer.load(weights) }
      return layer
    })

  private static let s4d = Original(
    name: "s4d", original: "S4D of models/s4/s4d.py in state-spaces/s4",
    fill: { arguments, weights in
      arguments.fill("d_model", weights.size("D", 0))
      arguments.fill("d_state", weights.size("kernel.C", 1).map { 2 * $0 })
    },
    make: { source, random throws(ReferenceError) in
      let (arguments, weights) = (source.arguments, source.weights)
      var options = StateSpaceOptions.minimal
      try options.take(arguments)
      let channels = try arguments.size("d_model")
      try source.check(S4DSettings(options), channels: channels)
      var layer = LongConvolution(
        S4DFilter(channels: channels, options: options, using: &random), channels: channels,
        using: &random)
      if let weights { try layer.load(weights) }
      return layer
    })

  private static let s4Diagonal = stateSpace(
    "s4.diag", kernel: "SSMKernelDiag", settings: { S4DSettings($0) })

  private static let s4 = stateSpace("s4", kernel: "SSMKernelDPLR", settings: { S4Settings($0) })

  /// A convolution with a state-space filter and its skip term alone.
  private static func stateSpace<Settings: FilterSettings>(
    _ name: String, kernel: String, settings: @escaping @Sendable (StateSpaceOptions) -> Settings
  ) -> Original where Settings.Filter: ReferenceLayerFilter {
    Original(
      name: name, original: "FFTConv with \(kernel) of models/s4/s4.py in state-spaces/s4",
      fill: fillStateSpace,
      make: { source, random throws(ReferenceError) in
        let (arguments, weights) = (source.arguments, source.weights)
        let channels = try arguments.size("d_model")
        let settings = settings(try options(arguments))
        try source.check(settings, channels: channels)
        var layer = LongConvolution(
          settings.makeFilter(channels: channels, using: &random), channels: channels,
          options: linear, using: &random)
        if let weights { try layer.load(weights) }
        return layer
      }, activation: convolutionActivation)
  }

  private static let fillStateSpace: @Sendable (inout OriginalArguments, ReferenceWeights) -> Void =
    { arguments, weights in
      arguments.fill("d_model", weights.size("D", 1))
      let isReal = arguments["is_real"]?.bool == true
      arguments.fill("d_state", weights.size("kernel.C", 2).map { isReal ? $0 : 2 * $0 })
      arguments.fill("n_ssm", weights.size("kernel.A_real", 0))
      arguments.fill("rank", weights.size("kernel.P", 0))
    }

  private static func options(
    _ arguments: OriginalArguments
  ) throws(ReferenceError) -> StateSpaceOptions {
    var options = StateSpaceOptions()
    try options.take(arguments)
    // A gated linear unit takes twice as many filters.
    if arguments["activation"]?.text == "glu" { options.copies *= 2 }
    return options
  }

  private static var linear: LongConvolutionOptions {
    var options = LongConvolutionOptions()
    options.isLinear = true
    return options
  }

  private static let convolutionActivation:
    @Sendable (OriginalArguments) throws(ReferenceError) -> Activation = {
      arguments throws(ReferenceError) in
      if arguments.values["activation"] == .null { return .identity }
      return try arguments.named("activation", default: "gelu") { Activation(original: $0) }
    }

  private static let h3 = Original(
    name: "safari.h3", original: "H3 of src/models/sequence/h3.py in HazyResearch/safari",
    fill: { arguments, weights in
      arguments.fill("d_model", weights.size("q_proj.weight", 1))
      arguments.fill("d_state", weights.size("ssm_k_kernel.kernel.B", 1))
    },
    make: { source, random throws(ReferenceError) in
      let (arguments, weights) = (source.arguments, source.weights)
      var options = StateSpaceOptions.safari
      try options.take(arguments)
      let channels = try arguments.size("d_model")
      var settings = H3Settings(forTraining: ())
      settings.headSize = arguments["head_dim"] == nil ? 1 : try arguments.size("head_dim")
      settings.stateSpace = options
      try source.check(settings, channels: channels)
      var layer = H3(
        channels: channels, headSize: settings.headSize, options: options, using: &random)
      if let weights { try layer.load(weights) }
      return layer
    })
}
