public import Differentiation
public import Layers
public import SequenceTensor

/// The shape of a `SequenceClassifier` apart from its filter.
public struct ClassifierOptions: Sendable, Hashable, Codable {
  /// The number of channels of every layer ("d_model").
  public var channels = 64
  /// The number of residual blocks.
  public var layers = 4
  /// What the blocks normalise by.
  public var normalization: NormalizationKind = .layer
  /// Where the blocks normalise.
  public var placement: NormalizationPlacement = .pre
  /// Dropout at the end of each block.
  public var dropout: Float = 0.1
  /// What that dropout sets to zero together.
  public var dropoutKind: DropoutKind = .elementwise
  /// How the sequence becomes one vector.
  public var pooling: SequencePooling = .mean

  /// The net of the ListOps example: 4 layers of 64 channels, pre-norm, mean pooling.
  public init() {}
}

/// Tokens to a class: embedding, residual long-convolution blocks, pooling, linear head.
public struct SequenceClassifier<Filter: LongFilter>: Module {
  /// Tokens to channels.
  public var embedding: Embedding
  /// The residual blocks.
  public var blocks: [ResidualBlock<LongConvolution<Filter>>]
  /// After the last block, if blocks normalise first.
  public var finalNormalization: Normalization?
  /// Channels to classes.
  public var head: Linear
  /// The settings.
  public let options: ClassifierOptions

  /// Creates a classifier.
  ///
  /// - Parameters:
  ///   - vocabulary: the number of tokens; token 0 is padding.
  ///   - classes: the number of classes.
  ///   - options: the shape of the net.
  ///   - mixing: how each convolution is finished.
  ///   - random: where the initial weights come from.
  ///   - makeFilter: makes the filter of each block.
  public init(
    vocabulary: Int, classes: Int, options: ClassifierOptions = ClassifierOptions(),
    mixing: LongConvolutionOptions = LongConvolutionOptions(), using random: inout RandomSource,
    makeFilter: (inout RandomSource) -> Filter
  ) {
    require(
      vocabulary > 0 && classes > 0 && options.channels > 0 && options.layers >= 0,
      "SequenceClassifier: vocabulary \(vocabulary), classes \(classes), \(options)")
    self.options = options
    let channels = options.channels
    embedding = Embedding(vocabulary: vocabulary, channels: channels, using: &random)
    blocks = []
    for _ in 0..<options.layers {
      let filter = makeFilter(&random)
      blocks.append(
        ResidualBlock(
          LongConvolution(filter, channels: channels, options: mixing, using: &random),
          normalization: Normalization(options.normalization, channels: channels),
          placement: options.placement, dropout: Dropout(options.dropout, options.dropoutKind)))
    }
    finalNormalization =
      options.placement == .pre
      ? Normalization(options.normalization, channels: channels) : nil
    head = Linear(inputs: channels, outputs: classes, using: &random)
  }

  /// The logits of a batch of token sequences.
  ///
  /// - Parameters:
  ///   - tokens: `[batch, length]` in row-major order, padded on the right.
  ///   - mask: the true lengths and the padded length.
  ///   - tape: where the computation is recorded; `nil` for inference.
  ///   - recomputesBlocks: whether the backward pass computes blocks again to save memory.
  /// - Returns: `[batch, classes]`.
  public func callAsFunction(
    _ tokens: [Int32], mask: SequenceMask, on tape: Tape?, recomputesBlocks: Bool = false
  ) -> Variable {
    let shape: Shape = [mask.lengths.count, mask.length]
    var x = embedding(tokens, shape: shape, on: tape)
    for block in blocks {
      x = recomputesBlocks ? checkpointed(x) { block($0, mask: mask) } : block(x, mask: mask)
    }
    if let finalNormalization { x = finalNormalization(x, mask: mask) }
    return head(x.pooled(options.pooling, mask: mask))
  }

  /// Visits `embedding`, `blocks`, `norm`, `head`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("embedding", &embedding, body)
    visit("blocks", &blocks, body)
    visit("norm", &finalNormalization, body)
    visit("head", &head, body)
  }
}
