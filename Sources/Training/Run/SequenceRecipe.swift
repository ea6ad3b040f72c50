import LongConvolution
public import SequenceTensor
public import TensorIO

/// A checkpoint of a model of any task but ListOps and the classification of texts.
public typealias SequenceCheckpoint = Checkpoint<SequenceRecipe>

/// Everything but the weights that a model of such a task is made from.
public struct SequenceRecipe: RunRecipe {
  /// The word in the metadata of its checkpoints.
  public static let format = "longwave sequence checkpoint 1"

  /// The configuration of the run.
  public var configuration: RunConfiguration
  /// What the model reads and answers.
  public var problem: SequenceProblem
  /// The tokens, where there are some with names.
  public var vocabulary: Vocabulary?
  /// The names of the classes, where there are some.
  public var classNames: [String]
  /// The recurrences that stand in the place of the method's filters, if the model was distilled.
  public var distilledFilters: DistilledFilters?

  /// Creates a recipe.
  public init(
    configuration: RunConfiguration, problem: SequenceProblem, vocabulary: Vocabulary?,
    classNames: [String]
  ) {
    self.configuration = configuration
    self.problem = problem
    self.vocabulary = vocabulary
    self.classNames = classNames
  }

  /// How the model is trained.
  public var training: TrainingConfiguration { configuration.training }

  /// The text of `config.json`.
  public var configurationText: String { get throws { try configuration.json } }

  /// The folder or file of the data.
  public var dataPlace: String {
    configuration.data.folder.isEmpty ? "source" : configuration.data.folder
  }

  /// Whether more right answers, and not a lower loss, are better: everywhere but in language models of
  /// texts and genomes, and in forecasts.
  public var isScoredByAccuracy: Bool {
    switch configuration.task {
    case .textFile, .dna, .forecasting: false
    default: true
    }
  }

  /// Checks that data is what the model reads and answers.
  ///
  /// - Throws: `DataError` if not.
  public func check(_ parts: SequenceParts) throws(DataError) {
    guard parts.problem == problem, parts.classNames == classNames else {
      throw DataError(
        at: dataPlace, expected: "data of the run's kind and sizes: \(problem)",
        got: parts.problem == problem
          ? "the classes \(parts.classNames.prefix(20).joined(separator: ", "))"
          : "\(parts.problem)")
    }
  }

  /// The model with random weights.
  public func makeModel(using random: inout RandomSource) -> AnySequenceNetwork {
    configuration.makeNetwork(problem, using: &random).withFilters(of: distilledFilters)
  }

  /// Writes configuration, problem, vocabulary and classes to the metadata.
  public func write(to file: inout SafetensorsFile) throws {
    try file.setMetadata("configuration", configuration)
    try file.setMetadata("problem", problem)
    try file.setMetadata("vocabulary", vocabulary)
    try file.setMetadata("classes", classNames)
    try distilledFilters?.write(to: &file)
  }

  /// Reads the recipe of a checkpoint.
  ///
  /// - Throws: `TensorFileError` or `ConfigurationError`.
  public init(from file: SafetensorsFile, path: String) throws {
    configuration = try file.configuration(RunConfiguration(task: .listops), path: path)
    do throws(ConfigurationError) {
      try configuration.validate()
    } catch {
      throw ConfigurationError(
        place: "\(path): \(error.place)", expected: error.expected, got: error.got)
    }
    problem = try file.metadata("problem", SequenceProblem.self, path: path)
    vocabulary = try file.metadata("vocabulary", Vocabulary?.self, path: path)
    classNames = try file.metadata("classes", [String].self, path: path)
    distilledFilters = try DistilledFilters(from: file, path: path)
    try checkSizes(of: file, path: path)
  }

  /// Compares the sizes that the model's memory depends on with a file, before it is made.
  ///
  /// - Throws: `TensorFileError` if the file holds less.
  private func checkSizes(of file: SafetensorsFile, path: String) throws {
    let sizes = problem.sizes
    guard sizes.allSatisfy({ (1...(1 << 28)).contains($0) }) else {
      throw TensorFileError(
        place: "\(path): metadata problem", expected: "sizes of a model", got: "\(sizes)")
    }
    let model = configuration.model
    let blocks =
      try distilledFilters?.leastValues(of: configuration, path: path)
      ?? ConfigurationCheck.product(
        configuration.filter.settings.leastValues(channels: model.channels), model.layers)
    let outer =
      if case .forecast(let channels, let horizon) = problem {
        ConfigurationCheck.product(
          configuration.foretellsChannelsAlone ? 1 : channels, horizon, model.channels)
      } else {
        ConfigurationCheck.product(sizes.max() ?? 1, model.channels)
      }
    let stored = try file.names.filter { $0.hasPrefix("model.") }.reduce(0) { sum, name in
      try file.shape(of: name).reduce(1, *) + sum
    }
    guard blocks <= stored, outer <= stored else {
      throw TensorFileError(
        place: "\(path): model", expected: "at least \(max(blocks, outer)) values",
        got: "\(stored)")
    }
  }
}

/// A recipe of a run that `longwave train` makes: a configuration, and perhaps classes.
public protocol RunRecipe: ModelRecipe
where Settings == TrainingConfiguration, Model: SequenceNetwork {
  /// The configuration of the run.
  var configuration: RunConfiguration { get set }
  /// The names of the classes; none where sequences have none.
  var classNames: [String] { get }
  /// The recurrences that stand in the place of the method's filters, if the model was distilled.
  var distilledFilters: DistilledFilters? { get set }
  /// Whether more right answers, and not a lower loss, are better.
  var isScoredByAccuracy: Bool { get }
}

extension ClassifierRecipe: RunRecipe {
  /// Always.
  public var isScoredByAccuracy: Bool { true }
}
