import ArgumentParser
import Foundation
import Longwave

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model of sequences.",
    discussion: """
      Every setting is a key: see config.json of any run. Ctrl-C finishes the step and saves, and so \
      does --max-minutes when the time is up; --resume goes on as if nothing had happened. The course \
      of the learning rate is that of all epochs, however short the parts are. See also longwave \
      status and longwave estimate.

      Tasks:
      \(TaskHelp.tasks)

      Nothing is ever downloaded: --data is a folder or file that you have. Keys under source are the \
      task's own; source.splits.trainIndices and others name files with the examples of each part.

      Examples:
        longwave train listops --data data/listops --model sgconv --out runs/first
        longwave train text --data aclImdb --config recipe.yaml --set training.epochs=4
      \(TaskHelp.examples)
        longwave train --resume runs/first
        longwave train --resume runs/first --max-minutes 60
      """)

  @OptionGroup var common: CommonOptions

  @OptionGroup var options: RunOptions

  @Option(help: "The folder of the run. (default: runs/<task>-<model>)")
  var out: String?

  @Option(help: "Go on with the run in this folder.")
  var resume: String?

  @OptionGroup var limit: TimeLimitOptions

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
    if configuration.source == nil {
      try train(
        ClassifierWorkload(configuration, options.settings.cache.loadData(configuration)), folder)
    } else {
      try train(
        SequenceWorkload(configuration, options.settings.cache.loadParts(configuration)), folder)
    }
  }

  private func train(_ work: some TaskWorkload, _ folder: RunFolder) throws {
    try TaskRun(trainer: Trainer(newRun: folder, work), limit: limit, isQuiet: quiet).train()
  }

  private func goOn(_ folder: RunFolder) throws {
    try folder.requireNoProcess()
    for path in [folder.checkpoints, folder.path] { try AtomicFile.removeLeftovers(in: path) }
    if try CheckpointKind.isSequenceModel(folder.path) {
      try resumeRun(folder) { (recipe: SequenceRecipe) -> SequenceWorkload in
        let parts = try options.settings.cache.loadParts(
          recipe.configuration, vocabulary: recipe.vocabulary)
        try recipe.check(parts)
        return SequenceWorkload(recipe, parts)
      }
    } else {
      try resumeRun(folder) { (recipe: ClassifierRecipe) -> ClassifierWorkload in
        let splits = try options.settings.cache.loadData(
          recipe.configuration, vocabulary: recipe.vocabulary)
        return ClassifierWorkload(recipe, splits)
      }
    }
  }

  private func resumeRun<Work: TaskWorkload>(
    _ folder: RunFolder, _ work: (Work.Recipe) throws -> Work
  ) throws {
    let (loaded, problems) = try folder.latestCheckpoint(of: Work.Recipe.self)
    for problem in problems {
      TaskNote.write("skipped a damaged checkpoint: \(problem)", isQuiet: quiet)
    }
    var checkpoint = loaded
    if let data = options.settings.data { checkpoint.recipe.configuration.data.folder = data }
    let trainer = try Trainer(resuming: folder, checkpoint, work(checkpoint.recipe))
    TaskNote.write(
      "going on with \(folder.path) at step \(checkpoint.state.step) of \(trainer.totalSteps)",
      isQuiet: quiet)
    try TaskRun(trainer: trainer, limit: limit, isQuiet: quiet).train()
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

/// The tasks in the help.
enum TaskHelp {
  /// A line for each task.
  static var tasks: String {
    let lines =
      [
        ("listops", "nested operations (basic_{train,val,test}.tsv)"),
        (
          "text",
          "texts to classes ({train,test}/<class>/*.txt, or tables)"
        ),
      ] + TaskConfiguration.kinds.map { ($0.task.rawValue, $0.summary) }
    return lines.map { name, summary in
      "  \(name.padding(toLength: 20, withPad: " ", startingAt: 0))\(summary)"
    }.joined(separator: "\n")
  }

  /// A command for each task.
  static var examples: String {
    TaskConfiguration.kinds.map { "  longwave train \($0.example)" }.joined(separator: "\n")
  }
}
