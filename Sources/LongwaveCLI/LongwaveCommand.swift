import ArgumentParser
import Longwave

@main
struct LongwaveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "longwave",
    abstract: "Long-sequence modelling with FFT convolutions, on CPUs.",
    discussion: """
      Example:
        longwave data listops --out data/listops --max-length 250 --min-length 40 \\
          --train 2000 --validation 200 --test 200 --seed 1
        longwave train listops --data data/listops --model sgconv --out runs/first
      """,
    version: Self.version,
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, PredictCommand.self, GenerateCommand.self,
      DistillCommand.self, DataCommand.self,
      PDECommand.self, InspectCommand.self, ImportCommand.self, ApplyCommand.self,
      ProfileCommand.self, StatusCommand.self, EstimateCommand.self, RecipesCommand.self,
      CompareCommand.self,
      BenchCommand.self,
    ])

  static let version = "0.1.0"
}

/// Options that every command shares.
struct CommonOptions: ParsableArguments {
  @Option(help: "Number of threads; 0 uses all processors.")
  var threads = 0

  func validate() throws {
    guard threads >= 0 else {
      throw ValidationError("--threads: expected at least 0, got \(threads)")
    }
  }

  func apply() { Parallel.setThreadCount(threads) }
}
