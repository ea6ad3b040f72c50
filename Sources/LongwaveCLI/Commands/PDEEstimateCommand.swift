import ArgumentParser
import Longwave

/// `longwave pde estimate`: what the training of a neural operator needs.
struct PDEEstimateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimate",
    abstract: "Measure how long a neural operator would train on this machine, and its memory.",
    discussion: """
      Takes the files and settings that longwave pde train takes, and writes nothing. Samples of an \
      equation have to be drawn first, by longwave pde generate.

      Example:
        longwave pde estimate darcy_train_16.pt darcy_test_16.pt --model tfno
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: PDEOptions
  @OptionGroup var measurement: EstimateOptions

  func run() throws {
    common.apply()
    if let equation = try options.equation {
      throw ValidationError(
        "file: expected samples of \(equation.name) that longwave pde generate has drawn,"
          + " got its name")
    }
    let configuration = try options.resolvedConfiguration()
    try measurement.measure(
      OperatorWorkload(configuration, configuration.data.load()), amount: "samples")
  }
}
