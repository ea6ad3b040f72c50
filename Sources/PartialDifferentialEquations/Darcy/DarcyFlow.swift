internal import SequenceTensor

/// Steady flow through a porous medium, -∇·(a∇u) = f in a rectangle with u = 0 on its boundary.
///
/// The five-point formula with the mean of two nodes' coefficients between them, solved by
/// conjugate gradients with a multigrid cycle before each step. The published data sets (Li et
/// al. 2021, section 5.2) have f = 1 on (0, 1)² at 421 × 421.
public struct DarcyFlow: Sendable, Hashable, Codable {
  /// The largest residual accepted, ‖f - A·u‖₂ / ‖f‖₂.
  public var tolerance: Double
  /// The most steps of conjugate gradients before the method gives up.
  public var iterationLimit: Int

  /// Creates the equation.
  public init(tolerance: Double = 1e-10, iterationLimit: Int = 500) {
    (self.tolerance, self.iterationLimit) = (tolerance, iterationLimit)
  }

  /// A solution and how it was come by.
  public struct Solution: Sendable {
    /// u on the grid of the coefficient.
    public let pressure: GridField
    /// The number of steps of conjugate gradients.
    public let iterations: Int
    /// ‖f - A·u‖₂ / ‖f‖₂ at the end, as the recursion of the method has it.
    public let residual: Double
  }

  /// Solves the equation for a coefficient at the nodes.
  ///
  /// - Parameters:
  ///   - permeability: a, above 0, on a grid of nodes of two axes with 3 or more points each.
  ///   - source: f on the same grid, nil for 1.
  /// - Throws: `EquationError` if the grid does not fit, the mean of two neighbouring coefficients
  ///   is not above 0, a value is not finite or the residual stays above the tolerance.
  public func solve(
    permeability: GridField, source: GridField? = nil
  ) throws(EquationError) -> Solution {
    try solve(permeability: permeability, source: source, allowsNegative: false)
  }

  private func solve(
    permeability: GridField, source: GridField?, allowsNegative: Bool
  ) throws(EquationError) -> Solution {
    let place = "DarcyFlow"
    try EquationError.unlessPositive(tolerance, "\(place).tolerance")
    try permeability.check(place, ranks: 2...2, points: [.nodes], components: 1)
    let grid = permeability.grid
    if let source {
      try EquationError.unless(
        source.grid == grid && source.components == 1, "\(place).source",
        expected: "one component on the grid \(grid.shape)", got: "\(source.shape)")
      try EquationError.unlessFinite(source, "\(place).source")
    }
    let stencil = try FivePointStencil(
      place, permeability: permeability, allowsNegative: allowsNegative)
    let rightSide = stencil.inside(source?.values ?? [Double](repeating: 1, count: grid.pointCount))
    let unknown = DoubleBuffer(count: rightSide.count)
    var outcome = ConjugateGradients.Outcome(iterations: 0, residual: 0)
    withQuickSmallNumbers {
      outcome = ConjugateGradients(stencil: stencil)
        .solve(rightSide, into: unknown, tolerance: tolerance, limit: iterationLimit)
    }
    try EquationError.unless(
      outcome.residual <= tolerance, "\(place).solve",
      expected: "a residual of \(tolerance) within \(iterationLimit) steps",
      got: "\(outcome.residual) after \(outcome.iterations)")
    return Solution(
      pressure: GridField(grid: grid, values: stencil.outside(unknown)),
      iterations: outcome.iterations, residual: outcome.residual)
  }

  /// Solves the equation for a coefficient at the centres of cells, on the way of `solve_gwf.m`.
  ///
  /// The coefficient and the source are interpolated to as many nodes by cubic splines, the
  /// equation is solved there, and the solution is interpolated back: the script that made the
  /// published data. The spline overshoots at jumps of the coefficient, below zero at places; the
  /// solution is the one of the script there too, as long as conjugate gradients find it.
  ///
  /// - Parameters:
  ///   - permeability: a on a grid of cells of two axes.
  ///   - source: f on the same grid, nil for 1.
  public func solveAtCells(
    permeability: GridField, source: GridField? = nil
  ) throws(EquationError) -> Solution {
    let place = "DarcyFlow"
    try permeability.check(place, ranks: 2...2, points: [.cells], components: 1, fewest: 4)
    var nodes = permeability.grid
    for axis in nodes.axes.indices { nodes.axes[axis].points = .nodes }
    let solution = try solve(
      permeability: CubicSpline.resampled(permeability, on: nodes),
      source: source.map { CubicSpline.resampled($0, on: nodes) }, allowsNegative: true)
    return Solution(
      pressure: CubicSpline.resampled(solution.pressure, on: permeability.grid),
      iterations: solution.iterations, residual: solution.residual)
  }
}
