/// The viscous Burgers equation u_t + (u²/2)_x = ν·u_xx on a periodic interval.
///
/// Fourier modes with 2/3 dealiasing and exponential time differencing. Steep fronts need points:
/// about 10 within 2ν / max|u|. For ν = 0 there is `ShockCapturingBurgers`.
///
/// Published settings, all on (0, 1) with the solution wanted at time 1:
///
/// | | ν | initial field |
/// | --- | --- | --- |
/// | Li et al. 2021, section 5.1 | 0.1 | N(0, 625(-Δ + 25)^-2) |
/// | their script `gen_burgers1.m` | 1/1000 | N(0, 49²(-Δ + 49)^-2.5) |
/// | DeepONet, Wang et al. 2021 | 1e-4 | N(0, 625²(-Δ + 25)^-4) |
public struct BurgersEquation: SemilinearEquation, Hashable, Codable {
  /// ν, above 0, in length²/time.
  public var viscosity: Double
  /// The longest step; nil chooses one from the initial field.
  public var timeStep: Double?
  /// The order of the time stepping, 1 to 4.
  public var order: Int

  /// Creates the equation, with the viscosity of the first row above by default.
  public init(viscosity: Double = 0.1, timeStep: Double? = nil, order: Int = 4) {
    (self.viscosity, self.timeStep, self.order) = (viscosity, timeStep, order)
  }

  /// What each component of the field is.
  public var componentNames: [String] { ["u"] }

  /// Solves the equation from time 0; `EvolutionEquation.solve(from:at:)` has the terms.
  public func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    try solveByModes(from: initial, at: times)
  }

  static let place = "BurgersEquation"
  var ranks: ClosedRange<Int> { 1...1 }
  var boundary: BoundaryCondition { .periodic }
  var degree: Int { 2 }

  func checkParameters() throws(EquationError) {
    try EquationError.unlessPositive(viscosity, "\(Self.place).viscosity")
  }

  func system(on transform: ModeTransform) -> SpectralSystem {
    SpectralSystem(
      transform, linear: transform.diagonal { k in (-viscosity * k * k, 0) }, degree: degree,
      multiplier: transform.diagonal { k in (0, -0.5 * k) }, pointwise: squarePointwise)
  }

  func rate(magnitude: Double, largestWavenumber: Double) -> Double {
    // Beyond the wavenumber max|u| / ν a mode decays faster than it is carried.
    magnitude * min(largestWavenumber, magnitude / viscosity)
  }
}

/// Replaces each value by its square.
func squarePointwise(_ values: UnsafeMutablePointer<Double>, _ points: Int) {
  for point in 0..<points { values[point] *= values[point] }
}

/// Replaces each value by its cube.
func cubePointwise(_ values: UnsafeMutablePointer<Double>, _ points: Int) {
  for point in 0..<points { values[point] *= values[point] * values[point] }
}
