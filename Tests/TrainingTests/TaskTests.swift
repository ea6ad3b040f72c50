import Differentiation
import Layers
import LongConvolution
import SequenceTensor
import Testing
import Training

/// Every task from its data to a report.
@Suite struct TaskTests {
  static let tasks = TaskConfiguration.kinds.map { $0.task }

  @Test func everyTaskHasOneWayOfItsData() {
    #expect(Set(Self.tasks).count == Self.tasks.count)
    #expect(Set(Self.tasks).union([.listops, .text]) == Set(TrainingTask.allCases))
  }

  @Test(arguments: tasks) func trainsGoesOnAndReports(task: TrainingTask) throws {
    try withTemporaryFolder { folder in
      let tiny = try TinyTask(task, folder: folder)
      let whole = try tiny.train("whole")
      try tiny.train("parts", stopAfter: whole.totalSteps / 2)
      let parts = try tiny.resume("parts")
      #expect(bits(of: parts.model) == bits(of: whole.model))
      try expectSameEnd(tiny.run("parts"), tiny.run("whole"))

      let best = try tiny.run("whole").bestCheckpoint(of: SequenceRecipe.self)
      let result = try whole.test(best.model)
      #expect(result.loss.isFinite && result.loss > 0)
      #expect((result.absoluteError != nil) == (task == .forecasting))
      #expect((result.accuracy != nil) == (task != .forecasting))
      let hasClasses = !best.recipe.classNames.isEmpty
      #expect(result.confusion.joined().reduce(0, +) == (hasClasses ? result.examples : 0))
      #expect((result.bits != nil) == (task == .dna || task == .textFile))

      let report = try RunReport(
        run: tiny.run("whole"), checkpoint: best, environment: [], commands: [])
      #expect(report.steps.count == whole.totalSteps)
      #expect(report.confusion.isEmpty != hasClasses)
      let page = report.html()
      #expect(page.contains("Confusion matrix") == hasClasses)
      #expect(page.contains("Test bits a") == (result.bits != nil))
    }
  }

  @Test(arguments: tasks) func settingsSurviveTheirText(task: TrainingTask) throws {
    let configuration = try RunConfiguration(task: task)
    #expect(throws: Never.self) { try configuration.validate() }
    let json = try configuration.json
    #expect(try RunConfiguration(json: json, place: "test") == configuration)
    for (key, value) in try configuration.tree.flattened
    where key.hasPrefix("source.") && value != "null" {
      #expect(try configuration.setting("\(key)=\(value)") == configuration, "\(key)")
    }
    let error = #expect(throws: ConfigurationError.self) {
      try configuration.setting("source.nothing=1")
    }
    #expect(error?.place == "--set source.nothing=1: source.nothing")
    // A file of settings can change the task; its defaults come with it.
    let other = try RunConfiguration(task: .listops).overlaid(
      with: .table(["task": .text(task.rawValue)]), place: "test")
    #expect(other == configuration)
  }

  /// The tasks that were there before have no keys more.
  @Test func olderTasksHaveNoSource() throws {
    for task in [TrainingTask.listops, .text] {
      let configuration = try RunConfiguration(task: task)
      guard case .table(let keys) = try configuration.tree else { return }
      #expect(keys["source"] == nil && keys["language"] == nil)
    }
  }

  /// The methods that language models can have; what comes later does not change what was before.
  @Test(arguments: MixerConfiguration.names) func languageModelsLookBack(name: String) throws {
    var configuration = try RunConfiguration(task: .recall, modelName: name)
    configuration.model.channels = 8
    if name == "gnconv" { configuration = try configuration.setting("filter.isCausal=true") }
    guard name != "aff" else {
      let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
      #expect(error?.place == "configuration: filter")
      return
    }
    try configuration.validate()
    var random = RandomSource(seed: 3)
    let model = configuration.resolved(longest: 20).makeNetwork(
      .predictedTokens(vocabulary: 9), using: &random)
    var tokens = (0..<20).map { Int32($0 * $0 % 9) }
    func logits() -> Tensor {
      let batch = SequenceBatch(
        input: .tokens(tokens), target: .classes([]), lengths: [20], length: 20)
      return model.answers(batch, on: nil).value
    }
    let before = logits()
    #expect(before.shape == [1, 20, 9])
    for position in 12..<20 { tokens[position] = (tokens[position] + 4) % 9 }
    let change = logits() - before
    let past = change.sliced(axis: 1, 0..<12).maximumMagnitude()
    #expect(past < 1e-4 * max(1, before.maximumMagnitude()), "\(past)")
    #expect(change.sliced(axis: 1, 12..<20).maximumMagnitude() > 1e-4)
  }

  @Test(arguments: [
    ("sgconv", "filter.isBidirectional=true"), ("s4d", "filter.isBidirectional=true"),
    ("s5", "filter.isBidirectional=true"), ("rtf", "filter.isBidirectional=true"),
    ("longconv", "filter.wrapsAround=true"), ("hyena", "filter.implicit.isBidirectional=true"),
    ("gnconv", "filter.isCausal=false"), ("sgconv", "model.normalization=batch"),
  ])
  func languageModelsRefuseWhatLooksAhead(name: String, setting: String) throws {
    let configuration = try RunConfiguration(task: .textFile, modelName: name).setting(setting)
    let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
    let key = setting.hasPrefix("model") ? "model.normalization" : "filter"
    #expect(error?.place == "configuration: \(key)")
    // A classifier may.
    let classifier = try RunConfiguration(task: .image, modelName: name).setting(setting)
    #expect(throws: Never.self) { try classifier.validate() }
  }

  /// Every method classifies values and pairs, whatever stands behind a sequence.
  @Test(arguments: ["sgconv", "hyena", "s4d", "multires", "aff"])
  func paddingChangesNothing(name: String) throws {
    var configuration = try RunConfiguration(task: .timeSeries, modelName: name)
    configuration.model.channels = 8
    var random = RandomSource(seed: 3)
    let model = configuration.resolved(longest: 30).makeNetwork(
      .classifiedValues(channels: 2, classes: 3), using: &random)
    let series = Tensor(normal: [1, 17, 2], using: &random)
    func logits(_ length: Int) -> Tensor {
      let rest = Tensor(zeros: [1, length - 17, 2])
      let values = length > 17 ? Tensor.concatenated([series, rest], axis: 1) : series
      let batch = SequenceBatch(
        input: .values(values), target: .classes([]), lengths: [17], length: length)
      return model.answers(batch, on: nil).value
    }
    let alone = logits(17)
    #expect((logits(30) - alone).maximumMagnitude() < 1e-4 * max(1, alone.maximumMagnitude()))
  }

  /// A language model learns a text that repeats.
  @Test func learnsARepeatingText() throws {
    var run = try RunConfiguration(task: .textFile, modelName: "hyena")
    try withTemporaryFolder { folder in
      try write(String(repeating: "abcdefgh", count: 200), to: "\(folder)/t.txt")
      run.data.folder = "\(folder)/t.txt"
      run.data.maximumLength = 32
      run.model.channels = 16
      run.model.layers = 1
      run.training.warmupSteps = 5
      run.training.epochs = 40
      let trainer = try SequenceTrainer(
        newRun: RunFolder("\(folder)/run"), SequenceWorkload(run, run.loadParts()))
      _ = try trainer.run(Watcher())
      let result = try trainer.test(trainer.model)
      #expect(result.bits ?? 9 < 1, "\(result.summary)")
      #expect(result.accuracy ?? 0 > 0.9)
    }
  }

  @Test func lossLeavesOutWhatIsNotAskedFor() {
    let logits = Variable(Tensor([2, 0, 0, 5, 1, 1], shape: [1, 3, 2]))
    let batch = SequenceBatch(
      input: .tokens([0, 0, 0]), target: .tokens([0, -1, 1]), lengths: [3], length: 3)
    #expect(batch.answers == 2)
    // ln(1 + e^-2) and ln 2.
    let expected = (0.126928 + 0.693147) / 2
    var network = FixedAnswers(logits: logits.value)
    network.forEachParameter { _, _ in }
    let examples = TokenSequences(
      [TokenSequences.Example(inputs: [0, 0, 0], targets: [0, -1, 1])], name: "x")
    let result = try? AnySequenceNetwork(network).evaluate(
      examples, batchSize: 1, classes: 0, isScoredByAccuracy: true)
    #expect(abs((result?.loss ?? 0) - expected) < 1e-5)
    // Of two equal logits the first counts: position 2 is wrong.
    #expect(result?.accuracy == 0.5 && result?.confusion.isEmpty == true)
  }
}

/// A model that answers the same whatever it reads.
private struct FixedAnswers: SequenceNetwork {
  mutating func mapMixers<Failure: Error>(
    _ replacement: (Int, any SequenceMixer) throws(Failure) -> any SequenceMixer
  ) throws(Failure) {}

  let logits: Tensor
  var mixers: [any SequenceMixer] { [] }

  func answers(_ batch: SequenceBatch, on tape: Tape?, recomputesBlocks: Bool) -> Variable {
    Variable(logits, on: tape)
  }

  mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {}
}
