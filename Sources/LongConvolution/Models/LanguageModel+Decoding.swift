import Differentiation
import Layers
public import SequenceTensor

/// What a language model carries from one position to the next: the states of its mixers.
///
/// A value: a copy is a branch.
public struct LanguageModelState: Sendable {
  /// The state of the mixer of each block.
  fileprivate var mixers: [any Sendable]
  /// The number of sequences.
  public let batch: Int
  /// How many positions have been seen.
  public fileprivate(set) var position = 0
}

extension LanguageModel {
  /// The state before the first token.
  ///
  /// - Returns: `nil` if a mixer is no `RecurrentMixer`.
  public func initialState(batch: Int) -> LanguageModelState? {
    var states: [any Sendable] = []
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
  /// - Returns: `[batch, length, vocabulary]`, what the model gives for the whole sequence.
  public func logits(of tokens: [Int32], _ state: inout LanguageModelState) -> Tensor {
    require(
      !tokens.isEmpty && tokens.count % state.batch == 0 && state.mixers.count == blocks.count,
      "LanguageModel.logits: \(tokens.count) tokens for \(state.batch) sequences,"
        + " \(state.mixers.count) states for \(blocks.count) blocks")
    let length = tokens.count / state.batch
    var x = embedding(tokens, shape: [state.batch, length], on: nil)
    for (index, block) in blocks.enumerated() {
      guard let mixer = block.recurrentMixer else { continue }
      x = block.finished(x) { input in
        let (y, next) = Self.advance(mixer, input, state.mixers[index])
        state.mixers[index] = next
        return y
      }
    }
    state.position += length
    x = finalNormalization(x, mask: nil)
    return (head?(x) ?? x.linear(weight: embedding.weight(on: nil))).value
  }

  private static func start(_ mixer: some RecurrentMixer, batch: Int) -> any Sendable {
    mixer.initialState(batch: batch)
  }

  private static func advance<Recurrent: RecurrentMixer>(
    _ mixer: Recurrent, _ x: Tensor, _ state: any Sendable
  ) -> (y: Tensor, state: any Sendable) {
    guard var own = state as? Recurrent.State else {
      require(false, "LanguageModel.logits: a state of another model")
      return (x, state)
    }
    let y = mixer.chunk(x, &own)
    return (y, own)
  }
}

extension LanguageModelBlock {
  /// The mixer, if it can go on from where it stopped.
  fileprivate var recurrentMixer: (any RecurrentMixer)? {
    let mixer: any SequenceMixer = mixing.mixer
    return ((mixer as? AnySequenceMixer)?.mixer ?? mixer) as? any RecurrentMixer
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
