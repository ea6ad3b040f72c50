import ArgumentParser
import Foundation
import Longwave

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluate a trained model on test data.",
    discussion: """
      Takes the best checkpoint of a run's folder, or one checkpoint file.

      Example:
        longwave evaluate runs/first --data data/listops
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The folder of a run, or a checkpoint.", valueName: "run"))
  var source: String

  @Option(help: "The folder of the data. (default: that of the run)")
  var data: String?

  @Option(
    name: .customLong("batch-size"), help: "Sequences in a batch. (default: that of the run)")
  var batchSize: Int?

  @OptionGroup var cache: CacheOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if let batchSize, batchSize <= 0 {
      throw ValidationError("--batch-size: expected at least 1, got \(batchSize)")
    }
  }

  func run() throws {
    common.apply()
    if try CheckpointKind.isSequenceModel(source) {
      try evaluateSequenceModel()
    } else {
      try evaluateClassifier()
    }
  }

  private func evaluateSequenceModel() throws {
    var checkpoint = try SequenceCheckpoint(runOrFile: source)
    if let data { checkpoint.configuration.data.folder = data }
    if let batchSize { checkpoint.configuration.training.batchSize = batchSize }
    let parts = try cache.loadParts(checkpoint.configuration, vocabulary: checkpoint.vocabulary)
    try checkpoint.recipe.check(parts)
    let result = try SequenceWorkload(checkpoint.recipe, parts).test(checkpoint.model)
    if json {
      print(
        "{\(result.record(isFinal: true)),\"sequences\":\(result.examples)"
          + ",\"step\":\(checkpoint.state.step)}")
      return
    }
    for line in result.lines { print(line) }
    print("sequences       \(result.examples)")
  }

  private func evaluateClassifier() throws {
    var checkpoint = try ClassifierCheckpoint(runOrFile: source)
    if let data { checkpoint.configuration.data.folder = data }
    let test = try checkpoint.configuration.loadTest(
      vocabulary: checkpoint.vocabulary, classNames: checkpoint.classNames)
    let result = try checkpoint.model.evaluate(
      test, batchSize: batchSize ?? checkpoint.configuration.training.batchSize)
    if json {
      let rows = result.confusion.map { "[\($0.map(String.init).joined(separator: ","))]" }
      print(
        "{\"accuracy\":\(result.accuracy),\"loss\":\(result.loss)"
          + ",\"sequences\":\(test.examples.count),\"step\":\(checkpoint.state.step)"
          + ",\"confusion\":[\(rows.joined(separator: ","))]}")
      return
    }
    print("test accuracy \(NumberFormat.percent(result.accuracy, places: 2))")
    print("test loss     \(NumberFormat.fixed(result.loss, places: 4))")
    print("sequences     \(test.examples.count)")
  }
}

extension Checkpoint {
  /// The best checkpoint of a run's folder, or the checkpoint in a file.
  init(runOrFile path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw RunError(
        place: path, expected: "the folder of a run or a checkpoint", got: "no such file")
    }
    if isFolder.boolValue {
      self = try RunFolder(path).bestCheckpoint(of: Recipe.self)
    } else {
      try self.init(readingFrom: path)
    }
  }
}
