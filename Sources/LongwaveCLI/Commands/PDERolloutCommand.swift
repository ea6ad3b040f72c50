import ArgumentParser
import Foundation
import Longwave

struct PDERolloutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollout",
    abstract:
      "Let trained operators go on from their own frames, and measure their error over time.",
    discussion: """
      Begins with samples that were not trained on, drawn from the equation and solved for the \
      truth, or with the first frames of a file. Several runs of one equation are compared side by \
      side on the same samples.

      Example:
        longwave pde rollout runs/ks runs/ks-stabilised --steps 200 --plot rollout.png
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("Folders of runs, or checkpoints.", valueName: "run"))
  var sources: [String]

  @Option(help: "The number of steps. (default: as in training, or all of --data)")
  var steps: Int?

  @Option(help: "The number of samples.")
  var samples = 8

  @Option(help: "A file of trajectories to begin with and to compare with.")
  var data: String?

  @Option(help: "The relative error above which a step counts as diverged.")
  var threshold = 1.0

  @Option(
    name: .customLong("keep-frequencies"),
    help: "The fraction of each frame's frequencies that stays. (default: as in training)")
  var keptFrequencies: Double?

  @Option(
    help: "The .npy file for the frames of the first run, [samples, steps, x, ..., channels].")
  var output: String?

  @Option(help: "A picture to write, .png or .svg: errors over time, and frames.")
  var plot: String?

  @Flag(help: "Print one JSON object for each run.")
  var json = false

  func validate() throws {
    try OptionCheck.picture(plot, "--plot")
    guard !sources.isEmpty else { throw ValidationError("run: expected at least one, got none") }
    try OptionCheck.positive(samples, "--samples")
    try OptionCheck.positive(steps, "--steps")
    guard threshold > 0 else {
      throw ValidationError("--threshold: expected above 0, got \(threshold)")
    }
    if let fraction = keptFrequencies, !(0.01...1).contains(fraction) {
      throw ValidationError("--keep-frequencies: expected in 0.01...1, got \(fraction)")
    }
  }

  func run() throws {
    common.apply()
    var runs = try sources.map { try OperatorCheckpoint(runOrFile: $0) }
    for index in runs.indices {
      try requireComparable(runs[index].recipe, runs[0].recipe, at: sources[index])
      if let keptFrequencies { runs[index].model.keptFrequencies = keptFrequencies }
    }
    let recipe = runs[0].recipe
    let (history, truth, steps) = try begin(recipe)
    let channels = recipe.fields.outputs
    let targets = Tensor.stacked(truth.frames(of: channels))
    let clock = ContinuousClock()
    var reports: [(name: String, report: RolloutReport)] = []
    var first: Tensor?
    for (source, run) in zip(sources, runs) {
      let start = clock.now
      let found = run.recipe.predictions(of: run.model, for: history, steps: steps)
      let milliseconds = (clock.now - start) / .milliseconds(1) / Double(steps * history.shape[0])
      let report = RolloutReport(
        predictions: found.frames(of: channels), targets: targets, threshold: threshold)
      try show(report, name: source, milliseconds: milliseconds)
      reports.append((Self.name(of: source), report))
      if first == nil { first = found }
    }
    guard let first else { return }
    if let output {
      let frames = Tensor.stacked(first.frames(of: channels))
      try NpyFile.write(
        RawTensor(floats: frames.elements.span, shape: frames.shape.sizes), to: output)
      if !json { print("output          \(output), \(frames.shape)") }
    }
    if let plot {
      let interval = recipe.frameInterval ?? 1
      try RolloutFigure(
        title: "\(recipe.origin?.equation ?? recipe.dataName), \(steps) steps", reports: reports,
        times: (1...steps).map { Double($0) * interval }, truth: truth, prediction: first,
        sample: 0, channels: channels,
        axes: recipe.origin?.figureAxes
          ?? ["x", "y", "z"].prefix(recipe.fields.grid.count).map {
            FieldFigure.Axis($0)
          }
      ).write(to: plot)
      if !json { print("plot            \(plot)") }
    }
  }

  private func requireComparable(
    _ recipe: OperatorRecipe, _ first: OperatorRecipe, at place: String
  ) throws {
    guard recipe.isAutoregressive else {
      throw DataError(
        at: place,
        expected: "an operator that makes frames from frames (data.fields.task=windows)",
        got: "one that gives the solution at once")
    }
    guard recipe.fields == first.fields, recipe.frameInterval == first.frameInterval,
      recipe.origin?.equation == first.origin?.equation
    else {
      throw DataError(
        at: place, expected: "the equation, frames and grid of \(sources[0])",
        got: "\(recipe.origin?.equation ?? recipe.dataName), \(recipe.fields)")
    }
  }

  /// The first frames, the truth that follows with its frames in the channels, and the steps.
  private func begin(_ recipe: OperatorRecipe) throws -> (Tensor, Tensor, Int) {
    if let data {
      let pairs = try recipe.configuration.data.openTest(data).load()
      try recipe.check(pairs)
      let steps = steps ?? pairs.targetSteps
      guard steps <= pairs.targetSteps else {
        throw DataError(
          at: data, expected: "at least \(steps) frames to compare with",
          got: "\(pairs.targetSteps)")
      }
      let rows = 0..<min(samples, pairs.count)
      return (
        pairs.inputs.sliced(axis: 0, rows),
        pairs.targets.sliced(axis: 0, rows)
          .sliced(axis: -1, 0..<steps * pairs.frameChannels), steps
      )
    }
    let steps = steps ?? recipe.trainedSteps
    let drawn = try ReferenceSolution.drawing(recipe, 0..<samples, steps: steps)
    return (
      .concatenated(drawn.map(\.input), axis: 0),
      .concatenated(drawn.map(\.solution.values), axis: 0), steps
    )
  }

  private static func name(of source: String) -> String {
    source.split(separator: "/").last.map(String.init) ?? source
  }

  private func show(_ report: RolloutReport, name: String, milliseconds: Double) throws {
    let step = report.divergenceStep.map { $0 + 1 }
    let correlated = report.correlatedSteps()
    if json {
      print(
        try JSONLine().adding("run", name).adding("diverges_at", count: step)
          .adding("correlated_steps", count: correlated)
          .adding("ms_per_step", number: milliseconds)
          .adding("relative_l2", numbers: report.errors)
          .adding("correlation", numbers: report.correlations).text)
      return
    }
    print("\(name)")
    print("  step   relative L2   correlation")
    for index in Self.shownSteps(report.errors.count) {
      print(
        BenchText.pad(index, 6)
          + BenchText.pad(NumberFormat.significant(report.errors[index - 1], digits: 4), 14)
          + BenchText.pad(NumberFormat.significant(report.correlations[index - 1], digits: 4), 14))
    }
    let bound = NumberFormat.trimmed(NumberFormat.significant(threshold))
    print(
      step.map { "  diverges at step \($0): the relative error is above \(bound)" }
        ?? "  does not diverge: the relative error stays below \(bound)")
    print(
      "  correlation of at least 0.8 for \(correlated) steps; "
        + "\(NumberFormat.significant(milliseconds, digits: 3)) ms a step and sample")
  }

  /// 1, 2, 5, 10, … and the last.
  private static func shownSteps(_ count: Int) -> [Int] {
    var steps: [Int] = []
    var scale = 1
    while scale <= count {
      steps += [1, 2, 5].map { $0 * scale }.filter { $0 < count }
      scale *= 10
    }
    return steps + [count]
  }
}
