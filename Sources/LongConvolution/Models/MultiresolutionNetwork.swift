public import Differentiation
public import Layers
public import SequenceTensor

/// A multiresolution convolution and the map of its channels: GLU(W·conv(x) + b).
public struct MultiresolutionMixer: SequenceMixer {
  /// The convolution with its nonlinearity.
  public var convolution: MultiresolutionConvolution
  /// W and b, to twice the channels for the gated linear unit.
  public var mixing: Linear

  /// Creates a mixer.
  public init(
    channels: Int, options: MultiresolutionOptions, using random: inout RandomSource
  ) {
    convolution = MultiresolutionConvolution(channels: channels, options: options, using: &random)
    mixing = Linear(inputs: channels, outputs: 2 * channels, using: &random)
  }

  /// Applies the mixer to `[batch, length, channels]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    guard convolution.options.dropout == 0, let bias = mixing.bias else {
      return mixing(convolution(x, mask: mask)).glu()
    }
    return convolution.filtered(x).projected(
      weight: mixing.weight(on: x.tape), bias: bias(on: x.tape), inputActivation: .gelu,
      activation: .glu)
  }

  /// Visits `convolution`, `mixing`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("convolution", &convolution, body)
    visit("mixing", &mixing, body)
  }
}

extension MultiresolutionMixer: RecurrentMixer {
  /// The state before the first position.
  public func initialState(batch: Int) -> MultiresolutionState {
    convolution.initialState(batch: batch)
  }

  /// The output at the next position, `[batch, channels]` to the same.
  public func step(_ x: Tensor, _ state: inout MultiresolutionState) -> Tensor {
    chunk(x.reshaped(x.shape[0], 1, x.shape[1]), &state).reshaped(to: x.shape)
  }

  /// The outputs at the next positions.
  public func chunk(_ x: Tensor, _ state: inout MultiresolutionState) -> Tensor {
    mixing(Variable(convolution.chunk(x, &state))).glu().value
  }
}

/// The settings of a `MultiresolutionNetwork`, with the defaults of its authors' code.
public struct MultiresolutionNetworkOptions: Sendable, Hashable, Codable {
  /// The number of channels of every layer ("d_model").
  public var channels = 256
  /// The number of residual blocks ("n_layers").
  public var layers = 4
  /// Dropout of channels after each convolution and each block ("dropout").
  public var dropout: Float = 0.2
  /// Batch normalisation after each block instead of layer normalisation ("batchnorm").
  public var usesBatchNormalization = false
  /// The convolutions; their dropout is the network's.
  public var convolution = MultiresolutionOptions()

  /// The defaults.
  public init() {}

  /// The network of the authors' ListOps experiment.
  ///
  /// 10 layers of 128 channels, four taps, batch normalisation, dropout 0.1. `scripts/listops.sh` trains
  /// it with AdamW at a rate of 0.003, weight decay 0.03, batches of 50, 100 epochs, the first of them
  /// a warm-up.
  public static func listOps(maximumLength: Int = 2048) -> Self {
    var options = Self()
    options.channels = 128
    options.layers = 10
    options.dropout = 0.1
    options.usesBatchNormalization = true
    options.convolution.kernelSize = 4
    options.convolution.sequenceLength = maximumLength
    options.convolution.hasIndependentResidual = true
    return options
  }
}

/// A classifier of multiresolution convolutions: encoder, residual blocks, mean, linear head.
///
/// `MultiresNet` of the authors' `classification.py`: x ← norm(x + dropout(GLU(W·conv(x) + b))). Batch
/// statistics leave padding out, where the authors' count it.
public struct MultiresolutionNetwork: SequenceMixer, ReferenceCompatible {
  /// What brings the input to the channels of the layers.
  public enum Encoder: Module {
    /// Of `[batch, length, inputs]`.
    case linear(Linear)
    /// Of tokens.
    case embedding(Embedding)

    /// Visits the one that was chosen.
    public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
      switch self {
      case .linear(var part):
        part.forEachParameter(body)
        self = .linear(part)
      case .embedding(var part):
        part.forEachParameter(body)
        self = .embedding(part)
      }
    }
  }

  /// The encoder.
  public var encoder: Encoder
  /// The residual blocks, which normalise last.
  public var blocks: [ResidualBlock<MultiresolutionMixer>]
  /// Channels to outputs.
  public var head: Linear
  /// The settings.
  public let options: MultiresolutionNetworkOptions

  /// Creates a network for sequences of `inputs` real channels.
  public init(
    inputs: Int, outputs: Int,
    options: MultiresolutionNetworkOptions = MultiresolutionNetworkOptions(),
    using random: inout RandomSource
  ) {
    self.init(
      encoder: .linear(Linear(inputs: inputs, outputs: options.channels, using: &random)),
      outputs: outputs, options: options, using: &random)
  }

  /// Creates a network for tokens.
  public init(
    vocabulary: Int, outputs: Int,
    options: MultiresolutionNetworkOptions = MultiresolutionNetworkOptions(),
    using random: inout RandomSource
  ) {
    let embedding = Embedding(
      vocabulary: vocabulary, channels: options.channels, paddingToken: nil, using: &random)
    self.init(encoder: .embedding(embedding), outputs: outputs, options: options, using: &random)
  }

  private init(
    encoder: Encoder, outputs: Int, options: MultiresolutionNetworkOptions,
    using random: inout RandomSource
  ) {
    self.encoder = encoder
    self.options = options
    var convolution = options.convolution
    convolution.dropout = options.dropout
    blocks = []
    for _ in 0..<options.layers {
      let mixer = MultiresolutionMixer(
        channels: options.channels, options: convolution, using: &random)
      blocks.append(
        ResidualBlock(
          mixer,
          normalization: Normalization(
            options.usesBatchNormalization ? .batch : .layer, channels: options.channels),
          placement: .post, dropout: Dropout(options.dropout, .channel)))
    }
    head = Linear(inputs: options.channels, outputs: outputs, using: &random)
  }

  /// The outputs for real sequences.
  ///
  /// - Parameters:
  ///   - x: `[batch, length, inputs]`.
  ///   - mask: the true lengths; `nil` counts everything.
  ///     A network of tokens takes them as numbers in one channel, and gives them no gradient.
  /// - Returns: `[batch, outputs]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask? = nil) -> Variable {
    switch encoder {
    case .linear(let linear): return outputs(linear(x), mask: mask)
    case .embedding:
      require(
        x.shape.rank == 3 && x.shape[2] == 1,
        "MultiresolutionNetwork: \(x.shape) is not [batch, length, 1] of tokens")
      let (count, length) = (x.shape[0], x.shape[1])
      let whole = SequenceMask(lengths: Array(repeating: length, count: count), length: length)
      return self(x.value.elements.map { Int32($0) }, mask: mask ?? whole, on: x.tape)
    }
  }

  /// The outputs for tokens.
  ///
  /// - Parameters:
  ///   - tokens: `[batch, length]` in row-major order, padded on the right.
  ///   - mask: the true lengths and the padded length.
  ///   - tape: where the computation is recorded; `nil` for inference.
  ///   - recomputesBlocks: whether the backward pass computes blocks again to save memory.
  /// - Returns: `[batch, outputs]`.
  /// - Precondition: the network has an embedding.
  public func callAsFunction(
    _ tokens: [Int32], mask: SequenceMask, on tape: Tape?, recomputesBlocks: Bool = false
  ) -> Variable {
    guard case .embedding(let embedding) = encoder else {
      preconditionFailure("MultiresolutionNetwork: tokens for a network of real input")
    }
    let shape: Shape = [mask.lengths.count, mask.length]
    return outputs(
      embedding(tokens, shape: shape, on: tape), mask: mask, recomputesBlocks: recomputesBlocks)
  }

  /// Lets the running statistics of the batch normalisations count on a tape too.
  public mutating func freezeStatistics() {
    for index in blocks.indices { blocks[index].normalization.freezeStatistics() }
  }

  private func outputs(
    _ encoded: Variable, mask: SequenceMask?, recomputesBlocks: Bool = false
  ) -> Variable {
    var x = encoded
    for block in blocks {
      x = recomputesBlocks ? checkpointed(x) { block($0, mask: mask) } : block(x, mask: mask)
    }
    return head(x.pooled(.mean, mask: mask))
  }

  /// Visits `encoder`, `blocks`, `head`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("encoder", &encoder, body)
    visit("blocks", &blocks, body)
    visit("head", &head, body)
  }

  /// The authors' `encoder`, `seq_layers`, `mixing_layers`, `norms` and `output_mapping`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    switch encoder {
    case .linear(var linear):
      linear.forEachReference("encoder", isConvolution: true, body)
      encoder = .linear(linear)
    case .embedding(var embedding):
      let shape = embedding.weight.value.shape
      body(ReferenceTensor("encoder.weight", shape: shape, ours: shape), &embedding.weight)
      encoder = .embedding(embedding)
    }
    for index in blocks.indices {
      visitReferences("seq_layers.\(index)", &blocks[index].mixer.convolution, body)
      blocks[index].mixer.mixing.forEachReference(
        "mixing_layers.\(index).0", isConvolution: true, body)
      blocks[index].normalization.forEachReference("norms.\(index)", body)
    }
    head.forEachReference("output_mapping", isConvolution: false, body)
  }
}
