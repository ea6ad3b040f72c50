import ArgumentParser
import Foundation
import Longwave

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a classifier on Long Range Arena style files.",
    discussion: """
      Tasks: listops (a folder with basic_train.tsv, basic_val.tsv, basic_test.tsv) and text (a
      folder {train,test}/<class>/*.txt, or tables given by data.trainTable and data.testTable).
      Every setting is a key: see config.json of any run. Ctrl-C finishes the step and saves.

      Examples:
        longwave train listops --data data/listops --model sgconv --out runs/first
        longwave train text --data aclImdb --config recipe.yaml --set training.epochs=4
        longwave train --resume runs/first
      """)

  @OptionGroup var common: CommonOptions

  @OptionGroup var options: RunOptions

  @Option(help: "The folder of the run. (default: runs/<task>-<model>)")
  var out: String?

  @Option(help: "Go on with the run in this folder.")
  var resume: String?

  @Flag(help: "Print only the result.")
  var quiet = false

  func validate() throws {
    if resume != nil {
      guard options.isEmpty, out == nil else {
        throw ValidationError(
          "--resume: expected no task and no settings, got some; a run goes on as it began")
      }
      return
    }
    try options.validateTask()
  }

  func run() throws {
    common.apply()
    Interrupt.install()
    if let resume { try goOn(RunFolder(resume)) } else { try start() }
  }

  private func start() throws {
    let configuration = try options.resolvedConfiguration()
    let name = "\(configuration.task.rawValue)-\(configuration.modelName)"
    let folder = RunFolder(out ?? "runs/\(name)")
    let data = try configuration.loadData()
    let trainer = try Trainer(newRun: folder, configuration: configuration, data: data)
    try train(trainer)
  }

  private func goOn(_ folder: RunFolder) throws {
    for path in [folder.checkpoints, folder.path] { try AtomicFile.removeLeftovers(in: path) }
    let (loaded, problems) = try folder.latestCheckpoint(of: ClassifierRecipe.self)
    for problem in problems { note("skipped a damaged checkpoint: \(problem)") }
    var checkpoint = loaded
    if let data = options.data { checkpoint.configuration.data.folder = data }
    let splits = try checkpoint.configuration.loadData(vocabulary: checkpoint.vocabulary)
    let trainer = try Trainer(resuming: folder, checkpoint, data: splits)
    note("going on with \(folder.path) at step \(checkpoint.state.step) of \(trainer.totalSteps)")
    try train(trainer)
  }

  private func train(_ trainer: ClassifierTrainer) throws {
    let data = trainer.data
    note(
      "\(trainer.configuration.modelName): \(trainer.model.parameterCount) parameters;"
        + " \(data.train.examples.count) training, \(data.validation.examples.count) validation,"
        + " \(data.test.examples.count) test sequences; threads \(Parallel.threadCount),"
        + " \(Parallel.instructionSet)")
    let watcher = TrainingWatcher(
      totalSteps: trainer.totalSteps, startingAt: trainer.state.step, quiet: quiet)
    let clock = ContinuousClock()
    let start = clock.now
    let outcome = try trainer.run(watcher)
    watcher.finish()
    let seconds = (clock.now - start) / .seconds(1)
    if outcome == .interrupted {
      try writeReport(trainer)
      print("stopped at step \(trainer.state.step); go on with:")
      print("  longwave train --resume \(RunEnvironment.quoted(trainer.folder.path))")
      return
    }
    let best = try trainer.folder.bestCheckpoint(of: ClassifierRecipe.self)
    let result = try trainer.test(best.model)
    try writeReport(trainer)
    if outcome == .stoppedEarly { print("stopped early: no better validation accuracy") }
    print("training time   \(DurationFormat.text(seconds: seconds))")
    if let accuracy = trainer.state.bestScore {
      let step = trainer.state.bestStep ?? 0
      print("best validation \(NumberFormat.percent(accuracy)) at step \(step)")
    }
    let loss = NumberFormat.fixed(result.loss, places: 4)
    print("test accuracy   \(NumberFormat.percent(result.accuracy)) (loss \(loss))")
    print("report          \(trainer.folder.report)")
  }

  private func writeReport(_ trainer: ClassifierTrainer) throws {
    let folder = trainer.folder
    let checkpoint = try folder.latestCheckpoint(of: ClassifierRecipe.self).checkpoint
    let path = RunEnvironment.quoted(folder.path)
    let report = try RunReport(
      run: folder, checkpoint: checkpoint, environment: RunEnvironment.entries,
      commands: [
        ("repeat", RunEnvironment.commandLine), ("go on", "longwave train --resume \(path)"),
        ("evaluate", "longwave evaluate \(path)"),
      ])
    try AtomicFile.write(report.html(), to: folder.report)
  }

  private func note(_ message: String) {
    guard !quiet else { return }
    FileHandle.standardError.write(Data("\(message)\n".utf8))
  }
}

/// Shows a run on the terminal and passes on the wish to stop.
final class TrainingWatcher: TrainingObserver {
  private let line: ProgressLine?

  init(totalSteps: Int, startingAt step: Int, unit: String = "tok", quiet: Bool) {
    line = quiet ? nil : ProgressLine(total: totalSteps, startingAt: step, unit: unit)
  }

  func didStep(_ progress: TrainingProgress) {
    line?.update(
      step: progress.step, loss: progress.loss, accuracy: progress.accuracy,
      tokensPerSecond: progress.tokensPerSecond)
  }

  func didEvaluate(_ result: any EvaluationResult, split: String, step: Int, epoch: Int) {
    line?.message("epoch \(epoch + 1), step \(step): \(split) \(result.summary)")
  }

  func note(_ message: String) { line?.message(message) }

  var wantsToStop: Bool { Interrupt.isRequested }

  func finish() { line?.finish() }
}
