public import Differentiation
public import SequenceTensor
public import TensorIO

/// Everything but the weights that a model is made from: what a checkpoint needs to make it again.
public protocol ModelRecipe: Sendable {
  /// What is trained.
  associatedtype Model: Module
  /// How it is trained.
  associatedtype Settings: TrainingSettings

  /// The word in the metadata that tells its checkpoints from other files.
  static var format: String { get }

  /// How the model is trained.
  var training: Settings { get }

  /// The text of `config.json`.
  var configurationText: String { get throws }

  /// Where the data comes from, for messages.
  var dataPlace: String { get }

  /// The model with random weights.
  func makeModel(using random: inout RandomSource) -> Model

  /// Writes what makes the recipe to a checkpoint, as metadata and tensors of names that begin
  /// with neither `model.` nor `optimizer.`.
  func write(to file: inout SafetensorsFile) throws

  /// Reads the recipe of a checkpoint, and compares the sizes that the model's memory depends on
  /// with the file's tensors.
  ///
  /// - Throws: `TensorFileError` if the file is not a checkpoint of such a model,
  ///   `ConfigurationError` if its configuration cannot be used.
  init(from file: SafetensorsFile, path: String) throws
}

/// How a model is trained, whatever it learns.
public protocol TrainingSettings: Sendable, Hashable, Codable {
  /// Passes over the training data.
  var epochs: Int { get }
  /// Examples in a step.
  var batchSize: Int { get }
  /// The learning rate of parameters without their own.
  var learningRate: Float { get }
  /// The decoupled weight decay of parameters without their own.
  var weightDecay: Float { get }
  /// β₁ of AdamW.
  var beta1: Float { get }
  /// β₂ of AdamW.
  var beta2: Float { get }
  /// ε of AdamW.
  var epsilon: Float { get }
  /// The course of the learning rate.
  var schedule: LearningRateSchedule.Course { get }
  /// Steps of linear warm-up.
  var warmupSteps: Int { get }
  /// The last learning rate as a fraction of the first.
  var finalRateFactor: Float { get }
  /// Of the course `step`: how often the rate falls.
  var rateDrops: Int { get }
  /// Of the course `step`: what the rate is multiplied by each time.
  var rateDropFactor: Float { get }
  /// Gradients are scaled down to this norm.
  var clipNorm: Float? { get }
  /// The run ends after this many steps, if its epochs have more.
  var maximumSteps: Int? { get }
  /// The steps that the course of the learning rate spans; left out, all of the run.
  var scheduleSteps: Int? { get }
  /// Steps between evaluations; left out, at the ends of epochs.
  var evaluateEverySteps: Int? { get }
  /// Epochs between evaluations, if they are made at the ends of epochs.
  var evaluateEveryEpochs: Int { get }
  /// Stops after this many evaluations without a better one.
  var patience: Int? { get }
  /// Steps between checkpoints, besides those at evaluations.
  var checkpointEverySteps: Int { get }
  /// How many of the last checkpoints are kept, besides the best.
  var keepCheckpoints: Int { get }
  /// Steps between lines of metrics.
  var logEverySteps: Int { get }
  /// Determines weights, order and all other randomness.
  var seed: UInt64 { get }
}

extension TrainingSettings {
  /// Four times: five pieces.
  public var rateDrops: Int { 4 }
  /// One half.
  public var rateDropFactor: Float { 0.5 }
  /// As many as the epochs have.
  public var maximumSteps: Int? { nil }
  /// All of the run.
  public var scheduleSteps: Int? { nil }

  /// Checks the ranges.
  ///
  /// - Throws: `ConfigurationError` with the key under `training`.
  func validateRanges() throws(ConfigurationError) {
    try ConfigurationCheck.range(epochs, 1...(1 << 24), "training.epochs")
    try ConfigurationCheck.range(batchSize, 1...(1 << 24), "training.batchSize")
    try ConfigurationCheck.positive(learningRate, "training.learningRate")
    try ConfigurationCheck.that(
      weightDecay.isFinite && weightDecay >= 0, "training.weightDecay", "at least 0", weightDecay)
    try ConfigurationCheck.positive(epsilon, "training.epsilon")
    try ConfigurationCheck.that(
      finalRateFactor.isFinite && finalRateFactor >= 0, "training.finalRateFactor", "at least 0",
      finalRateFactor)
    try ConfigurationCheck.range(rateDrops, 0...(1 << 20), "training.rateDrops")
    try ConfigurationCheck.positive(rateDropFactor, "training.rateDropFactor")
    try ConfigurationCheck.range(warmupSteps, 0...Int.max, "training.warmupSteps")
    try ConfigurationCheck.range(maximumSteps ?? 1, 1...Int.max, "training.maximumSteps")
    try ConfigurationCheck.range(scheduleSteps ?? 1, 1...Int.max, "training.scheduleSteps")
    try ConfigurationCheck.range(
      checkpointEverySteps, 1...Int.max, "training.checkpointEverySteps")
    try ConfigurationCheck.range(keepCheckpoints, 1...Int.max, "training.keepCheckpoints")
    try ConfigurationCheck.range(logEverySteps, 1...Int.max, "training.logEverySteps")
    try ConfigurationCheck.range(
      evaluateEverySteps ?? 1, 1...Int.max, "training.evaluateEverySteps")
    try ConfigurationCheck.range(evaluateEveryEpochs, 1...Int.max, "training.evaluateEveryEpochs")
    try ConfigurationCheck.range(patience ?? 1, 1...Int.max, "training.patience")
    try ConfigurationCheck.that(
      (clipNorm ?? 1) > 0, "training.clipNorm", "above 0", clipNorm ?? 0)
    try ConfigurationCheck.fraction(beta1, "training.beta1")
    try ConfigurationCheck.fraction(beta2, "training.beta2")
  }
}

extension AdamW {
  init(_ settings: some TrainingSettings) {
    self.init(
      learningRate: settings.learningRate, weightDecay: settings.weightDecay,
      beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon)
  }
}
