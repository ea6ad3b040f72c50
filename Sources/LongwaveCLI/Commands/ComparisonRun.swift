import Foundation
import Longwave

/// The models of a comparison, one after the other.
final class ComparisonRun {
  private let folder: String
  private let isQuiet: Bool
  /// Whether steps and evaluations are laid out by the measured speed.
  private let plansSteps: Bool
  private var comparison: Comparison

  init(folder: String, isQuiet: Bool, plansSteps: Bool, comparison: Comparison) {
    self.folder = folder
    self.isQuiet = isQuiet
    self.plansSteps = plansSteps
    self.comparison = comparison
  }

  /// Trains what is not done yet, and writes the report after each model.
  func run<Work: TaskWorkload & MeasurableWorkload>(
    _ configurations: [RunConfiguration], _ work: (RunConfiguration) throws -> Work
  ) throws {
    try write()
    for configuration in configurations where !Interrupt.isRequested {
      guard
        let index = comparison.models.firstIndex(where: { $0.model == configuration.modelName }),
        !comparison.models[index].isOver
      else { continue }
      do {
        try train(configuration, RunFolder("\(folder)/\(configuration.modelName)"), work)
        try comparison.models[index].update(
          from: RunFolder("\(folder)/\(configuration.modelName)"))
      } catch let error as RunError where error.expected == RunError.finiteLoss {
        // One model that fails does not end the comparison of the others.
        comparison.models[index].failure = error.got
      }
      try write()
    }
    tellResult()
  }

  private func train<Work: TaskWorkload & MeasurableWorkload>(
    _ configuration: RunConfiguration, _ run: RunFolder, _ make: (RunConfiguration) throws -> Work
  ) throws {
    let trainer: Trainer<Work>
    if FileManager.default.fileExists(atPath: run.checkpoints), !run.stepCheckpoints().isEmpty {
      try run.requireNoProcess()
      try AtomicFile.removeLeftovers(in: run.checkpoints)
      let checkpoint = try run.latestCheckpoint(of: Work.Recipe.self).checkpoint
      trainer = try Trainer(resuming: run, checkpoint, make(checkpoint.recipe.configuration))
      note("\(configuration.modelName): going on at step \(trainer.state.step)")
    } else {
      let planned = plansSteps ? try plan(configuration, make) : configuration
      trainer = try Trainer(newRun: run, make(planned))
      note(
        "\(configuration.modelName): \(trainer.model.parameterCount) parameters,"
          + " \(trainer.totalSteps) steps")
    }
    let watcher = TrainingWatcher(
      totalSteps: trainer.totalSteps, startingAt: trainer.state.step, quiet: isQuiet)
    defer { watcher.finish() }
    let left = max(0.001, comparison.budgetSeconds - trainer.elapsedSeconds)
    let outcome = try trainer.run(watcher, for: .seconds(left))
    if outcome == .interrupted { return }
    if outcome == .outOfTime { try trainer.end(watcher) }
    _ = try trainer.test(run.bestCheckpoint(of: Work.Recipe.self).model)
  }

  /// The part of the budget that steps and evaluations are laid out for; the rest is for what the
  /// measurement does not see.
  private static let share = 0.92

  /// Lays out steps, warm-up and evaluations by the measured speed.
  private func plan<Work: MeasurableWorkload>(
    _ configuration: RunConfiguration, _ make: (RunConfiguration) throws -> Work
  ) throws -> RunConfiguration {
    let budget = comparison.budgetSeconds * Self.share
    let estimate = try TrainingEstimate(
      of: make(configuration), warmup: 2, steps: 8,
      atLeast: .seconds(min(2, comparison.budgetSeconds / 20)),
      limit: .seconds(max(1, comparison.budgetSeconds / 10)))
    var planned = configuration
    // Twenty points of a curve in a sixth of the time; four, if they take no more than a third.
    let cost = max(1e-9, estimate.secondsPerEvaluation)
    let evaluations = max(min(20, Int(budget / 6 / cost)), max(1, min(4, Int(budget / 3 / cost))))
    let rest = budget - Double(evaluations) * estimate.secondsPerEvaluation
    let steps = max(1, Int(min(1e9, rest / max(1e-9, estimate.secondsPerStep))))
    planned.training.maximumSteps = steps
    planned.training.epochs = (steps + estimate.stepsPerEpoch - 1) / estimate.stepsPerEpoch
    planned.training.evaluateEverySteps = (steps + evaluations - 1) / evaluations
    planned.training.warmupSteps = min(configuration.training.warmupSteps, steps / 10)
    planned.training.logEverySteps = max(1, min(configuration.training.logEverySteps, steps / 50))
    return planned
  }

  private func write() throws {
    try comparison.write(
      toFolder: folder,
      commands: [
        ("repeat or go on", RunEnvironment.commandLine),
        ("look at the runs", "longwave status \(RunEnvironment.quoted(folder))"),
      ])
  }

  private func tellResult() {
    for entry in comparison.ranking {
      let name = entry.model.padding(toLength: 12, withPad: " ", startingAt: 0)
      if let failure = entry.failure {
        print("\(name)could not be trained: \(failure)")
      } else if let best = entry.best {
        print(
          "\(name)\(entry.measure) \(text(best.value, entry)) at best"
            + (entry.test.map { ", test \(text($0, entry))" } ?? "")
            + ", \(NumberFormat.grouped(entry.parameters ?? 0)) parameters,"
            + " \(NumberFormat.grouped(entry.steps)) steps in"
            + " \(DurationFormat.text(seconds: entry.seconds))"
            + (entry.isOver ? "" : " (not done)"))
      } else {
        print("\(name)has no result yet")
      }
    }
    if comparison.models.contains(where: { !$0.isOver }) {
      print("stopped; go on by the same command:")
      print("  \(RunEnvironment.commandLine)")
    }
    print("report      \(folder)/report.html")
  }

  private func text(_ value: Double, _ entry: Comparison.Entry) -> String {
    entry.measure == "accuracy"
      ? NumberFormat.percent(value, places: 2) : NumberFormat.significant(value)
  }

  private func note(_ message: String) { TaskNote.write(message, isQuiet: isQuiet) }
}
