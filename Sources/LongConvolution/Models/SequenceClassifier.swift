public import Differentiation
public import Layers
public import SequenceTensor

/// Tokens to a class: embedding, residual blocks of a mixer, pooling, linear head.
public struct SequenceClassifier<Mixer: SequenceMixer>: Module {
  /// Tokens to channels.
  public var embedding: Embedding
  /// The residual blocks and the normalisation after them.
  public var stack: ResidualStack<Mixer>
  /// Channels to classes.
  public var head: Linear

  /// Creates a classifier.
  ///
  /// - Parameters:
  ///   - vocabulary: the number of tokens; token 0 is padding.
  ///   - classes: the number of classes.
  ///   - options: the shape of the net.
  ///   - random: where the initial weights come from.
  ///   - makeMixer: makes the mixer of each block.
  public init(
    vocabulary: Int, classes: Int, options: ClassifierOptions = ClassifierOptions(),
    using random: inout RandomSource, makeMixer: (inout RandomSource) -> Mixer
  ) {
    require(
      vocabulary > 0 && classes > 0 && options.channels > 0 && options.layers >= 0,
      "SequenceClassifier: vocabulary \(vocabulary), classes \(classes), \(options)")
    let channels = options.channels
    embedding = Embedding(vocabulary: vocabulary, channels: channels, using: &random)
    stack = ResidualStack(options, using: &random, makeMixer: makeMixer)
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
    let x = stack(
      embedding(tokens, shape: shape, on: tape), mask: mask, recomputesBlocks: recomputesBlocks)
    return head(x.pooled(stack.options.pooling, mask: mask))
  }

  /// Visits `embedding`, `blocks`, `norm`, `head`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("embedding", &embedding, body)
    stack.forEachParameter(body)
    visit("head", &head, body)
  }
}

extension SequenceClassifier {
  /// Creates a classifier of long convolutions.
  ///
  /// - Parameters:
  ///   - vocabulary: the number of tokens; token 0 is padding.
  ///   - classes: the number of classes.
  ///   - options: the shape of the net.
  ///   - mixing: how each convolution is finished.
  ///   - random: where the initial weights come from.
  ///   - makeFilter: makes the filter of each block.
  public init<Filter: LongFilter>(
    vocabulary: Int, classes: Int, options: ClassifierOptions = ClassifierOptions(),
    mixing: LongConvolutionOptions = LongConvolutionOptions(), using random: inout RandomSource,
    makeFilter: (inout RandomSource) -> Filter
  ) where Mixer == LongConvolution<Filter> {
    self.init(
      vocabulary: vocabulary, classes: classes, options: options, using: &random
    ) { random in
      let filter = makeFilter(&random)
      return LongConvolution(filter, channels: options.channels, options: mixing, using: &random)
    }
  }
}
