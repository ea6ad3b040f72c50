import ArgumentParser
import Foundation
import Longwave

/// `longwave profile`: where a training step's time goes.
struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Show where the time of a training step goes.",
    discussion: """
      Trains for some steps as `longwave train` would, without writing anything, and prints the \
      time of each operation, forward and backward, with the rate of its arithmetic and of the \
      operands and results that it reads and writes. Convolutions count the nominal operations of \
      transforms, 10·log₂(2L) a point.

      Example:
        longwave profile listops --data data/listops --model sgconv --steps 20
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: RunOptions

  @Option(help: "Steps that are measured.")
  var steps = 20

  @Option(help: "Steps before them that are not.")
  var warmup = 3

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func validate() throws {
    try options.validateTask()
    guard steps > 0, warmup >= 0 else {
      throw ValidationError(
        "--steps: expected at least 1 and --warmup at least 0, got \(steps) and \(warmup)")
    }
  }

  func run() throws {
    common.apply()
    let configuration = try options.resolvedConfiguration()
    let profile =
      configuration.source == nil
      ? try TrainingProfile(
        configuration: configuration, data: options.settings.cache.loadData(configuration),
        steps: steps,
        warmup: warmup)
      : try TrainingProfile(
        SequenceWorkload(configuration, options.settings.cache.loadParts(configuration)),
        steps: steps, warmup: warmup)
    let rows = profile.rows
    if json {
      for row in rows { print(Self.jsonLine(row)) }
      return
    }
    let name = { (text: String) in text.padding(toLength: 26, withPad: " ", startingAt: 0) }
    print(
      name("operation") + "   calls  forward  backward    share  GFLOP/s (f)  (b)     GB/s (f)")
    for row in rows {
      let cells = [
        (row.calls, 1, 8), (row.forward * 1e3, 3, 9), (row.backward * 1e3, 3, 10),
        (row.share * 100, 1, 8), (row.forwardRate ?? .nan, 1, 12), (row.backwardRate ?? .nan, 1, 7),
        (row.traffic ?? .nan, 1, 12),
      ]
      print(
        name(Self.short(row.name))
          + cells.map { value, places, width in
            BenchText.pad(value.isNaN ? "-" : NumberFormat.fixed(value, places: places), width)
          }.joined())
    }
    print(
      "a step: \(NumberFormat.fixed(profile.secondsPerStep * 1e3, places: 2)) ms,"
        + " \(Int(profile.tokensPerSecond)) tokens/s; calls and milliseconds a step,"
        + " \(steps) steps, threads \(Parallel.threadCount), \(Parallel.instructionSet)")
  }

  /// A function's name without its arguments; operators stay as they are.
  private static func short(_ name: String) -> String {
    String(name.prefix { $0 != "(" })
  }

  private static func jsonLine(_ row: TrainingProfile.Row) -> String {
    func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "null" }
    return
      "{\"operation\":\"\(row.name)\",\"calls\":\(row.calls),\"forward_ms\":\(row.forward * 1e3)"
      + ",\"backward_ms\":\(row.backward * 1e3),\"share\":\(row.share)"
      + ",\"forward_gflops\":\(number(row.forwardRate))"
      + ",\"backward_gflops\":\(number(row.backwardRate)),\"forward_gbs\":\(number(row.traffic))}"
  }
}
