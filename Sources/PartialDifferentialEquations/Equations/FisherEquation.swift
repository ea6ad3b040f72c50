/// Fisher's equation u_t = ν·Δu + ρ·u(1 - u), diffusion and logistic growth, in 1 to 3 dimensions.
///
/// Fourier modes, or cosines without flux, with 2/3 dealiasing, and exponential time differencing.
/// Also known as the reaction–diffusion equation of Kolmogorov, Petrovsky and Piskunov. PDEBench
/// has it periodic on (0, 1) with ν of 0.5 to 5 and ρ of 1 to 10 (Takamoto et al. 2022,
/// section D.3).
public struct FisherEquation: SemilinearEquation, Hashable, Codable {
  /// ν, above 0, in length²/time.
  public var diffusivity: Double
  /// ρ, in 1/time.
  public var growth: Double
  /// Periodic or without flux.
  public var boundary: BoundaryCondition
  /// The longest step; nil chooses one from the initial field.
  public var timeStep: Double?
  /// The order of the time stepping, 1 to 4.
  public var order: Int

  /// Creates the equation.
  public init(
    diffusivity: Double = 0.5, growth: Double = 1, boundary: BoundaryCondition = .periodic,
    timeStep: Double? = nil, order: Int = 4
  ) {
    (self.diffusivity, self.growth, self.boundary) = (diffusivity, growth, boundary)
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

  static let place = "FisherEquation"
  var ranks: ClosedRange<Int> { 1...3 }
  var degree: Int { 2 }

  func checkParameters() throws(EquationError) {
    try EquationError.unlessPositive(diffusivity, "\(Self.place).diffusivity")
    try EquationError.unlessFinite(growth, "\(Self.place).growth")
    try boundary.checkWithoutValues(Self.place)
  }

  func system(on transform: ModeTransform) -> SpectralSystem {
    let squares = transform.squaredWavenumbers
    return SpectralSystem(
      transform, linear: transform.diagonal(squares.map { growth - diffusivity * $0 }),
      degree: degree, multiplier: transform.diagonal(squares.map { _ in -growth }),
      pointwise: squarePointwise)
  }

  func rate(magnitude: Double, largestWavenumber: Double) -> Double {
    2 * abs(growth) * max(1, magnitude)
  }
}
