import ArgumentParser
import Foundation
import Longwave

/// `longwave estimate`: what a run needs before it starts.
struct EstimateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimate",
    abstract: "Measure how long a run would take on this machine, and its memory.",
    discussion: """
      Takes what longwave train takes, loads the data, takes some steps with a model of random weights \
      and evaluates one batch. Nothing is written. The task may stand in the file of settings.

      Examples:
        longwave estimate listops --data data/listops --model s4d
        longwave estimate recipe.yaml --data data/listops --set training.batchSize=16
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: RunOptions
  @OptionGroup var measurement: EstimateOptions

  func validate() throws { try options.validateTask() }

  func run() throws {
    common.apply()
    let configuration = try options.resolvedConfiguration()
    if configuration.source == nil {
      try measurement.measure(
        ClassifierWorkload(configuration, options.settings.cache.loadData(configuration)),
        amount: "tokens")
    } else {
      try measurement.measure(
        SequenceWorkload(configuration, options.settings.cache.loadParts(configuration)),
        amount: "tokens")
    }
  }
}

/// How an estimate is measured and shown.
struct EstimateOptions: ParsableArguments {
  @Option(help: "Steps that are measured.")
  var steps = 10

  @Option(help: "Steps before them that are not.")
  var warmup = 2

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard steps > 0, warmup >= 0 else {
      throw ValidationError(
        "--steps: expected at least 1 and --warmup at least 0, got \(steps) and \(warmup)")
    }
  }

  func measure(_ work: some MeasurableWorkload, amount: String) throws {
    let estimate = try TrainingEstimate(of: work, warmup: warmup, steps: steps)
    if json {
      print(try Self.jsonLine(estimate))
    } else {
      for (name, value) in Self.lines(estimate, work.recipe.training.epochs, amount) {
        print(name.padding(toLength: 14, withPad: " ", startingAt: 0) + value)
      }
    }
  }

  private static func lines(
    _ estimate: TrainingEstimate, _ epochs: Int, _ amount: String
  ) -> [(String, String)] {
    func milliseconds(_ seconds: Double) -> String {
      NumberFormat.significant(seconds * 1e3, digits: 3)
    }
    func text(_ seconds: Double) -> String { DurationFormat.text(seconds: seconds) }
    let steps = NumberFormat.grouped(estimate.totalSteps)
    return [
      ("parameters", NumberFormat.grouped(estimate.parameters)),
      (
        "a step",
        "\(milliseconds(estimate.secondsPerStep)) ms (\(milliseconds(estimate.shortestStep)) to"
          + " \(milliseconds(estimate.longestStep)), \(estimate.measuredSteps) measured),"
          + " \(NumberFormat.compact(estimate.amountPerSecond)) \(amount)/s"
      ),
      (
        "an epoch",
        "\(text(estimate.secondsPerEpoch)) for \(NumberFormat.grouped(estimate.stepsPerEpoch)) steps"
      ),
      (
        "an evaluation",
        "\(text(estimate.secondsPerEvaluation))"
          + " (\(milliseconds(estimate.secondsPerEvaluationBatch)) ms a batch)"
      ),
      (
        "the run",
        "\(text(estimate.secondsInAll)): \(steps) steps in at most \(epochs) epochs"
          + " (\(text(estimate.secondsOfSteps))), \(estimate.evaluations) evaluations, a test"
      ),
      (
        "memory",
        "\(NumberFormat.grouped(estimate.peakMemory >> 20)) MiB at most, data included"
      ),
      ("threads", "\(Parallel.threadCount), \(Parallel.instructionSet)"),
    ]
  }

  private static func jsonLine(_ estimate: TrainingEstimate) throws -> String {
    struct Line: Encodable {
      var parameters, stepsPerEpoch, steps, measuredSteps, evaluations, peakMemoryBytes,
        threads: Int
      var secondsPerStep, shortestStep, longestStep, amountPerSecond, secondsPerEpoch: Double
      var secondsPerEvaluationBatch, secondsPerEvaluation, secondsOfTest, secondsInAll: Double
    }
    let line = Line(
      parameters: estimate.parameters, stepsPerEpoch: estimate.stepsPerEpoch,
      steps: estimate.totalSteps, measuredSteps: estimate.measuredSteps,
      evaluations: estimate.evaluations, peakMemoryBytes: estimate.peakMemory,
      threads: Parallel.threadCount, secondsPerStep: estimate.secondsPerStep,
      shortestStep: estimate.shortestStep, longestStep: estimate.longestStep,
      amountPerSecond: estimate.amountPerSecond, secondsPerEpoch: estimate.secondsPerEpoch,
      secondsPerEvaluationBatch: estimate.secondsPerEvaluationBatch,
      secondsPerEvaluation: estimate.secondsPerEvaluation, secondsOfTest: estimate.secondsOfTest,
      secondsInAll: estimate.secondsInAll)
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(line), as: UTF8.self)
  }
}
