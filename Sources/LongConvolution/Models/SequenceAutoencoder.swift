public import Differentiation
public import Layers
public import SequenceTensor

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Tokens to one vector and back: how much of a sequence a mixer can keep.
///
/// A `LanguageModel` without its head reads the tokens; its last position is the vector z. The decoder
/// sees z + p_n for each position n, with p_n the sines and cosines of n·10000^(-2i/channels), and gives
/// logits by norm, linear, GELU, norm, linear, GELU, norm, linear: the model of MAD's compression task
/// (`mad/model/auto_encoder.py`; Poli et al., 2024). Weights start as PyTorch's linear maps and not as
/// N(0, 0.02²).
public struct SequenceAutoencoder<Mixer: SequenceMixer>: Module {
  /// Tokens to channels; its head is not used.
  public var encoder: LanguageModel<Mixer>
  /// Before each of the three linear maps.
  public var normalizations: [Normalization]
  /// Channels to channels, twice, and to logits.
  public var maps: [Linear]

  /// Creates a model.
  ///
  /// - Parameters:
  ///   - vocabulary: the number of tokens.
  ///   - options: the shape of the encoder.
  ///   - random: where the initial weights come from.
  ///   - makeMixer: makes the mixer of each block, of `options.channels` channels.
  public init(
    vocabulary: Int, options: LanguageModelOptions = LanguageModelOptions(),
    using random: inout RandomSource, makeMixer: (inout RandomSource) -> Mixer
  ) {
    var options = options
    // So that there is no head that nothing uses.
    options.tiesHead = true
    let channels = options.channels
    encoder = LanguageModel(
      vocabulary: vocabulary, options: options, using: &random, makeMixer: makeMixer)
    normalizations = (0..<3).map { _ in
      Normalization(options.normalization, channels: channels)
    }
    maps = [channels, channels, vocabulary].map {
      Linear(inputs: channels, outputs: $0, using: &random)
    }
  }

  /// The logits of the token of each position.
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
    let channels = encoder.options.channels
    let code = encoder.features(
      tokens, mask: mask, on: tape, recomputesBlocks: recomputesBlocks
    ).pooled(.last, mask: mask)
    let positions = Tensor(
      (0..<mask.length).flatMap { Self.position($0, channels: channels) },
      shape: [1, mask.length, channels])
    var x = code.reshaped(mask.lengths.count, 1, channels) + Variable(positions, on: tape)
    for (index, (normalization, map)) in zip(normalizations, maps).enumerated() {
      x = map(normalization(x, mask: mask))
      if index < 2 { x = x.gelu() }
    }
    return x
  }

  /// The sines of a position, then its cosines.
  static func position(_ n: Int, channels: Int) -> [Float] {
    let half = channels / 2
    func phase(_ i: Int) -> Float {
      Float(n) * power(10_000, -2 * Float(i) / Float(max(1, channels)))
    }
    return (0..<channels).map { $0 < half ? sine(phase($0)) : cosine(phase($0 - half)) }
  }

  /// Visits `encoder`, `norms`, `maps`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("encoder", &encoder, body)
    visit("norms", &normalizations, body)
    visit("maps", &maps, body)
  }
}

private func power(_ x: Float, _ y: Float) -> Float { pow(x, y) }
private func sine(_ x: Float) -> Float { sin(x) }
private func cosine(_ x: Float) -> Float { cos(x) }
