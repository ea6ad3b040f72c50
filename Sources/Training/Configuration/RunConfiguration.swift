public import Differentiation
import Layers
public import LongConvolution

/// What a run is trained on.
public enum TrainingTask: String, Sendable, Hashable, CaseIterable, Codable {
  /// Long Range Arena's ListOps files.
  case listops
  /// Byte- or character-level text classification.
  case text
  /// Pairs of documents.
  case retrieval
  /// CIFAR-10 as sequences of pixels.
  case image
  /// MNIST as sequences of pixels.
  case mnist
  /// Pathfinder as sequences of pixels.
  case pathfinder
  /// Classification of time series.
  case timeSeries = "time-series"
  /// The next rows of a table of numbers.
  case forecasting
  /// The next base of genomes.
  case dna
  /// Which genome a window of bases is from.
  case dnaSpecies = "dna-species"
  /// The next byte or character of a text.
  case textFile = "text-file"
  /// The value of a key, asked for once.
  case associativeRecall = "associative-recall"
  /// What stood behind a mark.
  case induction
  /// The value of a key, whenever it comes again.
  case recall
  /// The same with keys and values of several tokens.
  case fuzzyRecall = "fuzzy-recall"
  /// The same among noise.
  case noisyRecall = "noisy-recall"
  /// Tokens among blanks.
  case selectiveCopy = "selective-copy"
  /// A whole sequence from one vector.
  case compression
  /// Values of keys, learned by heart.
  case memorization = "memorisation"

  /// The names of all tasks.
  public static var names: [String] { allCases.map(\.rawValue) }
}

/// Which data, and how it becomes sequences.
///
/// Keys under `data`.
public struct DataConfiguration: Sendable, Hashable, Codable {
  /// The folder of the data, for example of the ListOps files or of `{train,test}/<class>/*.txt`; for
  /// some tasks a file.
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
  /// For `listops`: whether the arguments of every list come in another order each time, in training.
  public var shufflesArguments = false
  /// For `text`: what counts as one token.
  public var level = TextLevel.byte
  /// For `text` by characters: rarer characters become `<unk>`.
  public var minimumFrequency = 1
  /// For `text`: a file with the positions of the texts to learn from among the training texts, one a
  /// line, from 0; left out, all that are not for validation.
  public var trainIndices: String?
  /// For `text`: a file with those of the texts for validation, in the place of a random fraction.
  public var validationIndices: String?
  /// For `text`: a file with the positions of the texts to test on among the test texts.
  public var testIndices: String?
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
  /// The run ends after this many steps, if its epochs have more.
  public var maximumSteps: Int?
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
  /// The steps that the course of the learning rate spans, warm-up included; left out, all of the run.
  public var scheduleSteps: Int?
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

/// What a language model has beside the keys under `model`.
///
/// Keys under `language`, which only tasks with an answer at each position have.
public struct LanguageSettings: Sendable, Hashable, Codable {
  /// The width of the perceptrons as a multiple of the channels.
  public var expansion = 4
  /// The nonlinearity of the perceptrons.
  public var activation: Activation = .gelu
  /// Whether the embedding's table is also the head.
  public var tiesHead = false
  /// The deviation of the normal values that the embedding starts with.
  public var embeddingDeviation: Float = 0.02

  /// Perceptrons 4 times as wide, a head of its own.
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
  /// The settings of the task's data; `nil` for ListOps and the classification of texts.
  public var source: TaskConfiguration?
  /// The rest of a language model; `nil` for tasks without an answer at each position.
  public var language: LanguageSettings?

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
    takeDefaults(of: task)
  }

  /// Makes this a configuration of a task: its data's settings, and its defaults for the others.
  mutating func takeDefaults(of task: TrainingTask) {
    self.task = task
    if task == .text { data.maximumLength = 1024 }
    source = TaskConfiguration(task)
    language = source?.isPredictive == true ? LanguageSettings() : nil
    source?.settings.adjust(&self)
  }

  /// The configuration with what depends on the data filled in: a `filter.maximumLength` of 0
  /// stands for the longest training sequence.
  public func resolved(for data: DatasetSplits) -> RunConfiguration {
    resolved(longest: data.train.lengthStatistics?.maximum ?? 1)
  }

  /// The configuration with what depends on the longest training sequence filled in.
  public func resolved(longest: Int) -> RunConfiguration {
    var resolved = self
    func resolve(_ settings: some MixerSettings) -> any MixerSettings {
      settings.resolved(longest: longest)
    }
    resolved.filter.settings = resolve(filter.settings)
    return resolved
  }
}

extension RunConfiguration: Codable {
  private enum CodingKeys: String, CodingKey {
    case task, modelName, data, model, mixing, filter, training, source, language
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
    if let kind = TaskConfiguration.kinds.first(where: { $0.task == task }) {
      source = try TaskConfiguration(kind, from: container.superDecoder(forKey: .source))
      if kind.isPredictive {
        language = try container.decode(LanguageSettings.self, forKey: .language)
      }
    }
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
    try source?.settings.encode(to: container.superEncoder(forKey: .source))
    // Not `encodeIfPresent`, which makes it a key that there is for every task.
    if let language { try container.encode(language, forKey: .language) }
  }
}
