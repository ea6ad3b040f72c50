public import Differentiation
public import Layers
public import LongConvolution
public import SequenceTensor

/// A model that answers batches of a task.
public protocol SequenceNetwork: Module {
  /// The answers to a batch: logits of classes or of tokens, or values.
  ///
  /// - Parameters:
  ///   - batch: what is read; its target is not looked at.
  ///   - tape: where the computation is recorded; `nil` for inference.
  ///   - recomputesBlocks: whether the backward pass computes blocks again to save memory.
  func answers(_ batch: SequenceBatch, on tape: Tape?, recomputesBlocks: Bool) -> Variable

  /// The mixers, from the first block to the last.
  var mixers: [any SequenceMixer] { get }

  /// Replaces the mixer of each block.
  ///
  /// - Parameter replacement: a mixer of as many channels for the mixer of the block of an index.
  mutating func mapMixers<Failure: Error>(
    _ replacement: (_ index: Int, any SequenceMixer) throws(Failure) -> any SequenceMixer
  ) throws(Failure)
}

/// Any model of a task, chosen at run time.
///
/// The parameters are those of the model inside, under their own names.
public struct AnySequenceNetwork: SequenceNetwork {
  /// The model inside.
  public var network: any SequenceNetwork

  /// Wraps a model.
  public init(_ network: any SequenceNetwork) { self.network = network }

  /// The answers of the model inside.
  public func answers(
    _ batch: SequenceBatch, on tape: Tape?, recomputesBlocks: Bool = false
  ) -> Variable {
    network.answers(batch, on: tape, recomputesBlocks: recomputesBlocks)
  }

  /// The mixers of the model inside.
  public var mixers: [any SequenceMixer] { network.mixers }

  /// Replaces the mixers of the model inside.
  public mutating func mapMixers<Failure: Error>(
    _ replacement: (_ index: Int, any SequenceMixer) throws(Failure) -> any SequenceMixer
  ) throws(Failure) {
    try network.mapMixers(replacement)
  }

  /// Visits the parameters of the model inside.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    network.forEachParameter(body)
  }
}

extension SequenceBatch {
  /// The tokens.
  ///
  /// - Precondition: the batch has tokens.
  var tokens: [Int32] {
    guard case .tokens(let tokens) = input else {
      preconditionFailure("SequenceBatch: values for a model of tokens")
    }
    return tokens
  }

  /// The values.
  ///
  /// - Precondition: the batch has values.
  var values: Tensor {
    guard case .values(let values) = input else {
      preconditionFailure("SequenceBatch: tokens for a model of values")
    }
    return values
  }
}

extension SequenceClassifier: SequenceNetwork {
  /// The logits of the classes, `[batch, classes]`.
  public func answers(
    _ batch: SequenceBatch, on tape: Tape?, recomputesBlocks: Bool
  ) -> Variable {
    self(batch.tokens, mask: batch.mask, on: tape, recomputesBlocks: recomputesBlocks)
  }

  /// The mixers.
  public var mixers: [any SequenceMixer] { stack.blocks.map(\.mixer) }

  /// Replaces the mixers of the stack.
  public mutating func mapMixers<Failure: Error>(
    _ replacement: (_ index: Int, any SequenceMixer) throws(Failure) -> any SequenceMixer
  ) throws(Failure) {
    try stack.mapMixers(replacement)
  }
}

extension SequencePairClassifier: SequenceNetwork {
  /// The logits of the classes, `[batch, classes]`.
  public func answers(
    _ batch: SequenceBatch, on tape: Tape?, recomputesBlocks: Bool
  ) -> Variable {
    self(batch.tokens, mask: batch.mask, on: tape, recomputesBlocks: recomputesBlocks)
  }

  /// The mixers.
  public var mixers: [any SequenceMixer] { stack.blocks.map(\.mixer) }

  /// Replaces the mixers of the stack.
  public mutating func mapMixers<Failure: Error>(
    _ replacement: (_ index: Int, any SequenceMixer) throws(Failure) -> any SequenceMixer
  ) throws(Failure) {
    try stack.mapMixers(replacement)
  }
}

extension SequenceRegressor: SequenceNetwork {
  /// The logits of the classes, or values, `[batch, outputs]`.
  public func answers(
    _ batch: SequenceBatch, on tape: Tape?, recomputesBlocks: Bool
  ) -> Variable {
    self(Variable(batch.values, on: tape), mask: batch.mask, recomputesBlocks: recomputesBlocks)
  }

  /// The mixers.
  public var mixers: [any SequenceMixer] { stack.blocks.map(\.mixer) }

  /// Replaces the mixers of the stack.
  public mutating func mapMixers<Failure: Error>(
    _ replacement: (_ index: Int, any SequenceMixer) throws(Failure) -> any SequenceMixer
  ) throws(Failure) {
    try stack.mapMixers(replacement)
  }
}

extension SequenceForecaster: SequenceNetwork {
  /// The rows that follow, `[batch, horizon, channels]`.
  public func answers(
    _ batch: SequenceBatch, on tape: Tape?, recomputesBlocks: Bool
  ) -> Variable {
    self(batch.values, on: tape)
  }

  /// The mixers.
  public var mixers: [any SequenceMixer] { regressor.mixers }

  /// Replaces the mixers of the regressor.
  public mutating func mapMixers<Failure: Error>(
    _ replacement: (_ index: Int, any SequenceMixer) throws(Failure) -> any SequenceMixer
  ) throws(Failure) {
    try regressor.mapMixers(replacement)
  }
}

extension LanguageModel: SequenceNetwork {
  /// The logits of the tokens, `[batch, length, vocabulary]`.
  public func answers(
    _ batch: SequenceBatch, on tape: Tape?, recomputesBlocks: Bool
  ) -> Variable {
    self(batch.tokens, mask: batch.mask, on: tape, recomputesBlocks: recomputesBlocks)
  }

  /// The mixers.
  public var mixers: [any SequenceMixer] { blocks.map(\.mixing.mixer) }
}

extension SequenceAutoencoder: SequenceNetwork {
  /// The logits of the tokens, `[batch, length, vocabulary]`.
  public func answers(
    _ batch: SequenceBatch, on tape: Tape?, recomputesBlocks: Bool
  ) -> Variable {
    self(batch.tokens, mask: batch.mask, on: tape, recomputesBlocks: recomputesBlocks)
  }

  /// The mixers.
  public var mixers: [any SequenceMixer] { encoder.mixers }

  /// Replaces the mixers of the encoder.
  public mutating func mapMixers<Failure: Error>(
    _ replacement: (_ index: Int, any SequenceMixer) throws(Failure) -> any SequenceMixer
  ) throws(Failure) {
    try encoder.mapMixers(replacement)
  }
}

extension RunConfiguration {
  /// The settings of a language model: `model` and `language` together.
  var languageOptions: LanguageModelOptions {
    let language = language ?? LanguageSettings()
    var options = LanguageModelOptions()
    (options.channels, options.layers) = (model.channels, model.layers)
    (options.normalization, options.dropout) = (model.normalization, model.dropout)
    (options.expansion, options.activation) = (language.expansion, language.activation)
    options.tiesHead = language.tiesHead
    options.embeddingDeviation = language.embeddingDeviation
    return options
  }

  /// Whether a forecast of each channel looks at that channel alone.
  var foretellsChannelsAlone: Bool {
    task == .forecasting && source?[ForecastingSettings.self].hasIndependentChannels ?? false
  }

  /// The model of a problem with random weights.
  public func makeNetwork(
    _ problem: SequenceProblem, using random: inout RandomSource
  ) -> AnySequenceNetwork {
    func mixer(_ random: inout RandomSource) -> AnySequenceMixer {
      AnySequenceMixer(
        filter.settings.makeMixer(channels: model.channels, mixing: mixing, using: &random))
    }
    switch problem {
    case .classifiedValues(let channels, let classes):
      return AnySequenceNetwork(
        SequenceRegressor(
          inputs: channels, outputs: classes, options: model, using: &random, makeMixer: mixer))
    case .classifiedTokens(let vocabulary, let classes):
      return AnySequenceNetwork(
        SequenceClassifier(
          vocabulary: vocabulary, classes: classes, options: model, using: &random,
          makeMixer: mixer))
    case .classifiedPairs(let vocabulary, let classes):
      return AnySequenceNetwork(
        SequencePairClassifier(
          vocabulary: vocabulary, classes: classes, options: model, using: &random,
          makeMixer: mixer))
    case .predictedTokens(let vocabulary):
      return AnySequenceNetwork(
        LanguageModel(
          vocabulary: vocabulary, options: languageOptions, using: &random, makeMixer: mixer))
    case .compressedTokens(let vocabulary):
      return AnySequenceNetwork(
        SequenceAutoencoder(
          vocabulary: vocabulary, options: languageOptions, using: &random, makeMixer: mixer))
    case .forecast(let channels, let horizon):
      return AnySequenceNetwork(
        SequenceForecaster(
          inputs: channels, horizon: horizon,
          hasIndependentChannels: foretellsChannelsAlone, options: model, using: &random,
          makeMixer: mixer))
    }
  }
}
