import ArgumentParser
import Foundation
import Longwave

struct PDESolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solve",
    abstract: "Apply a trained neural operator to new fields.",
    discussion: """
      The input is one field or several, channels last: [x, y], [x, y, channels],
      [samples, x, y, channels] and the like, on any grid. The output has the same form.

      Example:
        longwave pde solve runs/darcy --input a.npy --output u.npy --plot u.png
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The folder of a run, or a checkpoint.", valueName: "run"))
  var source: String

  @Option(help: "A file with the input, of any format that pde train reads.")
  var input: String

  @Option(help: "Which array of the input file, if it has several.")
  var key: String?

  @Option(help: "The .npy file to write.")
  var output: String

  @Option(help: "A picture of the first field to write, .png or .svg.")
  var plot: String?

  func validate() throws {
    if let plot, !plot.hasSuffix(".png"), !plot.hasSuffix(".svg") {
      throw ValidationError("--plot: expected a name that ends in .png or .svg, got \(plot)")
    }
  }

  func run() throws {
    common.apply()
    let checkpoint = try OperatorCheckpoint(runOrFile: source)
    let field = try InputField(
      readingFrom: input, key: key, recipe: checkpoint.recipe)
    let clock = ContinuousClock()
    let start = clock.now
    let solution = checkpoint.model.predictions(
      for: field.values, batchSize: checkpoint.configuration.training.batchSize)
    let milliseconds = (clock.now - start) / .milliseconds(1)
    guard solution.elements.allSatisfy(\.isFinite) else {
      throw DataError(
        at: input, expected: "an input that the operator has a finite result for",
        got: "NaN or infinite values")
    }
    let shape = field.shape(of: solution)
    try NpyFile.write(
      RawTensor(floats: solution.elements.span, shape: shape.sizes), to: output)
    if let plot {
      try FieldFigure(
        solution: solution, of: field.values, title: checkpoint.recipe.dataName
      ).write(to: plot)
    }
    print("output          \(output), \(shape), \(NumberFormat.significant(milliseconds)) ms")
    if let plot { print("plot            \(plot)") }
  }
}
