public import NeuralOperators
public import SequenceTensor
public import TensorIO

/// A checkpoint of a neural operator.
public typealias OperatorCheckpoint = Checkpoint<OperatorRecipe>

/// Everything but the weights that a trained neural operator is made from.
public struct OperatorRecipe: ModelRecipe {
  /// The word in the metadata of its checkpoints.
  public static let format = "longwave operator checkpoint 1"

  /// The configuration of the run, resolved for its data.
  public var configuration: OperatorRunConfiguration
  /// The channels and the training grid.
  public var fields: FieldShapes
  /// The normaliser of inputs; of a checkpoint its statistics are the model's.
  public var input: AnyFieldNormalizer
  /// The normaliser of targets.
  public var output: AnyFieldNormalizer
  /// The time between two frames, for operators that make one frame of others; 1 where the data
  /// does not say.
  public var frameInterval: Double?
  /// What the training samples were drawn from, if they are of an equation of the catalogue.
  public var origin: FieldOrigin?

  /// Creates the recipe of a new run.
  public init(
    configuration: OperatorRunConfiguration, fields: FieldShapes, input: AnyFieldNormalizer,
    output: AnyFieldNormalizer, frameInterval: Double? = nil, origin: FieldOrigin? = nil
  ) {
    self.frameInterval = frameInterval
    self.origin = origin
    self.configuration = configuration
    self.fields = fields
    self.input = input
    self.output = output
  }

  /// How the model is trained.
  public var training: OperatorTrainingConfiguration { configuration.training }

  /// The text of `config.json`.
  public var configurationText: String { get throws { try configuration.json } }

  /// The first file of the data.
  public var dataPlace: String { configuration.data.train }

  /// The first file of the data without its folders.
  public var dataName: String {
    String(configuration.data.train.split(separator: "/").last ?? "fields")
  }

  /// Checks that fields are what the operator takes and gives, on any grid.
  ///
  /// - Throws: `DataError` if not.
  public func check(_ data: FieldDataset) throws(DataError) {
    guard data.grid.count == fields.grid.count, data.inputChannels == fields.inputs,
      data.frameChannels == fields.outputs, data.targetSteps == 1 || isAutoregressive
    else {
      throw DataError(
        at: data.name,
        expected: "fields over \(fields.grid.count) axes with \(fields.inputs) channels in and"
          + " \(fields.outputs) out, as the operator was trained on",
        got: "over \(data.grid.count) axes with \(data.inputChannels) and \(data.frameChannels)")
    }
    if let mine = origin?.equation, let other = data.origin?.equation, mine != other {
      throw DataError(
        at: data.name, expected: "samples of \(mine), which the operator was trained on",
        got: "samples of \(other)")
    }
    try check(grid: data.grid, at: data.name)
  }

  /// Whether the operator makes a frame from frames like it, and can so go on from its own.
  public var isAutoregressive: Bool { frameInterval != nil }

  /// The steps from the first frames of the training samples' trajectories to their end; 1 for
  /// operators that make no frames.
  public var trainedSteps: Int {
    guard isAutoregressive, let times = origin?.times else { return 1 }
    let data = configuration.data.fields
    let frames = (times.count - 1) / data.temporalSubsampling + 1
    return max(1, min(frames - data.initialSteps, data.steps ?? .max))
  }

  /// Checks that a grid can be used: normalisers by point know one only.
  ///
  /// - Throws: `DataError` if not.
  public func check(grid: [Int], at place: String) throws(DataError) {
    let training = configuration.training
    guard
      training.inputNormalizer.scope != .point && training.targetNormalizer.scope != .point
        || grid == fields.grid
    else {
      throw DataError(
        at: place,
        expected: "the grid \(fields.grid) that the operator's normalisers by point were fitted on",
        got: "\(grid)")
    }
  }

  /// The operator with random weights, between its normalisers.
  public func makeModel(using random: inout RandomSource) -> NormalizedOperator {
    var model = NormalizedOperator(
      input: input, inner: configuration.model.settings.makeOperator(fields, using: &random),
      output: output)
    model.addsLastFrame = training.predictsDifference
    model.keptFrequencies = training.keptFrequencies
    return model
  }

  /// Writes configuration and shapes to the metadata.
  public func write(to file: inout SafetensorsFile) throws {
    try file.setMetadata("configuration", configuration)
    try file.setMetadata("fields", fields)
    if let frameInterval { try file.setMetadata("frameInterval", frameInterval) }
    if let origin { try file.setMetadata("origin", origin) }
  }

  /// Reads the recipe of a checkpoint; the statistics of its normalisers are read with the model.
  ///
  /// - Throws: `TensorFileError` or `ConfigurationError`.
  public init(from file: SafetensorsFile, path: String) throws {
    let configuration = try file.configuration(
      OperatorRunConfiguration(modelName: "fno"), path: path)
    do throws(ConfigurationError) {
      try configuration.validate()
    } catch {
      throw ConfigurationError(
        place: "\(path): \(error.place)", expected: error.expected, got: error.got)
    }
    let fields = try file.metadata("fields", FieldShapes.self, path: path)
    let sizes = [fields.inputs, fields.outputs] + fields.grid
    guard (1...3).contains(fields.grid.count), sizes.allSatisfy({ (1...(1 << 24)).contains($0) })
    else {
      throw TensorFileError(
        place: "\(path): metadata fields", expected: "channels and 1 to 3 axes of a grid",
        got: "\(sizes)")
    }
    let least = configuration.model.settings.leastValues(fields)
    let stored = try file.names.filter { $0.hasPrefix("model.operator.") }.reduce(0) { sum, name in
      try file.shape(of: name).reduce(1, *) + sum
    }
    guard least <= stored else {
      throw TensorFileError(
        place: "\(path): model.operator", expected: "at least \(least) values", got: "\(stored)")
    }
    func normalizer(
      _ name: FieldNormalizerName, _ part: String, channels: Int
    ) throws -> AnyFieldNormalizer {
      // Statistics by point are as large as a grid: the file has to have them.
      if name == .point {
        let expected = fields.grid + [channels]
        let found = try file.shape(of: "model.\(part).mean")
        guard found == expected else {
          throw TensorFileError(
            place: "\(path): model.\(part).mean", expected: "shape \(expected)",
            got: "shape \(found)")
        }
      }
      var statistics = FieldStatistics(scope: name.scope)
      let grid = name == .point ? fields.grid : fields.grid.map { _ in 1 }
      statistics.add(Tensor(zeros: Shape([1] + grid + [channels])))
      return AnyFieldNormalizer(name, statistics)
    }
    self.init(
      configuration: configuration, fields: fields,
      input: try normalizer(
        configuration.training.inputNormalizer, "input", channels: fields.inputs),
      output: try normalizer(
        configuration.training.targetNormalizer, "output", channels: fields.outputs),
      frameInterval: try file.metadata["frameInterval"].map { _ in
        try file.metadata("frameInterval", Double.self, path: path)
      },
      origin: try file.metadata["origin"].map {
        try FieldOrigin(json: $0, place: "\(path): metadata origin")
      })
  }
}
