import PartialDifferentialEquations
public import SequenceTensor
import TensorIO

/// What the solver of an equation makes of an input that an operator is given.
public struct ReferenceSolution: Sendable {
  /// The frames, one behind the other in the channels: `[1, x, (y, (z,)) steps·channels]`.
  public let values: Tensor
  /// The time that it took, in seconds.
  public let seconds: Double
  /// The grid on which it was computed.
  public let grid: [Int]

  /// Solves an equation for the last frame of a history, or for the input of an operator that
  /// makes no frames.
  ///
  /// All equations of the catalogue are autonomous, so that the frames of a roll-out follow from
  /// the last known one.
  ///
  /// - Parameters:
  ///   - recipe: the operator's; its origin is the equation.
  ///   - input: `[1, x, (y, (z,)) channels]`, on any grid that the equation can be solved on.
  ///   - steps: the number of frames.
  ///   - place: what the input is, for messages.
  /// - Throws: `DataError` if the operator was not trained on samples of an equation,
  ///   `EquationError` if the input does not fit the equation.
  public init(
    _ recipe: OperatorRecipe, for input: Tensor, steps: Int, at place: String
  ) throws {
    var problem = try recipe.problem(at: place)
    let sizes = Array(input.shape.sizes.dropFirst().dropLast())
    var grid = problem.grid
    for axis in grid.axes.indices { grid.axes[axis].count = sizes[axis] }
    problem.grid = grid
    problem.refinement = 1
    let (channels, width) = (problem.inputNames.count, input.shape.last)
    let values =
      recipe.isAutoregressive ? input.sliced(axis: -1, width - channels..<width) : input
    let field = GridField(
      grid: grid, components: channels, values: values.elements.map(Double.init))
    if let interval = recipe.frameInterval {
      problem.times = (1...max(1, steps)).map { Double($0) * interval }
    } else if let last = problem.times.last {
      problem.times = [last]
    }
    let clock = ContinuousClock()
    let start = clock.now
    let solution = try problem.solution(for: field)
    seconds = (clock.now - start) / .seconds(1)
    self.values = solution.channelsLast
    self.grid = sizes
  }

  /// Draws samples that the operator has not been trained on, as its data was drawn, and solves
  /// them on the grid on which the data was solved.
  ///
  /// - Parameters:
  ///   - recipe: the operator's.
  ///   - indices: the samples' numbers among those that follow the data's.
  ///   - steps: the number of frames, for operators that make frames.
  ///   - grid: the points to draw the inputs on; those of the training by default. The solver's
  ///     grid is the finest one with these points that is not finer than the training data's.
  /// - Returns: for each sample the operator's input `[1, x, (y, (z,)) channels]` and the solution
  ///   for it. They are drawn in parallel: the time is that of one only if there is one.
  /// - Throws: `DataError` if the operator was not trained on samples of an equation,
  ///   `EquationError` if one cannot be solved.
  public static func drawing(
    _ recipe: OperatorRecipe, _ indices: Range<Int>, steps: Int, grid: [Int]? = nil
  ) throws -> [(input: Tensor, solution: ReferenceSolution)] {
    var problem = try recipe.problem(on: grid, at: "the samples to draw")
    if let interval = recipe.frameInterval {
      let frames = recipe.fields.inputs / recipe.fields.outputs
      let first = problem.times.first ?? 0
      problem.times = (0..<frames + steps).map { first + Double($0) * interval }
    }
    let base = (recipe.origin?.firstSample ?? 0) + (recipe.origin?.samples ?? 0)
    let clock = ContinuousClock()
    let start = clock.now
    let samples = try problem.samples(
      base + indices.lowerBound..<base + indices.upperBound, seed: recipe.origin?.seed ?? 0)
    let seconds = (clock.now - start) / .seconds(1)
    let fine = problem.grid.axes.map {
      $0.points == .nodes ? ($0.count - 1) * problem.refinement + 1 : $0.count * problem.refinement
    }
    return samples.map { sample in
      let all = sample.solution.channelsLast
      let width = recipe.fields.inputs
      let parts =
        recipe.isAutoregressive
        ? (all.sliced(axis: -1, 0..<width), all.sliced(axis: -1, width..<all.shape.last))
        : (sample.input.channelsLast, all)
      return (parts.0, ReferenceSolution(values: parts.1, seconds: seconds, grid: fine))
    }
  }

  private init(values: Tensor, seconds: Double, grid: [Int]) {
    (self.values, self.seconds, self.grid) = (values, seconds, grid)
  }
}

extension OperatorRecipe {
  /// The problem that the training samples are of.
  ///
  /// - Parameter wanted: the grid of the samples; that of the training by default.
  /// - Throws: `DataError` if they are not of an equation of the catalogue, or the operator gives
  ///   something else than the solution or its next frame.
  func problem(on wanted: [Int]? = nil, at place: String) throws -> EquationProblem {
    guard let origin else {
      throw DataError(
        at: place, expected: "an operator that was trained on samples of `longwave pde generate`",
        got: "one that was trained on \(dataName)")
    }
    guard fields.grid.count == origin.grid.rank, isAutoregressive || origin.times.count <= 1
    else {
      throw DataError(
        at: place, expected: "an operator that gives the solution or its next frame",
        got: "data.fields.task \(configuration.data.fields.task.rawValue)")
    }
    var problem = try origin.problem()
    var refinement = Int.max
    for (axis, count) in (wanted ?? fields.grid).enumerated() {
      // Training may have left points out; the grid of the solver stays.
      let closed = problem.grid.axes[axis].points == .nodes ? 1 : 0
      let intervals = (problem.grid.axes[axis].count - closed) * origin.refinement
      refinement = min(refinement, max(1, intervals / max(1, count - closed)))
      problem.grid.axes[axis].count = count
    }
    problem.refinement = refinement
    return problem
  }
}

extension GridField {
  /// The field as a batch of one, `[1, x, (y, (z,)) components]`.
  var channelsLast: Tensor {
    Tensor(values.map { Float($0) }, shape: Shape([1] + shape.sizes))
  }
}

extension Trajectory {
  /// The frames one behind the other in the channels, `[1, x, (y, (z,)) times·components]`.
  var channelsLast: Tensor {
    let (frames, points, components) = (times.count, grid.pointCount, componentNames.count)
    return Tensor(
      uninitialized: Shape([1] + grid.shape.sizes + [frames * components])
    ) { target in
      for frame in 0..<frames {
        for point in 0..<points {
          for component in 0..<components {
            (target + (point * frames + frame) * components + component).initialize(
              to: Float(values[(frame * points + point) * components + component]))
          }
        }
      }
    }
  }
}
