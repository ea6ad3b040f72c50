import ArgumentParser
import Foundation
import Longwave

struct PDESolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solve",
    abstract: "Apply a trained neural operator to new fields, and check it against a solver.",
    discussion: """
      The input is one field or several, channels last: [x, y], [x, y, channels],
      [samples, x, y, channels] and the like, on any grid. The output has the same form, with an
      axis of steps in front of the grid where there are several. --sample draws an input instead,
      one that the operator was not trained on.

      --check solves the equation for the same input by the classical solver, and prints the
      operator's error and both times; a drawn sample is solved on the grid on which the training
      data was, a given input on its own.

      Examples:
        longwave pde solve runs/darcy --input a.npy --output u.npy --plot u.png
        longwave pde solve runs/darcy --sample 0 --check --plot check.png
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The folder of a run, or a checkpoint.", valueName: "run"))
  var source: String

  @Option(help: "A file with the input, of any format that pde train reads.")
  var input: String?

  @Option(help: "Which array of the input file, if it has several.")
  var key: String?

  @Option(help: "Draw the input: the number of a sample after those of the data.")
  var sample: Int?

  @Option(help: "The number of frames, for operators that make frames. (default: as in training)")
  var steps: Int?

  @Option(help: "The .npy file to write.")
  var output: String?

  @Option(help: "A picture of the first field to write, .png or .svg.")
  var plot: String?

  @Flag(help: "Solve with the equation's solver too; print the error and both times.")
  var check = false

  @Flag(help: "Print the check as one line of JSON.")
  var json = false

  func validate() throws {
    if let plot, !plot.hasSuffix(".png"), !plot.hasSuffix(".svg") {
      throw ValidationError("--plot: expected a name that ends in .png or .svg, got \(plot)")
    }
    guard (input == nil) != (sample == nil) else {
      throw ValidationError(
        "--input, --sample: expected one of them, got \(input == nil ? "none" : "both")")
    }
    guard sample ?? 0 >= 0 else {
      throw ValidationError("--sample: expected at least 0, got \(sample ?? 0)")
    }
    guard output != nil || plot != nil || check else {
      throw ValidationError("--output, --plot, --check: expected at least one, got none")
    }
    if let steps, steps < 1 {
      throw ValidationError("--steps: expected at least 1, got \(steps)")
    }
    if json, !check { throw ValidationError("--json: expected --check, got none") }
  }

  func run() throws {
    common.apply()
    let checkpoint = try OperatorCheckpoint(runOrFile: source)
    let recipe = checkpoint.recipe
    guard steps ?? 1 == 1 || recipe.isAutoregressive else {
      throw ValidationError("--steps: expected 1 for an operator that makes no frames")
    }
    let steps = steps ?? recipe.trainedSteps
    var file: InputField?
    var drawn: (input: Tensor, solution: ReferenceSolution)?
    if let input {
      file = try InputField(readingFrom: input, key: key, recipe: recipe)
    } else {
      let index = sample ?? 0
      drawn = try ReferenceSolution.drawing(recipe, index..<index + 1, steps: steps).first
    }
    guard let field = file?.values ?? drawn?.input else { return }
    // The reference comes first: what it says of a wrong input is said before anything is written.
    let first = field.sliced(axis: 0, 0..<1)
    let reference =
      check
      ? try drawn?.solution
        ?? ReferenceSolution(recipe, for: first, steps: steps, at: input ?? "") : nil
    let solution = recipe.predictions(of: checkpoint.model, for: field, steps: steps)
    guard solution.elements.allSatisfy(\.isFinite) else {
      throw DataError(
        at: input ?? "sample \(sample ?? 0)",
        expected: "an input that the operator has a finite result for",
        got: "NaN or infinite values")
    }
    if let output {
      try write(solution, of: file, steps: steps, to: output, recipe)
    }
    if let plot {
      try FieldFigure(
        solution: solution, of: field, title: recipe.origin?.equation ?? recipe.dataName,
        truth: reference?.values, channel: (steps - 1) * recipe.fields.outputs,
        axes: recipe.origin?.figureAxes ?? []
      ).write(to: plot)
      if !json { print("plot            \(plot)") }
    }
    if let reference { report(checkpoint, first, solution, reference, steps: steps) }
  }

  private func write(
    _ solution: Tensor, of file: InputField?, steps: Int, to output: String,
    _ recipe: OperatorRecipe
  ) throws {
    // Frames lie in the channels; files have them in front of the grid.
    let frames = solution.frames(of: recipe.fields.outputs)
    var sizes = (file?.shape(of: frames[0]) ?? Shape(Array(frames[0].shape.sizes.dropFirst())))
      .sizes
    let hasSamples = file?.hasSamples ?? false
    if steps > 1 { sizes.insert(steps, at: hasSamples ? 1 : 0) }
    let values = steps > 1 ? Tensor.stacked(frames) : solution
    try NpyFile.write(RawTensor(floats: values.elements.span, shape: sizes), to: output)
    if !json { print("output          \(output), \(Shape(sizes))") }
  }

  /// Prints error and times; the operator's time is the least of some repeats after a first one.
  private func report(
    _ checkpoint: OperatorCheckpoint, _ field: Tensor, _ solution: Tensor,
    _ reference: ReferenceSolution, steps: Int
  ) {
    let clock = ContinuousClock()
    var best = Double.infinity
    var total = 0.0
    for repeats in 1... where repeats <= 3 || repeats <= 20 && total < 1 {
      let start = clock.now
      _ = checkpoint.recipe.predictions(of: checkpoint.model, for: field, steps: steps)
      let seconds = (clock.now - start) / .seconds(1)
      (best, total) = (min(best, seconds), total + seconds)
      if repeats >= 20 || repeats >= 3 && total >= 1 { break }
    }
    let error = RelativeL2.overall(solution.sliced(axis: 0, 0..<1), reference.values)
    let grid = reference.grid.map(String.init).joined(separator: "x")
    if json {
      print(
        "{\"relative_l2\":\(JSONNumber(error)),\"operator_ms\":\(best * 1e3)"
          + ",\"reference_ms\":\(reference.seconds * 1e3),\"reference_grid\":\"\(grid)\""
          + ",\"steps\":\(steps)}")
      return
    }
    func milliseconds(_ seconds: Double) -> String {
      NumberFormat.significant(seconds * 1e3, digits: 4) + " ms"
    }
    print("relative L2     \(NumberFormat.significant(error, digits: 4))")
    print("operator        \(milliseconds(best)), \(Parallel.threadCount) threads")
    print("reference       \(milliseconds(reference.seconds)) on a grid of \(grid)")
    print(
      "                \(NumberFormat.significant(reference.seconds / best, digits: 3)) times as long"
    )
  }
}
