/// The Gray–Scott system u_t = D_u·Δu - u·v² + F(1 - u), v_t = D_v·Δv + u·v² - (F + K)·v.
///
/// Two substances in 1 to 3 dimensions; Fourier modes, or cosines without flux, with 1/2
/// dealiasing, and exponential time differencing. The defaults give spots on (0, 1)² (Pearson,
/// "Complex patterns in a simple system", 1993).
public struct GrayScottSystem: SemilinearEquation, Hashable, Codable {
  /// D_u and D_v, above 0, in length²/time.
  public var diffusivities: [Double]
  /// F, in 1/time.
  public var feed: Double
  /// K, in 1/time.
  public var kill: Double
  /// Periodic or without flux.
  public var boundary: BoundaryCondition
  /// The longest step; nil chooses one from the initial field.
  public var timeStep: Double?
  /// The order of the time stepping, 1 to 4.
  public var order: Int

  /// Creates the system.
  public init(
    diffusivities: [Double] = [2e-5, 1e-5], feed: Double = 0.04, kill: Double = 0.06,
    boundary: BoundaryCondition = .periodic, timeStep: Double? = nil, order: Int = 4
  ) {
    (self.diffusivities, self.feed, self.kill) = (diffusivities, feed, kill)
    (self.boundary, self.timeStep, self.order) = (boundary, timeStep, order)
  }

  /// What each component of the field is.
  public var componentNames: [String] { ["u", "v"] }

  /// Solves the equation from time 0; `EvolutionEquation.solve(from:at:)` has the terms.
  public func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    try solveByModes(from: initial, at: times)
  }

  static let place = "GrayScottSystem"
  var ranks: ClosedRange<Int> { 1...3 }
  var degree: Int { 3 }

  func checkParameters() throws(EquationError) {
    try checkDiffusivities(diffusivities, Self.place)
    try EquationError.unlessFinite(feed, "\(Self.place).feed")
    try EquationError.unlessFinite(kill, "\(Self.place).kill")
    try boundary.checkWithoutValues(Self.place)
  }

  func system(on transform: ModeTransform) -> SpectralSystem {
    let squares = transform.squaredWavenumbers
    let ones = transform.diagonal(squares.map { _ in 1 })
    return SpectralSystem(
      transform,
      linear: zip(diffusivities, [feed, feed + kill]).map { diffusivity, decay in
        transform.diagonal(squares.map { -diffusivity * $0 - decay })
      },
      degree: degree, multipliers: [ones, ones]
    ) { [feed] values, points in
      let (u, v) = (values, values + points)
      for point in 0..<points {
        let reaction = u[point] * v[point] * v[point]
        u[point] = feed - reaction
        v[point] = reaction
      }
    }
  }

  func rate(magnitude: Double, largestWavenumber: Double) -> Double {
    abs(feed) + 2 * max(1, magnitude * magnitude)
  }
}

/// Throws unless there are two diffusivities above 0.
func checkDiffusivities(_ values: [Double], _ place: String) throws(EquationError) {
  try EquationError.unless(
    values.count == 2, "\(place).diffusivities", expected: "2 numbers", got: "\(values.count)")
  for value in values { try EquationError.unlessPositive(value, "\(place).diffusivities") }
}
