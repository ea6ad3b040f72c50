public import Differentiation
public import Layers
public import SequenceTensor

/// Two token sequences to a class: one encoder for both, and a head that compares them.
///
/// The net for Long Range Arena's Retrieval (Tay et al., 2020; the head is that of S4's code): with
/// a and b the pooled vectors, a class from W₂·GELU(W₁·[a, b, a - b, a·b]).
public struct SequencePairClassifier<Mixer: SequenceMixer>: Module {
  /// Tokens to channels.
  public var embedding: Embedding
  /// The residual blocks and the normalisation after them.
  public var stack: ResidualStack<Mixer>
  /// `[a, b, a - b, a·b]` to channels.
  public var comparison: Linear
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
      "SequencePairClassifier: vocabulary \(vocabulary), classes \(classes), \(options)")
    let channels = options.channels
    embedding = Embedding(vocabulary: vocabulary, channels: channels, using: &random)
    stack = ResidualStack(options, using: &random, makeMixer: makeMixer)
    comparison = Linear(inputs: 4 * channels, outputs: channels, using: &random)
    head = Linear(inputs: channels, outputs: classes, using: &random)
  }

  /// The logits of a batch of pairs.
  ///
  /// - Parameters:
  ///   - tokens: `[2·batch, length]` in row-major order: all first sequences, then all second
  ///     ones, padded on the right to one length.
  ///   - mask: the true lengths of all of them, and the padded length.
  ///   - tape: where the computation is recorded; `nil` for inference.
  ///   - recomputesBlocks: whether the backward pass computes blocks again to save memory.
  /// - Returns: `[batch, classes]`.
  public func callAsFunction(
    _ tokens: [Int32], mask: SequenceMask, on tape: Tape?, recomputesBlocks: Bool = false
  ) -> Variable {
    let count = mask.lengths.count
    require(count % 2 == 0, "SequencePairClassifier: \(count) sequences are not pairs")
    let x = stack(
      embedding(tokens, shape: [count, mask.length], on: tape), mask: mask,
      recomputesBlocks: recomputesBlocks
    ).pooled(stack.options.pooling, mask: mask)
    let a = x.sliced(axis: 0, 0..<count / 2)
    let b = x.sliced(axis: 0, count / 2..<count)
    return head(comparison(.concatenated([a, b, a - b, a * b], axis: -1)).gelu())
  }

  /// Visits `embedding`, `blocks`, `norm`, `comparison`, `head`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("embedding", &embedding, body)
    stack.forEachParameter(body)
    visit("comparison", &comparison, body)
    visit("head", &head, body)
  }
}
