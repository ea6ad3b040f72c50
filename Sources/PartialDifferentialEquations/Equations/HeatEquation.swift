/// The heat equation u_t = κ·Δu in 1 to 3 dimensions.
///
/// Solved exactly for the modes of the grid, in one step for each time: Fourier modes, sines for
/// zero values at the boundary or cosines for zero flux.
public struct HeatEquation: EvolutionEquation, Hashable, Codable {
  /// κ, 0 or above, in length²/time.
  public var diffusivity: Double
  /// What holds at the boundary; `.dirichlet` and `.neumann` take nodes or cells.
  public var boundary: BoundaryCondition

  /// Creates the equation.
  public init(diffusivity: Double = 0.01, boundary: BoundaryCondition = .periodic) {
    (self.diffusivity, self.boundary) = (diffusivity, boundary)
  }

  /// What each component of the field is.
  public var componentNames: [String] { ["u"] }

  /// Solves the equation from time 0; `EvolutionEquation.solve(from:at:)` has the terms.
  public func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    let place = "HeatEquation"
    try EquationError.unlessNotNegative(diffusivity, "\(place).diffusivity")
    try initial.check(place, ranks: 1...3, points: boundary.points, components: 1)
    let transform = ModeTransform(initial.grid, boundary)
    let symbol = transform.squaredWavenumbers.map { -diffusivity * $0 }
    return try solveLinear(
      place, from: initial, names: componentNames, times: times, transform: transform,
      linear: transform.diagonal(symbol))
  }
}
