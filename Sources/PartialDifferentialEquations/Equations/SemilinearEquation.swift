/// An equation u_t = L·u + N(u) that is solved by modes: the linear part exactly, the nonlinear one
/// by exponential time differencing.
protocol SemilinearEquation: EvolutionEquation {
  /// The name in errors.
  static var place: String { get }
  /// The longest step, nil for one by `automaticStep`.
  var timeStep: Double? { get }
  /// The order of the time stepping, 1 to 4.
  var order: Int { get }
  /// The numbers of axes that the equation is known for here.
  var ranks: ClosedRange<Int> { get }
  var boundary: BoundaryCondition { get }
  /// The degree of the nonlinear part.
  var degree: Int { get }

  /// Throws unless the equation's own parameters are in range.
  func checkParameters() throws(EquationError)
  func system(on transform: ModeTransform) -> SpectralSystem
  /// The rate, in 1/time, of what the nonlinear part does to values up to `magnitude`.
  func rate(magnitude: Double, largestWavenumber: Double) -> Double
}

extension SemilinearEquation {
  /// The parts of 1 / rate that the automatic step takes: ETDRK4 is then right to about 1e-5.
  private static var stepFraction: Double { 0.2 }

  func solveByModes(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    let place = Self.place
    try checkParameters()
    try EquationError.unless(
      (1...4).contains(order), "\(place).order", expected: "1, 2, 3 or 4", got: "\(order)")
    try initial.check(
      place, ranks: ranks, points: boundary.points, components: componentNames.count)
    let march = try TimeMarch(place, times: times)
    let transform = ModeTransform(initial.grid, boundary)
    let step = timeStep ?? automaticStep(initial, transform, march)
    return try system(on: transform).solve(
      place, from: initial, names: componentNames, march: march, longestStep: step, order: order)
  }

  private func automaticStep(
    _ initial: GridField, _ transform: ModeTransform, _ march: TimeMarch
  ) -> Double {
    let wavenumber = transform.largestWavenumber(
      below: SpectralSystem.keptFraction(degree: degree))
    let rate = rate(magnitude: initial.largestMagnitude, largestWavenumber: wavenumber)
    let longest = max(march.longestInterval, .leastNormalMagnitude)
    return rate > 0 ? min(longest, Self.stepFraction / rate) : longest
  }
}

extension GridField {
  /// Throws unless this is a field that an equation can start from.
  func check(
    _ place: String, ranks: ClosedRange<Int>, points: Set<SpatialGrid.Points>, components: Int,
    fewest: Int = 3
  ) throws(EquationError) {
    try grid.check(place, ranks: ranks, points: points, fewest: fewest)
    try EquationError.unless(
      self.components == components, "\(place).initial",
      expected: components == 1 ? "1 component" : "\(components) components",
      got: "\(self.components)")
    try EquationError.unlessFinite(self, "\(place).initial")
  }
}
