import Foundation
import Longwave

/// A workload that `longwave train` runs.
protocol TaskWorkload: Workload where Recipe: RunRecipe, Result: TestResult {
  /// How many sequences there are for training, validation and testing.
  var sequenceCounts: (train: Int, validation: Int, test: Int) { get }
}

/// A result that can be told at the end of a run.
protocol TestResult: EvaluationResult {
  /// Lines for the terminal, each a name of 15 characters and a value.
  var lines: [String] { get }
  /// The score of the best validation, for people.
  static func text(ofScore score: Double) -> String
}

extension ClassifierWorkload: TaskWorkload {
  var sequenceCounts: (train: Int, validation: Int, test: Int) {
    (data.train.examples.count, data.validation.examples.count, data.test.examples.count)
  }
}

extension SequenceWorkload: TaskWorkload {
  var sequenceCounts: (train: Int, validation: Int, test: Int) {
    (data.train.count, data.validation.count, data.test.count)
  }
}

extension Evaluation: TestResult {
  var lines: [String] {
    [
      "test accuracy   \(NumberFormat.percent(accuracy))"
        + " (loss \(NumberFormat.fixed(loss, places: 4)))"
    ]
  }

  static func text(ofScore score: Double) -> String { NumberFormat.percent(score) }
}

extension SequenceEvaluation: TestResult {
  var lines: [String] {
    let width = measures.reduce(10) { max($0, $1.name.count) }
    return measures.map { measure in
      "test " + measure.name.padding(toLength: width, withPad: " ", startingAt: 0)
        + " \(measure.value)"
    }
  }

  /// Losses count negative.
  static func text(ofScore score: Double) -> String {
    score < 0 ? "loss \(NumberFormat.fixed(-score, places: 4))" : NumberFormat.percent(score)
  }
}

/// Trains a run of any task, shows it, and writes its report.
struct TaskRun<Work: TaskWorkload> {
  let trainer: Trainer<Work>
  let limit: TimeLimitOptions
  let isQuiet: Bool

  func train() throws {
    let counts = trainer.work.sequenceCounts
    TaskNote.write(
      "\(trainer.work.recipe.configuration.modelName): \(trainer.model.parameterCount) parameters;"
        + " \(counts.train) training, \(counts.validation) validation,"
        + " \(counts.test) test sequences; threads \(Parallel.threadCount),"
        + " \(Parallel.instructionSet)", isQuiet: isQuiet)
    let watcher = TrainingWatcher(
      totalSteps: trainer.totalSteps, startingAt: trainer.state.step, quiet: isQuiet)
    let outcome = try trainer.run(watcher, for: limit.duration)
    watcher.finish()
    if outcome.canGoOn {
      try writeReport()
      limit.tellHowToGoOn(outcome, trainer, command: "longwave train")
      return
    }
    let best = try trainer.folder.bestCheckpoint(of: Work.Recipe.self)
    let result = try trainer.test(best.model)
    try writeReport()
    if outcome == .stoppedEarly { print("stopped early: no better validation result") }
    print("training time   \(DurationFormat.text(seconds: trainer.elapsedSeconds))")
    if let score = trainer.state.bestScore {
      let step = trainer.state.bestStep ?? 0
      print("best validation \(Work.Result.text(ofScore: score)) at step \(step)")
    }
    for line in result.lines { print(line) }
    print("report          \(trainer.folder.report)")
  }

  private func writeReport() throws {
    let folder = trainer.folder
    let checkpoint = try folder.latestCheckpoint(of: Work.Recipe.self).checkpoint
    let path = RunEnvironment.quoted(folder.path)
    let report = try RunReport(
      run: folder, checkpoint: checkpoint, environment: RunEnvironment.entries,
      commands: [
        ("repeat", RunEnvironment.commandLine), ("go on", "longwave train --resume \(path)"),
        ("evaluate", "longwave evaluate \(path)"),
      ])
    try AtomicFile.write(report.html(), to: folder.report)
  }
}

/// Lines beside the result.
enum TaskNote {
  static func write(_ message: String, isQuiet: Bool) {
    guard !isQuiet else { return }
    FileHandle.standardError.write(Data("\(message)\n".utf8))
  }
}

/// Which kind of model a checkpoint holds.
enum CheckpointKind {
  /// Whether the best or newest checkpoint of a run's folder, or a file, is one of `SequenceRecipe`.
  ///
  /// - Throws: `TensorFileError` if a file cannot be read at all.
  static func isSequenceModel(_ path: String) throws -> Bool {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return false }
    guard isFolder.boolValue else {
      return try SafetensorsFile(readingFrom: path).metadata["format"] == SequenceRecipe.format
    }
    // Damaged ones are told about where they are read.
    let folder = RunFolder(path)
    for file in [folder.best] + folder.stepCheckpoints().reversed() {
      if let file = try? SafetensorsFile(readingFrom: file) {
        return file.metadata["format"] == SequenceRecipe.format
      }
    }
    return false
  }
}
