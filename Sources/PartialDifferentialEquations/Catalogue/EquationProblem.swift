/// What an equation is given and what becomes of it.
public struct EquationSample: Sendable, Equatable {
  /// The initial field, coefficient or source.
  public let input: GridField
  /// The solution; one frame at time 0 for an equation without time.
  public let solution: Trajectory
}

/// An equation with all it takes to draw samples: inputs, a grid and times.
public struct EquationProblem: Sendable {
  /// The equation's name in the catalogue.
  public let name: String
  /// The values of all parameters.
  public let parameters: [String: Double]
  /// The equation.
  public let model: EquationModel
  /// What the inputs are drawn from.
  public var inputs: any RandomField
  /// The grid of the samples.
  public var grid: SpatialGrid
  /// How many times finer the grid is on which samples are drawn and solved, to be thinned out
  /// afterwards.
  public var refinement: Int
  /// The times of the frames.
  public var times: [Double]

  /// What each component of an input is.
  public var inputNames: [String] {
    switch model {
    case .evolution(let equation): equation.componentNames
    case .steady(let equation): [equation.inputName]
    }
  }

  /// What each component of a solution is.
  public var outputNames: [String] {
    switch model {
    case .evolution(let equation): equation.componentNames
    case .steady(let equation): [equation.outputName]
    }
  }

  /// One sample; it depends on the seed and its index alone.
  ///
  /// - Throws: `EquationError` if a parameter, the grid or the times do not fit the equation.
  public func sample(seed: UInt64, index: Int) throws(EquationError) -> EquationSample {
    let input = try inputs.sample(on: try fineGrid(), seed: seed, index: index)
    let solution = try solution(for: input)
    guard refinement > 1 else { return EquationSample(input: input, solution: solution) }
    var values: [Double] = []
    for frame in solution.times.indices {
      values += try solution[frame].thinned(by: refinement).values
    }
    return EquationSample(
      input: try input.thinned(by: refinement),
      solution: Trajectory(
        grid: grid, componentNames: outputNames, times: solution.times, values: values))
  }

  /// What becomes of a given input on the input's own grid; one frame at time 0 for an equation
  /// without time.
  ///
  /// - Throws: `EquationError` if the input, a parameter or the times do not fit the equation.
  public func solution(for input: GridField) throws(EquationError) -> Trajectory {
    switch model {
    case .evolution(let equation): return try equation.solve(from: input, at: times)
    case .steady(let equation):
      let field = try equation.solution(for: input)
      return Trajectory(
        grid: field.grid, componentNames: outputNames, times: [0], values: field.values)
    }
  }

  /// The samples of a range of indices, in parallel; each has the same bits as by itself.
  public func samples(
    _ indices: Range<Int>, seed: UInt64
  ) throws(EquationError) -> [EquationSample] {
    try inParallel(count: indices.count, place: "sample") { offset throws(EquationError) in
      try sample(seed: seed, index: indices.lowerBound + offset)
    }
  }

  private func fineGrid() throws(EquationError) -> SpatialGrid {
    try EquationError.unless(
      refinement == 1
        || refinement > 1 && refinement <= 64
          && grid.axes.allSatisfy { $0.points != .cells },
      "\(name).refinement", expected: "1, or up to 64 where points are shared with finer grids",
      got: "\(refinement)")
    var fine = grid
    for axis in fine.axes.indices {
      let count = fine.axes[axis].count
      fine.axes[axis].count =
        fine.axes[axis].points == .nodes ? (count - 1) * refinement + 1 : count * refinement
    }
    return fine
  }
}
