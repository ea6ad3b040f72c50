import Differentiation
public import Layers
public import SequenceTensor

/// What a language model carries from one position to the next: the states of its mixers.
///
/// A value: a copy is a branch. It holds the mixers too, as they were when the state was made.
public struct LanguageModelState: Sendable {
  /// The mixer of each block with its state.
  fileprivate var mixers: [any CarriedMixer]
  /// The number of sequences.
  public let batch: Int
  /// How many positions have been seen.
  public fileprivate(set) var position = 0

  /// The bytes of the states; `nil` if a mixer's state does not know its size.
  public var byteCount: Int? {
    mixers.reduce(0) { sum, mixer in
      guard let sum, let count = mixer.byteCount else { return nil }
      return sum + count
    }
  }
}

extension LanguageModel {
  /// The state before the first token.
  ///
  /// - Returns: `nil` if a mixer is no `RecurrentMixer`, or not with its settings.
  public func initialState(batch: Int) -> LanguageModelState? {
    var states: [any CarriedMixer] = []
    for block in blocks {
      guard let mixer = block.recurrentMixer else { return nil }
      states.append(Self.start(mixer, batch: batch))
    }
    return LanguageModelState(mixers: states, batch: batch)
  }

  /// The logits at the next positions: a prompt at once, or a token at a time.
  ///
  /// - Parameters:
  ///   - tokens: `[batch, length]` in row-major order.
  ///   - state: of this model; carried on.
  ///   - lastOnly: whether only those at the last position are wanted.
  /// - Returns: `[batch, length, vocabulary]`, what the model gives for the whole sequence, or
  ///   `[batch, 1, vocabulary]`.
  public func logits(
    of tokens: [Int32], _ state: inout LanguageModelState, lastOnly: Bool = false
  ) -> Tensor {
    require(
      !tokens.isEmpty && tokens.count % state.batch == 0 && state.mixers.count == blocks.count,
      "LanguageModel.logits: \(tokens.count) tokens for \(state.batch) sequences,"
        + " \(state.mixers.count) states for \(blocks.count) blocks")
    let length = tokens.count / state.batch
    var x = embedding(tokens, shape: [state.batch, length], on: nil)
    for (index, block) in blocks.enumerated() {
      x = block.finished(x) { state.mixers[index].chunk($0) }
    }
    state.position += length
    if lastOnly && length > 1 { x = x.sliced(axis: 1, length - 1..<length) }
    return logits(ofFeatures: finalNormalization(x, mask: nil)).value
  }

  /// The logits of what the head sees.
  func logits(ofFeatures x: Variable) -> Variable {
    head?(x) ?? x.linear(weight: embedding.weight(on: x.tape))
  }

  private static func start(_ mixer: some RecurrentMixer, batch: Int) -> any CarriedMixer {
    MixerRun(mixer, batch: batch)
  }
}

extension LanguageModel {
  /// Replaces the mixer of each block, if it is an `AnySequenceMixer`, by any other.
  ///
  /// - Parameter replacement: a mixer of as many channels for the mixer of the block of an index.
  public mutating func mapMixers<Failure: Error>(
    _ replacement: (_ index: Int, any SequenceMixer) throws(Failure) -> any SequenceMixer
  ) throws(Failure) {
    for index in blocks.indices {
      try blocks[index].mixing.mixer.replace { mixer throws(Failure) in
        try replacement(index, mixer)
      }
    }
  }
}

extension LanguageModelBlock {
  /// The mixer, if it can go on from where it stopped.
  fileprivate var recurrentMixer: (any RecurrentMixer)? {
    let mixer: any SequenceMixer = mixing.mixer
    let inner = ((mixer as? AnySequenceMixer)?.mixer ?? mixer) as? any RecurrentMixer
    return inner?.isRecurrent == true ? inner : nil
  }

  /// The block with its mixer computed by a closure.
  fileprivate func finished(_ x: Variable, _ mix: (Tensor) -> Tensor) -> Variable {
    let y: Variable
    switch mixing.placement {
    case .pre: y = x + Variable(mix(mixing.normalization(x, mask: nil).value))
    case .post: y = mixing.normalization(x + Variable(mix(x.value)), mask: nil)
    }
    return y + perceptron(normalization(y, mask: nil))
  }
}
