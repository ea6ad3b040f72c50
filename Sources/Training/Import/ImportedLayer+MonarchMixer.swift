import Differentiation
import Layers
import LongConvolution
import SequenceTensor

extension ImportedLayer {
  static let monarchMixer = Original(
    name: "m2.hyena",
    original: "MonarchMixerSequenceMixing of bert/src/mm in HazyResearch/m2",
    fill: { arguments, weights in
      arguments.fill("d_model", weights.size("in_linear.weight", 1))
      arguments.fill("l_max", weights.size("filter_fn.pos_emb.z", 1))
      arguments.fill("hyena_emb_dim", weights.size("filter_fn.pos_emb.z", 2))
      arguments.fill("hyena_filter_order", weights.size("filter_fn.implicit_filter.0.weight", 0))
      let future = "filter_fn.implicit_filter_rev.0.weight"
      arguments.fill("bidirectional", tree: .bool(weights.tensors[future] != nil))
      arguments.fill(
        "residual_long_conv", tree: .bool(weights.tensors["filter_fn2.bias"] != nil))
    },
    make: { source, random throws(ReferenceError) in
      let arguments = source.arguments
      try arguments.only(
        "hyena_training_additions", .bool(false), reason: "false: without a norm inside")
      let channels = try arguments.size("d_model")
      var filter = HyenaFilterOptions()
      filter.maximumLength = try arguments.integer("l_max", default: 128, in: 1...(1 << 30))
      filter.embeddingChannels = try arguments.integer("hyena_emb_dim", default: 3)
      filter.width = try arguments.integer("hyena_filter_order", default: 16)
      filter.frequency = try arguments.number("hyena_w", default: 10)
      filter.frequencyFactor = try arguments.number("hyena_w_mod", default: 1)
      filter.weightDecay = try arguments.number("hyena_wd", default: 0.1)
      filter.embeddingLearningRate = try arguments.number("hyena_lr_pos_emb", default: 1e-5)
      filter.isBidirectional = try arguments.flag("bidirectional", default: false)
      var settings = HyenaSettings(forTraining: ())
      settings.implicit = filter
      settings.operator.hasResidualConvolution = try arguments.flag(
        "residual_long_conv", default: false)
      try source.check(settings, channels: channels)
      var layer = HyenaOperator(
        channels: channels, options: settings.operator, using: &random
      ) { HyenaFilter(channels: $0, options: filter, using: &$1) }
      if let weights = source.weights { try layer.load(weights.inSafarisOrder()) }
      return layer
    })
}

extension ReferenceWeights {
  /// Monarch Mixer's tensors under safari's names, which gives the gate behind the convolution first.
  fileprivate func inSafarisOrder() throws(ReferenceError) -> ReferenceWeights {
    var renamed: [String: Tensor] = [:]
    for (name, tensor) in tensors {
      var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      if parts[0] == "in_linear" { parts[0] = "in_proj" }
      if parts[0] == "out_linear" { parts[0] = "out_proj" }
      guard ["in_proj", "short_filter"].contains(parts[0]) else {
        renamed[parts.joined(separator: ".")] = tensor
        continue
      }
      let rows = tensor.shape.rank > 0 ? tensor.shape[0] : 0
      guard rows > 0, rows.isMultiple(of: 3) else {
        throw ReferenceError(
          place: "\(place): \(name)", expected: "rows of three parts", got: "\(tensor.shape)")
      }
      let width = rows / 3
      renamed[parts.joined(separator: ".")] = .concatenated(
        [
          tensor.sliced(axis: 0, width..<2 * width), tensor.sliced(axis: 0, 0..<width),
          tensor.sliced(axis: 0, 2 * width..<rows),
        ], axis: 0)
    }
    return ReferenceWeights(renamed, place: place)
  }
}
