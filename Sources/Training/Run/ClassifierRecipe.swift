public import Layers
public import LongConvolution
public import SequenceTensor
public import TensorIO

/// The classifier that a run trains, its method chosen by the configuration.
public typealias ClassifierModel = SequenceClassifier<AnySequenceMixer>

/// A checkpoint of a classifier.
public typealias ClassifierCheckpoint = Checkpoint<ClassifierRecipe>

/// Everything but the weights that a classifier of sequences is made from.
public struct ClassifierRecipe: ModelRecipe {
  /// The word in the metadata of its checkpoints.
  public static let format = "longwave checkpoint 1"

  /// The configuration of the run.
  public var configuration: RunConfiguration
  /// The tokens.
  public var vocabulary: Vocabulary
  /// The names of the classes.
  public var classNames: [String]
  /// The recurrences that stand in the place of the method's filters, if the model was distilled.
  public var distilledFilters: DistilledFilters?

  /// Creates a recipe.
  public init(configuration: RunConfiguration, vocabulary: Vocabulary, classNames: [String]) {
    self.configuration = configuration
    self.vocabulary = vocabulary
    self.classNames = classNames
  }

  /// How the model is trained.
  public var training: TrainingConfiguration { configuration.training }

  /// The text of `config.json`.
  public var configurationText: String { get throws { try configuration.json } }

  /// The folder of the data.
  public var dataPlace: String { configuration.data.folder }

  /// The classifier with random weights.
  public func makeModel(using random: inout RandomSource) -> ClassifierModel {
    configuration.makeModel(
      vocabulary: vocabulary.count, classes: classNames.count, using: &random
    ).withFilters(of: distilledFilters)
  }

  /// Writes configuration, vocabulary and classes to the metadata.
  public func write(to file: inout SafetensorsFile) throws {
    try file.setMetadata("configuration", configuration)
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
    vocabulary = try file.metadata("vocabulary", Vocabulary.self, path: path)
    classNames = try file.metadata("classes", [String].self, path: path)
    guard !classNames.isEmpty else {
      throw TensorFileError(
        place: "\(path): metadata classes", expected: "at least one class", got: "none")
    }
    distilledFilters = try DistilledFilters(from: file, path: path)
    try checkSizes(of: file, path: path)
  }

  /// Compares the sizes that the model's memory depends on with a file, before it is made.
  ///
  /// - Throws: `TensorFileError` if a tensor is missing or has another shape.
  private func checkSizes(of file: SafetensorsFile, path: String) throws {
    let model = configuration.model
    let stored = try file.shape(of: "model.embedding.weight")
    let sizes = [vocabulary.count, model.channels]
    guard stored == sizes else {
      throw TensorFileError(
        place: "\(path): model.embedding.weight", expected: "shape \(sizes)",
        got: "shape \(stored)")
    }
    let least =
      try distilledFilters?.leastValues(of: configuration, path: path)
      ?? ConfigurationCheck.product(
        configuration.filter.settings.leastValues(channels: model.channels), model.layers)
    let count = try file.names.filter { $0.hasPrefix("model.blocks.") }.reduce(0) { sum, name in
      try file.shape(of: name).reduce(1, *) + sum
    }
    guard least <= count else {
      throw TensorFileError(
        place: "\(path): model.blocks",
        expected: "at least \(least) values in \(model.layers) blocks", got: "\(count)")
    }
  }
}

extension RunConfiguration {
  /// The model of this configuration with random weights.
  public func makeModel(
    vocabulary: Int, classes: Int, using random: inout RandomSource
  ) -> ClassifierModel {
    ClassifierModel(
      vocabulary: vocabulary, classes: classes, options: model, using: &random
    ) { random in
      AnySequenceMixer(
        filter.settings.makeMixer(channels: model.channels, mixing: mixing, using: &random))
    }
  }
}
