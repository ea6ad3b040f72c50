/// The advection–diffusion equation u_t + c·u_x = κ·u_xx on a periodic interval.
///
/// Solved exactly for the modes of the grid, in one step for each time. Without diffusion it is the
/// advection equation; its jumps ring as Fourier series do, and `ShockCapturingAdvection` has none
/// of that.
public struct AdvectionDiffusionEquation: EvolutionEquation, Hashable, Codable {
  /// c, in length/time.
  public var speed: Double
  /// κ, 0 or above, in length²/time.
  public var diffusivity: Double

  /// Creates the equation, without diffusion by default.
  public init(speed: Double = 1, diffusivity: Double = 0) {
    (self.speed, self.diffusivity) = (speed, diffusivity)
  }

  /// What each component of the field is.
  public var componentNames: [String] { ["u"] }

  /// Solves the equation from time 0; `EvolutionEquation.solve(from:at:)` has the terms.
  public func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    let place = "AdvectionDiffusionEquation"
    try EquationError.unlessFinite(speed, "\(place).speed")
    try EquationError.unlessNotNegative(diffusivity, "\(place).diffusivity")
    try initial.check(place, ranks: 1...1, points: [.periodic], components: 1)
    let transform = ModeTransform(initial.grid, .periodic)
    return try solveLinear(
      place, from: initial, names: componentNames, times: times, transform: transform,
      linear: transform.diagonal { k in (-diffusivity * k * k, -speed * k) })
  }
}
