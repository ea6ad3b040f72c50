public import Differentiation
public import Layers
public import SequenceTensor

/// The shape of a stack of residual blocks and of what makes one vector of its output.
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

/// Residual blocks of a mixer, and the normalisation after the last if blocks normalise first.
public struct ResidualStack<Mixer: SequenceMixer>: SequenceMixer {
  /// The residual blocks.
  public var blocks: [ResidualBlock<Mixer>]
  /// After the last block, if blocks normalise first.
  public var finalNormalization: Normalization?
  /// The settings.
  public let options: ClassifierOptions

  /// Creates a stack.
  ///
  /// - Parameters:
  ///   - options: the shape; at least one channel.
  ///   - random: where the initial weights come from.
  ///   - makeMixer: makes the mixer of each block.
  public init(
    _ options: ClassifierOptions, using random: inout RandomSource,
    makeMixer: (inout RandomSource) -> Mixer
  ) {
    require(options.channels > 0 && options.layers >= 0, "ResidualStack: \(options)")
    self.options = options
    blocks = []
    for _ in 0..<options.layers {
      blocks.append(
        ResidualBlock(
          makeMixer(&random),
          normalization: Normalization(options.normalization, channels: options.channels),
          placement: options.placement, dropout: Dropout(options.dropout, options.dropoutKind)))
    }
    finalNormalization =
      options.placement == .pre
      ? Normalization(options.normalization, channels: options.channels) : nil
  }

  /// Applies the blocks to `[batch, length, channels]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    self(x, mask: mask, recomputesBlocks: false)
  }

  /// Applies the blocks to `[batch, length, channels]`.
  ///
  /// - Parameters:
  ///   - x: the input.
  ///   - mask: the true lengths.
  ///   - recomputesBlocks: whether the backward pass computes blocks again to save memory.
  public func callAsFunction(
    _ x: Variable, mask: SequenceMask?, recomputesBlocks: Bool
  ) -> Variable {
    var x = x
    for block in blocks {
      x = recomputesBlocks ? checkpointed(x) { block($0, mask: mask) } : block(x, mask: mask)
    }
    return finalNormalization.map { $0(x, mask: mask) } ?? x
  }

  /// Visits `blocks`, `norm`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("blocks", &blocks, body)
    visit("norm", &finalNormalization, body)
  }
}

extension ResidualStack {
  /// Replaces the mixer of each block, if it is an `AnySequenceMixer`, by any other.
  ///
  /// - Parameter replacement: a mixer of as many channels for the mixer of the block of an index.
  public mutating func mapMixers<Failure: Error>(
    _ replacement: (_ index: Int, any SequenceMixer) throws(Failure) -> any SequenceMixer
  ) throws(Failure) {
    for index in blocks.indices {
      try blocks[index].mixer.replace { mixer throws(Failure) in try replacement(index, mixer) }
    }
  }
}
