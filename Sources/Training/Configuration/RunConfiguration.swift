import Layers
public import LongConvolution

/// What a run is trained on.
public enum TrainingTask: String, Sendable, Hashable, CaseIterable, Codable {
  /// Long Range Arena's ListOps files.
  case listops
  /// Byte- or character-level text classification.
  case text
}

/// Which data, and how it becomes sequences.
///
/// Keys under `data`.
public struct DataConfiguration: Sendable, Hashable, Codable {
  /// The folder of the data: the ListOps files, or `{train,test}/<class>/*.txt`.
  public var folder = ""
  /// For `text`: a table `label<TAB>text` of training texts, instead of a folder.
  public var trainTable: String?
  /// For `text`: the table of test texts.
  public var testTable: String?
  /// For `text`: whether the tables begin with a header line.
  public var tablesHaveHeader = false
  /// Longer sequences are cut to this many tokens, special tokens included.
  public var maximumLength = 2048
  /// Whether sequences end in `<eos>` (as in S4's pipeline).
  public var appendEndOfSequence = true
  /// Whether sequences begin with `<bos>`.
  public var appendBeginOfSequence = false
  /// For `text`: what counts as one token.
  public var level = TextLevel.byte
  /// For `text` by characters: rarer characters become `<unk>`.
  public var minimumFrequency = 1
  /// For `text`: the fraction of training texts held out for validation; 0 validates on the test
  /// texts, as published results commonly do.
  public var validationFraction = 0.1

  /// The defaults.
  public init() {}
}

/// How batches are put together.
public enum BatchingKind: String, Sendable, Hashable, CaseIterable, Codable {
  /// In random order, each batch padded to its longest sequence.
  case padded
  /// Sorted by length within windows, so that there is little padding.
  case bucketed
}

/// How a model is trained.
///
/// Keys under `training`.
public struct TrainingConfiguration: TrainingSettings {
  /// Passes over the training data.
  public var epochs = 8
  /// Sequences in a step.
  public var batchSize = 32
  /// How batches are put together.
  public var batching = BatchingKind.bucketed
  /// Batches in a window of `bucketed`.
  public var bucketWindow = 50
  /// Pads every batch to this length.
  public var padTo: Int?
  /// The learning rate of parameters without their own.
  public var learningRate: Float = 4e-3
  /// The decoupled weight decay of parameters without their own.
  public var weightDecay: Float = 0.05
  /// β₁ of AdamW.
  public var beta1: Float = 0.9
  /// β₂ of AdamW.
  public var beta2: Float = 0.999
  /// ε of AdamW.
  public var epsilon: Float = 1e-8
  /// The course of the learning rate.
  public var schedule = LearningRateSchedule.Course.cosine
  /// Steps of linear warm-up.
  public var warmupSteps = 300
  /// The last learning rate as a fraction of the first.
  public var finalRateFactor: Float = 0
  /// Gradients are scaled down to this norm.
  public var clipNorm: Float?
  /// Steps between evaluations; left out, once an epoch.
  public var evaluateEverySteps: Int?
  /// Epochs between evaluations, if they are made at the ends of epochs.
  public var evaluateEveryEpochs = 1
  /// Stops after this many evaluations without a better validation accuracy.
  public var patience: Int?
  /// Steps between checkpoints, besides those at evaluations.
  public var checkpointEverySteps = 500
  /// How many of the last checkpoints are kept, besides the best.
  public var keepCheckpoints = 2
  /// Steps between lines of metrics.
  public var logEverySteps = 25
  /// Whether long stacks trade time for memory: blocks are computed again in the backward pass.
  public var checkpointsActivations = false
  /// Determines weights, order and dropout.
  public var seed: UInt64 = 0

  /// The recipe of the short ListOps example.
  public init() {}
}

/// Everything that determines a run.
public struct RunConfiguration: Sendable, Hashable {
  /// What is learned.
  public var task = TrainingTask.listops
  /// Which data.
  public var data = DataConfiguration()
  /// The shape of the model.
  public var model = ClassifierOptions()
  /// How each long convolution is finished.
  public var mixing = LongConvolutionOptions()
  /// The method, and its settings.
  public var filter: MixerConfiguration
  /// How the model is trained.
  public var training = TrainingConfiguration()

  /// The kind of model, for example `sgconv`.
  public var modelName: String { filter.name }

  /// The models there are.
  public static let modelNames = MixerConfiguration.names

  /// The defaults of a task and a model.
  ///
  /// - Throws: `ConfigurationError` for a model that does not exist.
  public init(task: TrainingTask, modelName: String = "sgconv") throws(ConfigurationError) {
    guard let filter = MixerConfiguration(named: modelName) else {
      throw ConfigurationError(
        place: "--model", expected: "one of " + Self.modelNames.joined(separator: ", "),
        got: modelName)
    }
    self.task = task
    self.filter = filter
    if task == .text { data.maximumLength = 1024 }
  }

  /// The configuration with what depends on the data filled in: a `filter.maximumLength` of 0
  /// stands for the longest training sequence.
  public func resolved(for data: DatasetSplits) -> RunConfiguration {
    var resolved = self
    func resolve(_ settings: some MixerSettings) -> any MixerSettings {
      settings.resolved(longest: data.train.lengthStatistics?.maximum ?? 1)
    }
    resolved.filter.settings = resolve(filter.settings)
    return resolved
  }
}

extension RunConfiguration: Codable {
  private enum CodingKeys: String, CodingKey {
    case task, modelName, data, model, mixing, filter, training
  }

  /// Reads a configuration; `modelName` decides what `filter` holds.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    task = try container.decode(TrainingTask.self, forKey: .task)
    data = try container.decode(DataConfiguration.self, forKey: .data)
    model = try container.decode(ClassifierOptions.self, forKey: .model)
    mixing = try container.decode(LongConvolutionOptions.self, forKey: .mixing)
    training = try container.decode(TrainingConfiguration.self, forKey: .training)
    let name = try container.decode(String.self, forKey: .modelName)
    guard let kind = MixerConfiguration.kinds.first(where: { $0.modelName == name }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .modelName, in: container,
        debugDescription: "expected one of \(Self.modelNames.joined(separator: ", ")), got \(name)")
    }
    filter = try MixerConfiguration(kind, from: container.superDecoder(forKey: .filter))
  }

  /// Writes a configuration.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(task, forKey: .task)
    try container.encode(modelName, forKey: .modelName)
    try container.encode(data, forKey: .data)
    try container.encode(model, forKey: .model)
    try container.encode(mixing, forKey: .mixing)
    try container.encode(training, forKey: .training)
    try filter.settings.encode(to: container.superEncoder(forKey: .filter))
  }
}
