import Foundation
import Testing
import Training

private let fieldData = ProcessInfo.processInfo.environment["LONGWAVE_FIELD_DATA"]
private let fieldDataIsHere = fieldData != nil

/// Each task on real data that everyone has, which is not a part of this repository.
///
/// Runs where `LONGWAVE_FIELD_DATA` names a folder with `listops-short`, `imdb`, `cifar10`, `mnist`,
/// `timeseries` (ETTh1.csv and .ts files), `dna` and `text`; of CIFAR-10 the first batch is enough. `TaskTests` runs the same tasks, and those
/// whose data cannot be had any more, on small files of their own.
@Suite(.serialized, .enabled(if: fieldDataIsHere)) struct RealSampleTests {
  private var data: String { fieldData ?? "" }

  /// A configuration of a tiny model and three steps.
  private func configuration(
    _ task: TrainingTask, _ place: String, model: String = "sgconv", _ settings: [String] = []
  ) throws -> RunConfiguration {
    let small = [
      "model.channels=4", "model.layers=1", "training.batchSize=4", "training.maximumSteps=3",
      "training.epochs=1", "training.warmupSteps=1",
    ]
    var configuration = try RunConfiguration(task: task, modelName: model)
    configuration.data.folder = "\(data)/\(place)"
    return try (small + settings).reduce(configuration) { try $0.setting($1) }
  }

  /// Some examples of a part.
  private func few(_ part: any SequenceExamples) -> any SequenceExamples {
    SelectedExamples(
      (0..<min(8, part.count)).map { $0 * part.count / 8 }, of: part, name: part.name)
  }

  /// Trains three steps, tests, goes through a checkpoint; returns the whole data.
  @discardableResult private func train(_ configuration: RunConfiguration) throws -> SequenceParts {
    let whole = try configuration.loadParts()
    var parts = whole
    (parts.train, parts.validation, parts.test) = (
      few(whole.train), few(whole.validation), few(whole.test)
    )
    try withTemporaryFolder { folder in
      let run = RunFolder("\(folder)/run")
      let trainer = try SequenceTrainer(newRun: run, SequenceWorkload(configuration, parts))
      _ = try trainer.run(Watcher())
      #expect(trainer.state.step == min(3, trainer.totalSteps))
      let best = try run.bestCheckpoint(of: SequenceRecipe.self)
      let result = try trainer.test(best.model)
      #expect(result.loss.isFinite && result.examples == parts.test.count)
    }
    return whole
  }

  @Test func expressions() throws {
    let configuration = try configuration(.listops, "listops-short")
    var data = try configuration.loadData()
    #expect(
      [data.train, data.validation, data.test].map(\.examples.count) == [20_000, 1000, 1000])
    // Three special tokens, ten digits, four operators, their end.
    #expect(data.train.vocabulary.count == 18)
    let lengths = try #require(data.train.lengthStatistics)
    // 41 to 249 tokens and the end of the sequence.
    #expect(lengths.minimum == 42 && lengths.maximum == 250)
    #expect(abs(data.test.majorityAccuracy - 0.143) < 0.001)
    try check(&data, configuration)
  }

  @Test func reviews() throws {
    let configuration = try configuration(.text, "imdb", ["data.maximumLength=256"])
    var data = try configuration.loadData()
    #expect(data.train.classNames == ["neg", "pos"])
    #expect([data.train, data.validation, data.test].map(\.examples.count) == [3600, 400, 2000])
    #expect(data.test.labelCounts == [1000, 1000])
    try check(&data, configuration)
  }

  private func check(_ data: inout DatasetSplits, _ configuration: RunConfiguration) throws {
    let whole = data.test
    for part in [\DatasetSplits.train, \.validation, \.test] {
      data[keyPath: part].examples = Array(data[keyPath: part].examples.prefix(8))
    }
    try withTemporaryFolder { folder in
      let trainer = try ClassifierTrainer(
        newRun: RunFolder("\(folder)/run"), configuration: configuration, data: data)
      _ = try trainer.run(Watcher())
      #expect(try trainer.test(trainer.model).loss.isFinite)
    }
    data.test = whole
  }

  @Test func digits() throws {
    for order in ["rows", "permuted"] {
      let parts = try train(
        configuration(.mnist, "mnist", model: "s4d", ["source.order=\(order)"]))
      #expect([parts.train, parts.validation, parts.test].map(\.count) == [54_000, 6000, 10_000])
      #expect(parts.test.length(of: 0) == 784)
      guard case .classes(let labels) = parts.test.batch(Array(0..<10), padTo: nil).target else {
        Issue.record("no classes")
        return
      }
      // The first digits of the test images, as every book shows them.
      #expect(labels == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    }
  }

  @Test func images() throws {
    for colour in [false, true] {
      let parts = try train(
        configuration(.image, "cifar10", ["source.isColour=\(colour)"]))
      #expect([parts.train, parts.validation, parts.test].map(\.count) == [9000, 1000, 1000])
      #expect(parts.classNames.count == 10 && parts.test.length(of: 0) == 1024)
    }
  }

  @Test(arguments: [
    ("GunPoint", 1, 2, 150), ("BasicMotions", 6, 4, 40), ("JapaneseVowels", 12, 9, 370),
    ("ArrowHead", 1, 3, 175), ("OSULeaf", 1, 6, 242), ("ACSF1", 1, 10, 100),
    ("ItalyPowerDemand", 1, 2, 1029),
  ])
  func series(name: String, channels: Int, classes: Int, tests: Int) throws {
    let parts = try train(
      configuration(.timeSeries, "timeseries", model: "s4d", ["source.name=\(name)"]))
    #expect(parts.problem == .classifiedValues(channels: channels, classes: classes))
    #expect(parts.test.count == tests)
  }

  @Test func forecasts() throws {
    let parts = try train(
      configuration(
        .forecasting, "timeseries/ETTh1.csv",
        ["source.borders=ettHours", "source.horizon=96", "source.inputLength=96"]))
    #expect(parts.problem == .forecast(channels: 7, horizon: 96))
    // Informer's and S4's windows.
    #expect(
      [parts.train, parts.validation, parts.test].map(\.count) == [8449, 2785, 2785])
  }

  @Test func genomes() throws {
    let species = try train(
      configuration(.dnaSpecies, "dna", ["data.maximumLength=1024"]))
    #expect(species.classNames.count > 1)
    let files = try names(in: "\(data)/dna").filter { $0.contains(".f") }
    let file = try #require(files.first)
    try train(configuration(.dna, "dna/\(file)", model: "hyena", ["data.maximumLength=256"]))
  }

  @Test func plays() throws {
    let parts = try train(
      configuration(
        .textFile, "text/tinyshakespeare.txt", model: "hyena", ["data.maximumLength=256"]))
    let windows = [parts.train, parts.validation, parts.test]
    // Each byte but the first of a part is asked for once.
    let asked = windows.reduce(0) { $0 + $1.lengths.reduce(0, +) }
    #expect(asked == 1_115_394 - 3)
  }
}
