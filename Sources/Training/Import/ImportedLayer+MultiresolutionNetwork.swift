import Differentiation
public import Layers
public import LongConvolution
import SequenceTensor

extension ImportedLayer {
  static let multiresnet = Original(
    name: "multiresnet", original: "MultiresNet of classification.py in thjashin/multires-conv",
    fill: { arguments, weights in
      let isEmbedding = weights.tensors["encoder.weight"]?.shape.rank == 2
      arguments.fill("encoder", tree: .text(isEmbedding ? "embedding" : "linear"))
      arguments.fill("d_model", weights.size("output_mapping.weight", 1))
      arguments.fill("d_output", weights.size("output_mapping.weight", 0))
      arguments.fill(
        isEmbedding ? "n_tokens" : "d_input", weights.size("encoder.weight", isEmbedding ? 0 : 1))
      arguments.fill("kernel_size", weights.size("seq_layers.0.h0", 2))
      arguments.fill(
        "n_layers",
        weights.tensors.keys.count { $0.hasPrefix("seq_layers.") && $0.hasSuffix(".h0") })
      arguments.fill("batchnorm", tree: .bool(weights.tensors["norms.0.running_mean"] != nil))
      let coefficients = weights.size("seq_layers.0.w", 1)
      if arguments["tree_select"]?.text ?? "fading" == "fading" {
        arguments.fill("depth", coefficients.map { $0 - 2 })
      } else {
        arguments.fill("d_mem", coefficients.map { $0 - 1 })
      }
    },
    make: { source, random throws(ReferenceError) in
      let arguments = source.arguments
      let options = try MultiresolutionNetworkOptions(original: arguments)
      let settings = try MultiresolutionSettings(checked: options.convolution)
      try source.check(settings, channels: options.channels)
      try source.require(
        ConfigurationCheck.product(options.layers, 2, options.channels, options.channels))
      let outputs = try arguments.integer("d_output", default: 10, in: 1...(1 << 30))
      try source.require(ConfigurationCheck.product(outputs, options.channels))
      let inputs = try networkInput(arguments)
      try source.require(
        ConfigurationCheck.product(inputs.vocabulary ?? inputs.channels, options.channels))
      var network =
        inputs.vocabulary.map {
          MultiresolutionNetwork(vocabulary: $0, outputs: outputs, options: options, using: &random)
        }
        ?? MultiresolutionNetwork(
          inputs: inputs.channels, outputs: outputs, options: options, using: &random)
      network.freezeStatistics()
      if let weights = source.weights { try network.load(weights, ignoring: isSetting) }
      return network
    }, input: networkInput)

  private static let networkInput: @Sendable (OriginalArguments) throws(ReferenceError) -> Input = {
    arguments throws(ReferenceError) in
    let isEmbedding = try arguments.named("encoder", default: "linear") {
      ["linear": false, "embedding": true][$0]
    }
    guard isEmbedding else { return Input(channels: try arguments.size("d_input")) }
    return Input(channels: 1, vocabulary: try arguments.size("n_tokens"))
  }
}

extension MultiresolutionNetworkOptions {
  /// What the arguments of the authors' `MultiresNet` say.
  ///
  /// - Throws: `ReferenceError` for a tree or a layer that there is not.
  public init(original arguments: OriginalArguments) throws(ReferenceError) {
    self.init()
    try arguments.only("layer_type", .text("multires"), reason: "multires")
    channels = try arguments.integer("d_model", default: 256, in: 1...(1 << 24))
    layers = try arguments.integer("n_layers", default: 4, in: 0...(1 << 16))
    dropout = try arguments.number("dropout", default: 0.2)
    usesBatchNormalization = try arguments.flag("batchnorm", default: false)
    var convolution = arguments
    // The layer's own names.
    let names = [("max_length", "seq_len"), ("d_mem", "memory_size"), ("hinit", "wavelet_init")]
    for (theirs, its) in names {
      convolution.values[its] = arguments.values[theirs]
    }
    self.convolution = try MultiresolutionOptions(imported: convolution)
  }
}
