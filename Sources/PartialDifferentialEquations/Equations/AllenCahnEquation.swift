/// The Allen–Cahn equation u_t = ν·Δu + ρ(u - u³) in 1 to 3 dimensions.
///
/// Fourier modes, or cosines without flux, with 1/2 dealiasing for the cube, and exponential time
/// differencing. u = ±1 are stable; interfaces are about √(ν/ρ) wide.
public struct AllenCahnEquation: SemilinearEquation, Hashable, Codable {
  /// ν, above 0, in length²/time.
  public var diffusivity: Double
  /// ρ, in 1/time.
  public var reaction: Double
  /// Periodic or without flux.
  public var boundary: BoundaryCondition
  /// The longest step; nil chooses one from the initial field.
  public var timeStep: Double?
  /// The order of the time stepping, 1 to 4.
  public var order: Int

  /// Creates the equation.
  public init(
    diffusivity: Double = 5e-3, reaction: Double = 1, boundary: BoundaryCondition = .periodic,
    timeStep: Double? = nil, order: Int = 4
  ) {
    (self.diffusivity, self.reaction, self.boundary) = (diffusivity, reaction, boundary)
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

  static let place = "AllenCahnEquation"
  var ranks: ClosedRange<Int> { 1...3 }
  var degree: Int { 3 }

  func checkParameters() throws(EquationError) {
    try EquationError.unlessPositive(diffusivity, "\(Self.place).diffusivity")
    try EquationError.unlessFinite(reaction, "\(Self.place).reaction")
    try boundary.checkWithoutValues(Self.place)
  }

  func system(on transform: ModeTransform) -> SpectralSystem {
    let squares = transform.squaredWavenumbers
    return SpectralSystem(
      transform, linear: transform.diagonal(squares.map { reaction - diffusivity * $0 }),
      degree: degree, multiplier: transform.diagonal(squares.map { _ in -reaction }),
      pointwise: cubePointwise)
  }

  func rate(magnitude: Double, largestWavenumber: Double) -> Double {
    3 * abs(reaction) * max(1, magnitude * magnitude)
  }
}

extension BoundaryCondition {
  /// Throws for zero values at the boundary, where the powers of sines are no sines.
  func checkWithoutValues(_ place: String) throws(EquationError) {
    try EquationError.unless(
      self != .dirichlet, "\(place).boundary", expected: "periodic or neumann", got: rawValue)
  }
}
