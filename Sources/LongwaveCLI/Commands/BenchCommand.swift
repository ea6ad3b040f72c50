import ArgumentParser

/// `longwave bench`: timings to compare with other systems.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure the speed of the building blocks.",
    discussion: """
      Example:
        longwave bench conv --json --threads 2
      """,
    subcommands: [
      ConvolutionBenchCommand.self, LanguageModelBenchCommand.self, GenerationBenchCommand.self,
      StateSpaceBenchCommand.self,
      OperatorBenchCommand.self,
      PeersBenchCommand.self,
    ])
}

/// Options of every measurement.
struct MeasurementOptions: ParsableArguments {
  @Option(help: "Seconds to repeat each measurement for.")
  var seconds = 1.0

  @Option(help: "Repeats of each measurement at least.")
  var repeats = 3

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func validate() throws {
    guard seconds.isFinite, seconds >= 0 else {
      throw ValidationError("--seconds: expected a number of at least 0, got \(seconds)")
    }
    guard repeats > 0 else {
      throw ValidationError("--repeats: expected at least 1, got \(repeats)")
    }
  }

  var stopwatch: Stopwatch { Stopwatch(seconds: seconds, repeats: repeats) }
}
