public import NeuralOperators

/// How a neural operator is trained.
///
/// Keys under `training`.
public struct OperatorTrainingConfiguration: TrainingSettings {
  /// Passes over the training data.
  public var epochs = 100
  /// Samples in a step.
  public var batchSize = 16
  /// What is minimised.
  public var loss = FieldLossName.relativeL2
  /// Whether the loss compares normalised values and not those in the units of the data.
  ///
  /// neuraloperator compares normalised ones, the scripts of Li et al. (2021) do not.
  public var comparesNormalized = false
  /// Whether the grids of the data repeat themselves, for losses with differences.
  public var isPeriodic = true
  /// The normalisation of the inputs, fitted to the training data.
  public var inputNormalizer = FieldNormalizerName.channel
  /// The normalisation of the targets, fitted to the training data.
  public var targetNormalizer = FieldNormalizerName.channel
  /// Symmetries of the problem that training samples are turned by at random.
  public var augmentation = FieldAugmentation.none
  /// The deviation of the noise that is added to normalised inputs.
  public var inputNoise: Float = 0
  /// Whether the operator learns the change since the last frame of its input.
  public var predictsDifference = false
  /// Of targets of several frames: how many first steps of a roll-out have no gradients, so that
  /// the operator learns to go on from what it makes itself.
  public var pushForwardSteps = 0
  /// The fraction of the frequencies of each prediction that stays; left out, all.
  public var keptFrequencies: Double?
  /// The learning rate.
  public var learningRate: Float = 2e-3
  /// The decoupled weight decay.
  public var weightDecay: Float = 1e-4
  /// β₁ of AdamW.
  public var beta1: Float = 0.9
  /// β₂ of AdamW.
  public var beta2: Float = 0.999
  /// ε of AdamW.
  public var epsilon: Float = 1e-8
  /// The course of the learning rate.
  public var schedule = LearningRateSchedule.Course.cosine
  /// Steps of linear warm-up.
  public var warmupSteps = 50
  /// The last learning rate as a fraction of the first.
  public var finalRateFactor: Float = 0
  /// Of the course `step`: how often the rate falls.
  public var rateDrops = 4
  /// Of the course `step`: what the rate is multiplied by each time.
  public var rateDropFactor: Float = 0.5
  /// Gradients are scaled down to this norm.
  public var clipNorm: Float?
  /// Steps between evaluations; left out, at the ends of epochs.
  public var evaluateEverySteps: Int?
  /// Epochs between evaluations, if they are made at the ends of epochs.
  public var evaluateEveryEpochs = 5
  /// Stops after this many evaluations without a smaller validation error.
  public var patience: Int?
  /// Steps between checkpoints, besides those at evaluations.
  public var checkpointEverySteps = 1000
  /// How many of the last checkpoints are kept, besides the best.
  public var keepCheckpoints = 2
  /// Steps between lines of metrics.
  public var logEverySteps = 25
  /// Determines weights, order, augmentation and noise.
  public var seed: UInt64 = 0

  /// The defaults.
  public init() {}
}

/// Everything that determines the training of a neural operator.
public struct OperatorRunConfiguration: Sendable, Hashable {
  /// Which data.
  public var data = OperatorDataConfiguration()
  /// The operator.
  public var model: OperatorConfiguration
  /// How it is trained.
  public var training = OperatorTrainingConfiguration()

  /// The kind of operator, for example `fno`.
  public var modelName: String { model.name }

  /// The operators there are.
  public static let modelNames = OperatorConfiguration.names

  /// The defaults of an operator.
  ///
  /// - Throws: `ConfigurationError` for an operator that does not exist.
  public init(modelName: String = "fno") throws(ConfigurationError) {
    guard let model = OperatorConfiguration(named: modelName) else {
      throw ConfigurationError(
        place: "--model", expected: "one of " + Self.modelNames.joined(separator: ", "),
        got: modelName)
    }
    self.model = model
  }
}

extension OperatorRunConfiguration: LayeredConfiguration {
  /// This configuration with the defaults of the operator that a tree names.
  public func withMethod(of tree: ConfigurationTree) -> OperatorRunConfiguration {
    guard case .table(let keys) = tree, case .text(let name) = keys["modelName"],
      name != modelName, let model = OperatorConfiguration(named: name)
    else { return self }
    var changed = self
    changed.model = model
    return changed
  }

  /// Checks what the types cannot: ranges and combinations.
  ///
  /// - Throws: `ConfigurationError` with the key.
  public func validate() throws(ConfigurationError) {
    try model.settings.validate()
    try training.validateRanges()
    try ConfigurationCheck.that(
      training.inputNoise.isFinite && training.inputNoise >= 0, "training.inputNoise",
      "at least 0", training.inputNoise)
    let frames = data.fields.task == .windows ? data.fields.windowFrames : nil
    try ConfigurationCheck.that(
      training.pushForwardSteps >= 0 && training.pushForwardSteps < frames ?? .max,
      "training.pushForwardSteps", "at least 0 and less than data.fields.windowFrames",
      training.pushForwardSteps)
    try ConfigurationCheck.that(
      (0.01...1).contains(training.keptFrequencies ?? 1), "training.keptFrequencies",
      "in 0.01...1", training.keptFrequencies ?? 1)
    try ConfigurationCheck.that(
      !training.comparesNormalized || frames ?? 1 == 1, "training.comparesNormalized",
      "false where a loss goes through several frames", true)
  }
}

extension OperatorRunConfiguration: Codable {
  private enum CodingKeys: String, CodingKey {
    case modelName, data, model, training
  }

  /// Reads a configuration; `modelName` decides what `model` holds.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    data = try container.decode(OperatorDataConfiguration.self, forKey: .data)
    training = try container.decode(OperatorTrainingConfiguration.self, forKey: .training)
    let name = try container.decode(String.self, forKey: .modelName)
    guard let kind = OperatorConfiguration.kinds.first(where: { $0.modelName == name }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .modelName, in: container,
        debugDescription: "expected one of \(Self.modelNames.joined(separator: ", ")), got \(name)")
    }
    model = try OperatorConfiguration(kind, from: container.superDecoder(forKey: .model))
  }

  /// Writes a configuration.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(modelName, forKey: .modelName)
    try container.encode(data, forKey: .data)
    try container.encode(training, forKey: .training)
    try model.settings.encode(to: container.superEncoder(forKey: .model))
  }
}
