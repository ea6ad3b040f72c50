import ArgumentParser
import Foundation
import Longwave

struct PDESolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solve",
    abstract: "Apply a trained neural operator to new fields, and check it against a solver.",
    discussion: """
      The input is one field or several, channels last: [x, y], [x, y, channels], \
      [samples, x, y, channels] and the like, on any grid. The output has the same form, with an \
      axis of steps in front of the grid where there are several. --sample draws an input instead, \
      one that the operator was not trained on.

      --check solves the equation for the first input by the classical solver, and prints the \
      operator's error and both times; a drawn sample is solved on the grid on which the training \
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

  @Option(
    help: "The points to draw the input on, such as 141x141. (default: as in training)")
  var grid: String?

  @Option(help: "The .npy file to write.")
  var output: String?

  @Option(help: "A picture of the first field to write, .png or .svg.")
  var plot: String?

  @Flag(help: "Solve with the equation's solver too; print the error and both times.")
  var check = false

  @Flag(help: "Print the check as one line of JSON.")
  var json = false

  func validate() throws {
    try OptionCheck.picture(plot, "--plot")
    guard (input == nil) != (sample == nil) else {
      throw ValidationError(
        "--input, --sample: expected one of them, got \(input == nil ? "none" : "both")")
    }
    guard sample ?? 0 >= 0 else {
      throw ValidationError("--sample: expected at least 0, got \(sample ?? 0)")
    }
    _ = try grid.map { try GridSizes.read($0, "--grid") }
    guard grid == nil || sample != nil else {
      throw ValidationError("--grid: expected with --sample, got --input")
    }
    guard output != nil || plot != nil || check else {
      throw ValidationError("--output, --plot, --check: expected at least one, got none")
    }
    try OptionCheck.positive(steps, "--steps")
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
      let sizes = try grid.map {
        try GridSizes.read($0, "--grid", axes: recipe.fields.grid.count)
      }
      if let sizes { try recipe.check(grid: sizes, at: "--grid") }
      drawn = try ReferenceSolution.drawing(
        recipe, index..<index + 1, steps: steps, grid: sizes
      ).first
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
    if let reference { try report(checkpoint, first, solution, reference, steps: steps) }
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
  ) throws {
    let best = Stopwatch(seconds: 0.5, repeats: 3).shortest([
      { _ = checkpoint.recipe.predictions(of: checkpoint.model, for: field, steps: steps) }
    ])[0]
    let error = RelativeL2.overall(solution.sliced(axis: 0, 0..<1), reference.values)
    let grid = reference.grid.map(String.init).joined(separator: "x")
    let solver = reference.seconds * 1e3
    if json {
      print(
        try JSONLine().adding("relative_l2", number: error).adding("operator_ms", number: best)
          .adding("reference_ms", number: solver).adding("reference_grid", grid)
          .adding("steps", count: steps).text)
      return
    }
    func shown(_ milliseconds: Double) -> String {
      NumberFormat.significant(milliseconds, digits: 4) + " ms"
    }
    print("relative L2     \(NumberFormat.significant(error, digits: 4))")
    print("operator        \(shown(best)), \(Parallel.threadCount) threads")
    print("reference       \(shown(solver)) on a grid of \(grid)")
    print("                \(NumberFormat.significant(solver / best, digits: 3)) times as long")
  }
}
