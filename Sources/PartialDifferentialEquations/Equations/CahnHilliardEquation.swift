/// The Cahn–Hilliard equation u_t = ν·Δ(u³ - u - γ·Δu) in 1 to 3 dimensions.
///
/// Fourier modes, or cosines without flux, with 1/2 dealiasing for the cube, and exponential time
/// differencing. The mean of u is kept; u separates into regions of ±1 with interfaces about √γ
/// wide.
public struct CahnHilliardEquation: SemilinearEquation, Hashable, Codable {
  /// ν, above 0, in length²/time.
  public var mobility: Double
  /// γ, above 0, in length².
  public var interface: Double
  /// Periodic or without flux.
  public var boundary: BoundaryCondition
  /// The longest step; nil chooses one from the initial field.
  public var timeStep: Double?
  /// The order of the time stepping, 1 to 4.
  public var order: Int

  /// Creates the equation.
  public init(
    mobility: Double = 1e-2, interface: Double = 1e-3, boundary: BoundaryCondition = .periodic,
    timeStep: Double? = nil, order: Int = 4
  ) {
    (self.mobility, self.interface, self.boundary) = (mobility, interface, boundary)
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

  static let place = "CahnHilliardEquation"
  var ranks: ClosedRange<Int> { 1...3 }
  var degree: Int { 3 }

  func checkParameters() throws(EquationError) {
    try EquationError.unlessPositive(mobility, "\(Self.place).mobility")
    try EquationError.unlessPositive(interface, "\(Self.place).interface")
    try boundary.checkWithoutValues(Self.place)
  }

  func system(on transform: ModeTransform) -> SpectralSystem {
    let squares = transform.squaredWavenumbers
    return SpectralSystem(
      transform,
      linear: transform.diagonal(squares.map { mobility * $0 * (1 - interface * $0) }),
      degree: degree, multiplier: transform.diagonal(squares.map { -mobility * $0 }),
      pointwise: cubePointwise)
  }

  func rate(magnitude: Double, largestWavenumber: Double) -> Double {
    // Beyond the wavenumber at which the fourth order overtakes the cube, modes decay by it.
    let strength = 3 * max(1, magnitude * magnitude)
    return mobility * strength
      * min(largestWavenumber * largestWavenumber, strength / interface)
  }
}
