import Layers
import LongConvolution
import Testing
import Training

/// Settings from files and from `--set`: what they may hold, and what is said when they do not.
@Suite struct ConfigurationTests {
  static func base() throws -> RunConfiguration { try RunConfiguration(task: .listops) }

  /// Expects that a setting is refused with exactly this message.
  func expectError(
    _ assignment: String, _ place: String, expected: String, got: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let error = #expect(throws: ConfigurationError.self, sourceLocation: sourceLocation) {
      try Self.base().setting(assignment)
    }
    #expect(
      error == ConfigurationError(place: place, expected: expected, got: got),
      sourceLocation: sourceLocation)
  }

  @Test func settingsReachTheirKeys() throws {
    var expected = try Self.base()
    expected.training.epochs = 3
    expected.training.learningRate = 2
    expected.training.clipNorm = 0.5
    expected.training.schedule = .linear
    expected.model.normalization = .batch
    expected.mixing.isLinear = true
    expected.filter[SGConvOptions.self].mode = try #require(SGConvMode("sum_cos_nearest"))
    expected.data.folder = "a=b"
    var found = try Self.base()
    for assignment in [
      // A whole number is a number.
      "training.epochs=3", "training.learningRate=2", "training.clipNorm=5e-1",
      "training.schedule=linear", "model.normalization=batch", "mixing.isLinear=true",
      "filter.mode=sum_cos_nearest", "data.folder=a=b",
    ] {
      found = try found.setting(assignment)
    }
    #expect(found == expected)
  }

  @Test func nullTakesAnOptionalAway() throws {
    var configuration = try Self.base()
    configuration.training.clipNorm = 1
    configuration.training.padTo = 4096
    for text in ["null", "~", ""] {
      #expect(try configuration.setting("training.clipNorm=\(text)").training.clipNorm == nil)
    }
    let tree = ConfigurationTree.table(["training": .table(["clipNorm": .null, "padTo": .null])])
    let cleared = try configuration.overlaid(with: tree, place: "file")
    #expect(cleared.training.clipNorm == nil && cleared.training.padTo == nil)
    // What must be there cannot be taken away.
    let error = #expect(throws: ConfigurationError.self) {
      try Self.base().setting("training.epochs=null")
    }
    #expect(error?.place == "--set training.epochs=null: training.epochs")
    #expect(error?.expected == "a value" && error?.got == "nothing")
  }

  @Test func unknownKeysNamePlaceAndKnownKeys() throws {
    try expectError(
      "mixing.activatoin=gelu", "--set mixing.activatoin=gelu: mixing.activatoin",
      expected: "one of the keys activation, dropout, dropoutKind, isLinear, outputActivation",
      got: "the unknown key activatoin")
    let tree = ConfigurationTree.table(["trainig": .table(["epochs": .integer(1)])])
    let error = #expect(throws: ConfigurationError.self) {
      try Self.base().overlaid(with: tree, place: "recipe.yaml")
    }
    #expect(error?.place == "recipe.yaml: trainig")
    #expect(
      error?.expected
        == "one of the keys data, filter, mixing, model, modelName, task, training")
    #expect(error?.got == "the unknown key trainig")
  }

  @Test func valuesOfAnotherKind() throws {
    try expectError(
      "training.epochs=many", "--set training.epochs=many: training.epochs",
      expected: "a whole number", got: "text many")
    try expectError(
      "training.epochs=1.5", "--set training.epochs=1.5: training.epochs",
      expected: "a whole number", got: "a number 1.5")
    try expectError(
      "training=3", "--set training=3: training",
      expected: "keys, of batchSize, batching, beta1, beta2, bucketWindow, checkpointEverySteps,"
        + " checkpointsActivations, clipNorm, epochs, epsilon, evaluateEveryEpochs,"
        + " evaluateEverySteps, finalRateFactor, keepCheckpoints, learningRate, logEverySteps,"
        + " maximumSteps, padTo, patience, schedule, scheduleSteps, seed, warmupSteps, weightDecay",
      got: "a whole number")
    try expectError(
      "mixing.isLinear=1", "--set mixing.isLinear=1: mixing.isLinear",
      expected: "true or false", got: "a whole number 1")
    try expectError("training.epochs", "--set training.epochs", expected: "key=value", got: "no =")
  }

  @Test(arguments: [
    "training.schedule=stairs", "filter.mode=cat", "model.pooling=max", "training.seed=-1",
    "task=images", "modelName=transformer",
  ])
  func valuesThatAKeyCannotHave(assignment: String) throws {
    // The decoder does not tell the key of a number that does not fit.
    let key = assignment == "training.seed=-1" ? "" : ": \(assignment.prefix { $0 != "=" })"
    let error = #expect(throws: ConfigurationError.self) {
      try Self.base().setting(assignment)
    }
    #expect(error?.place == "--set \(assignment)\(key)")
    #expect(error?.expected == "a value that this key can have")
    #expect(error?.got.isEmpty == false)
  }

  @Test func numbersThatAreNone() throws {
    try expectError(
      "training.learningRate=nan", "--set training.learningRate=nan: training.learningRate",
      expected: "a number", got: "text nan")
    // A YAML file can hold one.
    for value in [Double.nan, .infinity] {
      let tree = ConfigurationTree.table(["model": .table(["dropout": .number(value)])])
      let error = #expect(throws: ConfigurationError.self) {
        try Self.base().overlaid(with: tree, place: "recipe.yaml")
      }
      #expect(error?.place == "recipe.yaml: model.dropout")
      #expect(error?.expected == "a finite number" && error?.got == "\(value)")
    }
  }

  @Test func jsonRoundTrip() throws {
    var configuration = try RunConfiguration(task: .text)
    configuration.training.patience = 3
    configuration.training.seed = .max
    configuration.filter[SGConvOptions.self].mode.interpolation = .nearest
    configuration.data.trainTable = "a \"b\".tsv"
    configuration.data.testTable = "ü.tsv"
    let json = try configuration.json
    #expect(try RunConfiguration(json: json, place: "test") == configuration)
    #expect(try RunConfiguration(json: json, place: "test").json == json)
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration(json: "{\"task\":\"text\"}", place: "config.json")
    }
    #expect(error?.place.hasPrefix("config.json: ") == true && error?.got == "nothing")
    #expect(throws: ConfigurationError.self) {
      try RunConfiguration(json: "{", place: "config.json")
    }
  }

  @Test(arguments: [
    ("training.epochs", "0"), ("training.batchSize", "0"), ("training.bucketWindow", "0"),
    ("training.learningRate", "0"), ("training.warmupSteps", "-1"),
    ("training.checkpointEverySteps", "0"), ("training.keepCheckpoints", "0"),
    ("training.logEverySteps", "0"), ("training.evaluateEverySteps", "0"),
    ("training.maximumSteps", "0"), ("training.scheduleSteps", "0"),
    ("training.patience", "0"), ("training.clipNorm", "0"), ("training.beta1", "1"),
    ("training.beta2", "-0.1"), ("training.padTo", "10"), ("data.maximumLength", "0"),
    ("data.validationFraction", "1"), ("model.channels", "0"), ("model.layers", "0"),
    ("model.dropout", "1"), ("mixing.dropout", "-1"), ("filter.kernelSize", "0"),
    ("filter.maximumLength", "-1"), ("filter.initialScale", "25"), ("filter.scales", "0"),
    ("filter.copies", "0"),
    // Products of these would not be numbers.
    ("training.epochs", "9223372036854775807"), ("training.batchSize", "9223372036854775807"),
    ("filter.maximumLength", "9223372036854775807"),
    ("filter.kernelSize", "9223372036854775807"), ("filter.copies", "9223372036854775807"),
    ("model.channels", "9223372036854775807"), ("data.maximumLength", "9223372036854775807"),
  ])
  func validationNamesTheKey(key: String, value: String) throws {
    let configuration = try Self.base().setting("\(key)=\(value)")
    let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
    #expect(error?.place == "configuration: \(key)")
    #expect(error?.expected.isEmpty == false)
    #expect(error.map { Double($0.got) ?? -3 } == Double(value) ?? -3)
  }

  @Test func combinations() throws {
    var configuration = try Self.base()
    #expect(throws: Never.self) { try configuration.validate() }
    configuration.data.trainTable = "train.tsv"
    #expect(throws: ConfigurationError.self) { try configuration.validate() }
    configuration = try Self.base()
    configuration.filter[SGConvOptions.self].copies = 2
    #expect(throws: Never.self) { try configuration.validate() }
    configuration.mixing.isLinear = true
    #expect(throws: ConfigurationError.self) { try configuration.validate() }
    #expect(throws: ConfigurationError.self) {
      try RunConfiguration(task: .text, modelName: "transformer")
    }
    // The pieces together would be longer than anything.
    configuration = try Self.base()
    (
      configuration.filter[SGConvOptions.self].kernelSize,
      configuration.filter[SGConvOptions.self].scales
    ) = (1 << 16, 24)
    #expect(throws: ConfigurationError.self) { try configuration.validate() }
  }
}
