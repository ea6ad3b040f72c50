import Longwave

/// A language model of Hyena operators to time: one step of training, and the forward pass.
struct LanguageModelContest {
  var batch: Int
  var length: Int
  var channels: Int
  var layers: Int

  /// The vocabulary of bytes.
  static let vocabulary = 256

  /// The shapes of the comparison with other systems.
  static let standard = [
    LanguageModelContest(batch: 8, length: 1024, channels: 256, layers: 4),
    LanguageModelContest(batch: 2, length: 8192, channels: 128, layers: 4),
  ]

  /// The times of a step and of a forward pass, in milliseconds.
  ///
  /// A step is forward and backward pass and AdamW on random tokens; the forward pass has no tape.
  func run(_ stopwatch: Stopwatch) -> (step: Double, forward: Double) {
    var random = RandomSource(seed: 0)
    var model = makeModel(&random)
    let tokens = (0..<batch * (length + 1)).map { _ in
      Int32(random.integer(below: Self.vocabulary))
    }
    let mask = SequenceMask(
      lengths: Array(repeating: length + 1, count: batch), length: length + 1)
    var optimizer = AdamW(learningRate: 1e-3)
    let step = stopwatch.shortest([
      {
        let (_, gradients, _) = withGradients(random: &random) { tape in
          model.loss(of: tokens, mask: mask, on: tape)
        }
        optimizer.update(&model, with: gradients)
      }
    ])
    let inputs = Array(tokens.prefix(batch * length))
    let whole = SequenceMask(lengths: Array(repeating: length, count: batch), length: length)
    let forward = stopwatch.shortest([{ _ = model(inputs, mask: whole, on: nil) }])
    return (step[0], forward[0])
  }

  /// Perceptrons 4 times as wide, layer normalisation, a head of its own without bias, no dropout;
  /// filters with 33 embedding channels that are not trained, width 64, ω = 14.
  private func makeModel(_ random: inout RandomSource) -> LanguageModel<HyenaOperator<HyenaFilter>>
  {
    var options = LanguageModelOptions()
    (options.channels, options.layers) = (channels, layers)
    var filter = HyenaFilterOptions()
    filter.maximumLength = length
    (filter.embeddingChannels, filter.width, filter.frequency) = (33, 64, 14)
    (filter.learningRate, filter.weightDecay) = (nil, nil)
    filter.embeddingLearningRate = 0
    return LanguageModel(vocabulary: Self.vocabulary, options: options, using: &random) { random in
      HyenaOperator(channels: channels, using: &random) {
        HyenaFilter(channels: $0, options: filter, using: &$1)
      }
    }
  }
}
