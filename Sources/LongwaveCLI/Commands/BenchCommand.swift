public import ArgumentParser
public import Longwave

/// `longwave bench`: timings to compare with other systems.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure the speed of the building blocks.",
    discussion: """
      Example:
        longwave bench conv --json --threads 2
      """,
    subcommands: [ConvolutionBenchCommand.self])
}

struct ConvolutionBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conv",
    abstract: "Time depthwise causal long convolutions with skip term.",
    discussion: """
      Times are the minimum of repeats after a warm-up, in milliseconds: forward, forward with the
      filter's spectrum given, and forward with gradients of input, filter and skip term.

      Example:
        longwave bench conv --json --threads 2
      """)

  @OptionGroup var common: CommonOptions

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @Option(help: "Seconds to repeat each measurement for.")
  var seconds = 1.0

  @Option(name: .customLong("shape"), help: "A shape BATCHxCHANNELSxLENGTH; repeatable.")
  var shapes: [BenchShape] = BenchShape.standard

  @Option(help: "How FFTW plans: estimate, measure or patient.")
  var effort: PlanningEffort = .estimate

  func run() throws {
    common.apply()
    if !json { print("   batch  channels    length  forward  fixed filter  with gradients  (ms)") }
    for shape in shapes {
      let result = measure(shape)
      if json {
        print(
          """
          {"case": "conv", "batch": \(shape.batch), "channels": \(shape.channels), \
          "length": \(shape.length), "forward_ms": \(rounded(result.forward)), \
          "forward_fixed_filter_ms": \(rounded(result.fixedFilter)), \
          "forward_backward_ms": \(rounded(result.withGradients))}
          """)
      } else {
        let columns = [result.forward, result.fixedFilter, result.withGradients].map(rounded)
        print(
          pad(shape.batch, 8), pad(shape.channels, 9), pad(shape.length, 9), pad(columns[0], 8),
          pad(columns[1], 13), pad(columns[2], 15))
      }
    }
  }

  private func measure(
    _ shape: BenchShape
  ) -> (forward: Double, fixedFilter: Double, withGradients: Double) {
    var random = RandomSource(seed: 0)
    let input = Tensor(
      normal: [shape.batch, shape.length, shape.channels], using: &random)
    let filter =
      Tensor(normal: [shape.length, shape.channels], using: &random) * (1 / Float(shape.length))
    let skip = Tensor(normal: [shape.channels], using: &random)
    let gradient = Tensor(
      normal: [shape.batch, shape.length, shape.channels], using: &random)
    let plan = ConvolutionPlanner.plan(
      ConvolutionProblem(length: shape.length, taps: shape.length, boundary: .causal),
      effort: effort)
    let operands = ConvolutionOperands(input: input, skip: skip)
    let fixed = plan.spectrum(of: filter)
    return (
      best { _ = plan(operands, plan.spectrum(of: filter)) },
      best { _ = plan(operands, fixed) },
      best {
        let spectrum = plan.spectrum(of: filter)
        _ = plan(operands, spectrum)
        _ = plan.gradients(of: gradient, operands, spectrum)
      }
    )
  }

  /// The shortest time of `body` in milliseconds, after two calls to warm up.
  private func best(_ body: () -> Void) -> Double {
    body()
    body()
    let clock = ContinuousClock()
    var shortest = Duration.seconds(1_000_000)
    var spent = Duration.zero
    var repeats = 0
    while repeats < 3 || (spent < .seconds(seconds) && repeats < 200) {
      let time = clock.measure(body)
      shortest = min(shortest, time)
      spent += time
      repeats += 1
    }
    return shortest / .milliseconds(1)
  }

  private func rounded(_ milliseconds: Double) -> Double {
    (milliseconds * 10_000).rounded() / 10_000
  }

  private func pad(_ value: some CustomStringConvertible, _ width: Int) -> String {
    let text = value.description
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

/// A shape to time.
struct BenchShape: ExpressibleByArgument {
  var batch: Int
  var channels: Int
  var length: Int

  /// The shapes of the field's usual comparison, from 256 to 4 million positions.
  static let standard = [
    BenchShape(8, 256, 256), BenchShape(8, 256, 1024), BenchShape(4, 256, 4096),
    BenchShape(2, 256, 16384), BenchShape(1, 128, 65536), BenchShape(1, 16, 1_048_576),
    BenchShape(1, 4, 4_194_304),
  ]

  init(_ batch: Int, _ channels: Int, _ length: Int) {
    self.batch = batch
    self.channels = channels
    self.length = length
  }

  init?(argument: String) {
    let parts = argument.split(separator: "x").map { Int($0) ?? 0 }
    guard parts.count == 3, parts.allSatisfy({ $0 > 0 }) else { return nil }
    self.init(parts[0], parts[1], parts[2])
  }

  var defaultValueDescription: String { "\(batch)x\(channels)x\(length)" }
}

extension PlanningEffort: ExpressibleByArgument {}
