import ArgumentParser
import Longwave

struct OperatorBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fno",
    abstract: "Time Fourier neural operators: a training step, and the forward pass.",
    discussion: """
      The nets of the paper's scripts on batches of 20: 1,024 points with 16 modes and 64 channels, \
      grids of 64² and 85² points with 12 modes and 32 channels. A step is the relative L2 loss \
      forward and backward and Adam's update; times are the minimum of repeats after a warm-up.

      Example:
        longwave bench fno --json --threads 2
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var measurement: MeasurementOptions

  @Option(help: "Only this case: fno1d, fno2d_64 or fno2d_85.")
  var only: String?

  func validate() throws {
    guard let only else { return }
    guard OperatorContest.standard.contains(where: { $0.name == only }) else {
      throw ValidationError("--only: expected fno1d, fno2d_64 or fno2d_85, got \(only)")
    }
  }

  func run() throws {
    common.apply()
    if !measurement.json { show("case         batch     step ms  forward ms") }
    for contest in OperatorContest.standard where only == nil || contest.name == only {
      let (step, forward) = contest.run(measurement.stopwatch)
      if measurement.json {
        show(
          JSONLine(case: contest.name, batch: contest.batch)
            .adding([("step_ms", step), ("forward_ms", forward)]).text)
      } else {
        let name = contest.name + String(repeating: " ", count: max(0, 10 - contest.name.count))
        show(
          name + BenchText.pad(contest.batch, 8) + BenchText.pad(BenchText.number(step), 12)
            + BenchText.pad(BenchText.number(forward), 12))
      }
    }
  }
}

/// A Fourier neural operator to time.
struct OperatorContest {
  var name: String
  var grid: [Int]
  var inputs: Int
  var frequencies: Int
  var width: Int
  var batch = 20

  /// The shapes of the comparison with other systems.
  static let standard = [
    OperatorContest(name: "fno1d", grid: [1024], inputs: 2, frequencies: 16, width: 64),
    OperatorContest(name: "fno2d_64", grid: [64, 64], inputs: 3, frequencies: 12, width: 32),
    OperatorContest(name: "fno2d_85", grid: [85, 85], inputs: 3, frequencies: 12, width: 32),
  ]

  /// The times of a step and of a forward pass, in milliseconds.
  func run(_ stopwatch: Stopwatch) -> (step: Double, forward: Double) {
    var random = RandomSource(seed: 0)
    var options = PublishedFourierNeuralOperatorOptions(
      inputs: inputs, frequencies: grid.map { _ in frequencies }, width: width)
    // The coordinates are channels of the input already.
    options.coordinates = nil
    var model = PublishedFourierNeuralOperator(options: options, using: &random)
    let input = Tensor(normal: Shape([batch] + grid + [inputs]), using: &random)
    let target = Tensor(normal: Shape([batch] + grid + [1]), using: &random)
    var optimizer = AdamW(learningRate: 1e-3, weightDecay: 0)
    let loss = LpLoss(scope: .sample, epsilon: 0)
    let step = stopwatch.shortest([
      {
        let tape = Tape()
        let error = loss(model(Variable(input, on: tape)), Variable(target))
        optimizer.update(&model, with: tape.gradients(of: error))
      }
    ])
    let forward = stopwatch.shortest([{ _ = model(Variable(input)) }])
    return (step[0], forward[0])
  }
}
