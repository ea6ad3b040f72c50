/// The Kuramoto–Sivashinsky equation u_t + α·u·u_x + β·u_xx + γ·u_xxxx = 0 on a periodic interval.
///
/// Fourier modes with 2/3 dealiasing and exponential time differencing. Long waves grow, short ones
/// decay; on intervals of more than about 50 the solutions are chaotic, and two that differ in the
/// last bit are unlike each other after some 200 units of time.
public struct KuramotoSivashinskyEquation: SemilinearEquation, Hashable, Codable {
  /// α, the strength of convection.
  public var convection: Double
  /// β, the growth of long waves.
  public var secondOrder: Double
  /// γ, above 0, the decay of short waves.
  public var fourthOrder: Double
  /// The longest step; nil chooses one from the initial field.
  public var timeStep: Double?
  /// The order of the time stepping, 1 to 4.
  public var order: Int

  /// Creates the equation.
  public init(
    convection: Double = 1, secondOrder: Double = 1, fourthOrder: Double = 1,
    timeStep: Double? = nil, order: Int = 4
  ) {
    (self.convection, self.secondOrder, self.fourthOrder) = (convection, secondOrder, fourthOrder)
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

  static let place = "KuramotoSivashinskyEquation"
  var ranks: ClosedRange<Int> { 1...1 }
  var boundary: BoundaryCondition { .periodic }
  var degree: Int { 2 }

  func checkParameters() throws(EquationError) {
    try EquationError.unlessFinite(convection, "\(Self.place).convection")
    try EquationError.unlessFinite(secondOrder, "\(Self.place).secondOrder")
    try EquationError.unlessPositive(fourthOrder, "\(Self.place).fourthOrder")
  }

  func system(on transform: ModeTransform) -> SpectralSystem {
    let (second, fourth) = (secondOrder, fourthOrder)
    return SpectralSystem(
      transform, linear: transform.diagonal { k in (second * k * k - fourth * k * k * k * k, 0) },
      degree: degree, multiplier: transform.diagonal { k in (0, -0.5 * convection * k) },
      pointwise: squarePointwise)
  }

  func rate(magnitude: Double, largestWavenumber: Double) -> Double {
    // Small fields grow until convection balances the growth, at about 3·√(β/γ)·β/α.
    let growing = (max(0, secondOrder) / fourthOrder).squareRoot()
    let saturated = 3 * growing * max(0, secondOrder)
    return max(abs(convection) * magnitude, saturated) * min(largestWavenumber, 8 * growing + 8)
  }
}
