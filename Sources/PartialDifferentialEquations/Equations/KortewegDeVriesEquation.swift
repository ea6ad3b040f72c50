/// The Korteweg–de Vries equation u_t + α·u·u_x + δ·u_xxx = 0 on a periodic interval.
///
/// Fourier modes with 2/3 dealiasing and exponential time differencing. The solitons of the default
/// α = 6, δ = 1 are (c/2)·sech²(√c/2·(x - c·t)).
public struct KortewegDeVriesEquation: SemilinearEquation, Hashable, Codable {
  /// α, the strength of convection.
  public var convection: Double
  /// δ, in length³/time.
  public var dispersion: Double
  /// The longest step; nil chooses one from the initial field.
  public var timeStep: Double?
  /// The order of the time stepping, 1 to 4.
  public var order: Int

  /// Creates the equation.
  public init(
    convection: Double = 6, dispersion: Double = 1, timeStep: Double? = nil, order: Int = 4
  ) {
    (self.convection, self.dispersion) = (convection, dispersion)
    (self.timeStep, self.order) = (timeStep, order)
  }

  /// What each component of the field is.
  public var componentNames: [String] { ["u"] }

  /// Solves the equation from time 0; `EvolutionEquation.solve(from:at:)` has the terms.
  public func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    try solveByModes(from: initial, at: times)
  }

  static let place = "KortewegDeVriesEquation"
  var ranks: ClosedRange<Int> { 1...1 }
  var boundary: BoundaryCondition { .periodic }
  var degree: Int { 2 }

  func checkParameters() throws(EquationError) {
    try EquationError.unlessFinite(convection, "\(Self.place).convection")
    try EquationError.unlessFinite(dispersion, "\(Self.place).dispersion")
  }

  func system(on transform: ModeTransform) -> SpectralSystem {
    SpectralSystem(
      transform, linear: transform.diagonal { k in (0, dispersion * k * k * k) }, degree: degree,
      multiplier: transform.diagonal { k in (0, -0.5 * convection * k) },
      pointwise: squarePointwise)
  }

  func rate(magnitude: Double, largestWavenumber: Double) -> Double {
    abs(convection) * magnitude * largestWavenumber
  }
}
