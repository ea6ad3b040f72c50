import ArgumentParser
import Longwave

@main
struct LongwaveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "longwave",
    abstract: "Long-sequence modelling with FFT convolutions, on CPUs.",
    version: "0.1.0",
    subcommands: [BenchCommand.self])
}

/// Options that every command shares.
struct CommonOptions: ParsableArguments {
  @Option(help: "Number of threads; 0 uses all processors.")
  var threads = 0

  func validate() throws {
    guard threads >= 0 else { throw ValidationError("--threads must not be negative") }
  }

  func apply() { Parallel.setThreadCount(threads) }
}
