public import Differentiation
public import Layers
public import SequenceTensor

/// The shape of a `LanguageModel` apart from its mixers.
public struct LanguageModelOptions: Sendable, Hashable, Codable {
  /// The number of channels of every layer ("d_model").
  public var channels = 256
  /// The number of blocks ("n_layer").
  public var layers = 4
  /// The width of the perceptrons as a multiple of the channels ("d_inner").
  public var expansion = 4
  /// The nonlinearity of the perceptrons.
  public var activation: Activation = .gelu
  /// What mixers and perceptrons normalise their input by.
  public var normalization: NormalizationKind = .layer
  /// Dropout of the outputs of mixers and perceptrons.
  public var dropout: Float = 0
  /// Whether the embedding's table is also the head.
  public var tiesHead = false
  /// The deviation of the normal values that the embedding, and a tied head with it, starts with.
  public var embeddingDeviation: Float = 0.02

  /// 4 blocks of 256 channels, pre-norm, perceptrons 4 times as wide, a head of its own.
  public init() {}
}

/// x + mixer(norm(x)), then x + perceptron(norm(x)).
public struct LanguageModelBlock<Mixer: SequenceMixer>: SequenceMixer {
  /// The mixer between positions.
  public var mixing: ResidualBlock<Mixer>
  /// Before the perceptron.
  public var normalization: Normalization
  /// The perceptron of each position.
  public var perceptron: MultilayerPerceptron
  /// Applied to the perceptron's output.
  public let dropout: Dropout

  /// Creates a block around a mixer.
  public init(
    _ mixer: Mixer, options: LanguageModelOptions, using random: inout RandomSource
  ) {
    let channels = options.channels
    dropout = Dropout(options.dropout)
    mixing = ResidualBlock(
      mixer, normalization: Normalization(options.normalization, channels: channels),
      dropout: dropout)
    normalization = Normalization(options.normalization, channels: channels)
    perceptron = MultilayerPerceptron(
      channels: channels, width: options.expansion * channels, activation: options.activation,
      using: &random)
  }

  /// Applies the block to `[batch, length, channels]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    let y = mixing(x, mask: mask)
    return y + dropout(perceptron(normalization(y, mask: mask)))
  }

  /// Visits `mixing`, `norm`, `perceptron`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("mixing", &mixing, body)
    visit("norm", &normalization, body)
    visit("perceptron", &perceptron, body)
  }
}

/// Tokens to the logits of the token that comes next, with any mixer.
///
/// Token embedding, blocks of a mixer and a perceptron, a final normalisation and a head without
/// bias: the language model of GPT-2 and of safari's `long_conv_lm.py`, with a mixer in the place of
/// attention. There is no positional embedding: causal mixers see order by themselves. Embedding and
/// tied heads start N(0, 0.02²) as there; linear maps start as PyTorch's and not as GPT-2's.
public struct LanguageModel<Mixer: SequenceMixer>: Module {
  /// Tokens to channels.
  public var embedding: Embedding
  /// The blocks.
  public var blocks: [LanguageModelBlock<Mixer>]
  /// After the last block.
  public var finalNormalization: Normalization
  /// Channels to logits, without bias; `nil` if the embedding's table is used.
  public var head: Linear?
  /// The settings.
  public let options: LanguageModelOptions

  /// Creates a model.
  ///
  /// - Parameters:
  ///   - vocabulary: the number of tokens.
  ///   - options: the shape of the net.
  ///   - random: where the initial weights come from.
  ///   - makeMixer: makes the mixer of each block, of `options.channels` channels.
  public init(
    vocabulary: Int, options: LanguageModelOptions = LanguageModelOptions(),
    using random: inout RandomSource, makeMixer: (inout RandomSource) -> Mixer
  ) {
    require(
      vocabulary > 0 && options.channels > 0 && options.layers >= 0 && options.expansion > 0,
      "LanguageModel: vocabulary \(vocabulary), \(options)")
    self.options = options
    let channels = options.channels
    embedding = Embedding(
      vocabulary: vocabulary, channels: channels, paddingToken: nil,
      deviation: options.embeddingDeviation, using: &random)
    blocks = []
    for _ in 0..<options.layers {
      let mixer = makeMixer(&random)
      blocks.append(LanguageModelBlock(mixer, options: options, using: &random))
    }
    finalNormalization = Normalization(options.normalization, channels: channels)
    head =
      options.tiesHead
      ? nil : Linear(inputs: channels, outputs: vocabulary, bias: false, using: &random)
  }

  /// The logits at each position of the token that comes next.
  ///
  /// - Parameters:
  ///   - tokens: `[batch, length]` in row-major order, padded on the right.
  ///   - mask: the true lengths and the padded length.
  ///   - tape: where the computation is recorded; `nil` for inference.
  ///   - recomputesBlocks: whether the backward pass computes blocks again to save memory.
  /// - Returns: `[batch, length, vocabulary]`.
  public func callAsFunction(
    _ tokens: [Int32], mask: SequenceMask, on tape: Tape?, recomputesBlocks: Bool = false
  ) -> Variable {
    let x = features(tokens, mask: mask, on: tape, recomputesBlocks: recomputesBlocks)
    return head?(x) ?? x.linear(weight: embedding.weight(on: tape))
  }

  /// What the head sees: the output of the last block, normalised.
  ///
  /// - Parameters: as for the logits.
  /// - Returns: `[batch, length, channels]`.
  public func features(
    _ tokens: [Int32], mask: SequenceMask, on tape: Tape?, recomputesBlocks: Bool = false
  ) -> Variable {
    let shape: Shape = [mask.lengths.count, mask.length]
    var x = embedding(tokens, shape: shape, on: tape)
    for block in blocks {
      x = recomputesBlocks ? checkpointed(x) { block($0, mask: mask) } : block(x, mask: mask)
    }
    return finalNormalization(x, mask: mask)
  }

  /// The mean cross-entropy, in nats, of each token given those before it.
  ///
  /// The model reads all tokens of a sequence but the last and is asked for all but the first.
  /// Tokens beyond a sequence's length do not count, nor do the ignored ones as targets.
  ///
  /// - Parameters:
  ///   - tokens: `[batch, length]` in row-major order, padded on the right.
  ///   - mask: the true lengths and the padded length, at least 2.
  ///   - ignored: a token that is read but not asked for, for example padding.
  ///   - tape: where the computation is recorded.
  ///   - recomputesBlocks: as for the logits.
  public func loss(
    of tokens: [Int32], mask: SequenceMask, ignoring ignored: Int32? = nil, on tape: Tape?,
    recomputesBlocks: Bool = false
  ) -> Variable {
    let (batch, length) = (mask.lengths.count, mask.length - 1)
    require(
      length > 0 && tokens.count == batch * mask.length,
      "LanguageModel.loss: \(tokens.count) tokens for \(batch) sequences of \(mask.length)")
    var (inputs, targets): ([Int32], [Int32]) = ([], [])
    for (sequence, kept) in mask.lengths.enumerated() {
      let row = tokens[sequence * mask.length..<(sequence + 1) * mask.length]
      inputs += row.dropLast()
      targets += row.dropFirst().enumerated().map { position, token in
        position + 1 < kept && token != ignored ? token : -1
      }
    }
    let shifted = SequenceMask(lengths: mask.lengths.map { max(0, $0 - 1) }, length: length)
    return self(inputs, mask: shifted, on: tape, recomputesBlocks: recomputesBlocks)
      .softmaxCrossEntropy(labels: targets)
  }

  /// Visits `embedding`, `blocks`, `norm`, `head`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("embedding", &embedding, body)
    visit("blocks", &blocks, body)
    visit("norm", &finalNormalization, body)
    visit("head", &head, body)
  }
}
