/// The advection equation u_t + β·u_x = 0 on a periodic interval by finite volumes.
///
/// Conservative and without new extrema, also where u jumps; of second order where it is smooth.
/// PDEBench has β of 0.1 to 7 on (0, 1) (Takamoto et al. 2022, section D.1); its scheme is of the
/// same kind, with the midpoint rule in time.
public struct ShockCapturingAdvection: EvolutionEquation, Hashable, Codable {
  /// β, in length/time.
  public var speed: Double
  /// The part of a spacing that a wave crosses in a step, above 0 and at most 1.
  public var courantNumber: Double
  /// The longest step; nil for the longest that the Courant number allows.
  public var timeStep: Double?

  /// Creates the equation.
  public init(speed: Double = 1, courantNumber: Double = 0.4, timeStep: Double? = nil) {
    (self.speed, self.courantNumber, self.timeStep) = (speed, courantNumber, timeStep)
  }

  /// What each component of the field is.
  public var componentNames: [String] { ["u"] }

  /// Solves the equation from time 0; `EvolutionEquation.solve(from:at:)` has the terms.
  public func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    try EquationError.unlessFinite(speed, "ShockCapturingAdvection.speed")
    return try ConservationLaw(
      place: "ShockCapturingAdvection",
      faceFlux: { [speed] left, right in speed * (speed >= 0 ? left : right) },
      speed: { [speed] _ in speed }, viscosity: 0, courantNumber: courantNumber,
      timeStep: timeStep
    ).solve(from: initial, at: times)
  }
}

/// Burgers' equation u_t + (u²/2)_x = ν·u_xx on a periodic interval by finite volumes, with shocks.
///
/// Godunov's flux: conservative, without new extrema, and shocks travel at the right speed for any
/// ν, 0 included. What PDEBench calls ν is π times this one (Takamoto et al. 2022, section D.2).
public struct ShockCapturingBurgers: EvolutionEquation, Hashable, Codable {
  /// ν, 0 or above, in length²/time.
  public var viscosity: Double
  /// The part of a spacing that a wave crosses in a step, above 0 and at most 1; diffusion counts
  /// as a wave of speed 2ν/spacing.
  public var courantNumber: Double
  /// The longest step; nil for the longest that the Courant number allows.
  public var timeStep: Double?

  /// Creates the equation.
  public init(viscosity: Double = 0, courantNumber: Double = 0.4, timeStep: Double? = nil) {
    (self.viscosity, self.courantNumber) = (viscosity, courantNumber)
    self.timeStep = timeStep
  }

  /// What each component of the field is.
  public var componentNames: [String] { ["u"] }

  /// Solves the equation from time 0; `EvolutionEquation.solve(from:at:)` has the terms.
  public func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    try ConservationLaw(
      place: "ShockCapturingBurgers",
      faceFlux: { left, right in
        let (forward, backward) = (max(left, 0), min(right, 0))
        return 0.5 * max(forward * forward, backward * backward)
      },
      speed: { $0 }, viscosity: viscosity, courantNumber: courantNumber, timeStep: timeStep
    ).solve(from: initial, at: times)
  }
}
