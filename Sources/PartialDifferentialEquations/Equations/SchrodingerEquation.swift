internal import SequenceTensor
internal import SpectralCore

/// The nonlinear Schrödinger equation i·h_t + δ·Δh + γ·|h|²·h = 0, periodic in 1 to 3 dimensions.
///
/// The components are the real and the imaginary part of h. Fourier modes with 1/2 dealiasing for
/// the cube, and exponential time differencing. With the default δ = 1/2, γ = 1 the solitons on a
/// line are a·sech(a(x - c·t))·exp(i(c·x + (a² - c²)·t/2)).
public struct SchrodingerEquation: EvolutionEquation, Hashable, Codable {
  /// δ, in length²/time.
  public var dispersion: Double
  /// γ, above 0 for focusing.
  public var nonlinearity: Double
  /// The longest step; nil chooses one from the initial field.
  public var timeStep: Double?
  /// The order of the time stepping, 1 to 4.
  public var order: Int

  /// Creates the equation.
  public init(
    dispersion: Double = 0.5, nonlinearity: Double = 1, timeStep: Double? = nil, order: Int = 4
  ) {
    (self.dispersion, self.nonlinearity) = (dispersion, nonlinearity)
    (self.timeStep, self.order) = (timeStep, order)
  }

  /// What each component of the field is.
  public var componentNames: [String] { ["real", "imaginary"] }

  /// Solves the equation from time 0; `EvolutionEquation.solve(from:at:)` has the terms.
  public func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    let place = "SchrodingerEquation"
    try EquationError.unlessFinite(dispersion, "\(place).dispersion")
    try EquationError.unlessFinite(nonlinearity, "\(place).nonlinearity")
    try EquationError.unless(
      (1...4).contains(order), "\(place).order", expected: "1, 2, 3 or 4", got: "\(order)")
    try initial.check(place, ranks: 1...3, points: [.periodic], components: 2)
    let march = try TimeMarch(place, times: times)
    let grid = initial.grid
    let points = grid.pointCount
    let transform = DoubleComplexTransform.plan(grid.shape)
    let state = DoubleBuffer(count: 2 * points)
    transform.execute(.forward, from: initial.values, to: state.pointer)
    for index in 0..<state.count { state.pointer[index] /= Double(points) }

    let integrator = ExponentialRungeKutta(
      order: order, linear: linear(grid), nonlinearity: nonlinearTerm(grid, transform))
    let values = DoubleBuffer(count: 2 * points)
    var frames: [Double] = []
    try march.run(longestStep: timeStep ?? automaticStep(initial, march)) {
      steps, step throws(EquationError) in
      withQuickSmallNumbers { integrator.advance(state, steps: steps, step: step) }
    } record: { () throws(EquationError) in
      try EquationError.unless(
        state.isFinite, "\(place).solve",
        expected: "finite values; a smaller timeStep may give them",
        got: "values that are not")
      transform.execute(.inverse, from: state.pointer, to: values.pointer)
      frames += values.array
    }
    return Trajectory(grid: grid, componentNames: componentNames, times: times, values: frames)
  }

  private func automaticStep(_ initial: GridField, _ march: TimeMarch) -> Double {
    let magnitude = initial.largestMagnitude
    let longest = max(march.longestInterval, .leastNormalMagnitude)
    // The square of a focused peak is a few times that of the field it comes from.
    let rate = 4 * abs(nonlinearity) * magnitude * magnitude
    return rate > 0 ? min(longest, 0.05 / rate) : longest
  }

  private func linear(_ grid: SpatialGrid) -> Diagonal {
    let squares = Self.overModes(grid) { axis, mode in
      let k = 2 * Double.pi * Double(mode) / axis.length
      return k * k
    }
    return Diagonal(factors: squares.flatMap { [0, -dispersion * $0] }, isComplex: true)
  }

  private func nonlinearTerm(
    _ grid: SpatialGrid, _ transform: DoubleComplexTransform
  ) -> ExponentialRungeKutta.Nonlinearity {
    let points = grid.pointCount
    let dropped = Self.overModes(grid) { axis, mode in
      4 * abs(mode) < axis.count ? 0 : 1
    }
    let kept = Diagonal(
      factors: dropped.flatMap { $0 == 0 ? [1.0, 1.0] : [0.0, 0.0] }, isComplex: false)
    let (scratch, values) = (DoubleBuffer(count: 2 * points), DoubleBuffer(count: 2 * points))
    let factor = nonlinearity / Double(points)
    return { state, result in
      kept.multiply(state, into: scratch.pointer)
      transform.execute(.inverse, from: scratch.pointer, to: values.pointer)
      let h = values.pointer
      for point in stride(from: 0, to: 2 * points, by: 2) {
        let (real, imaginary) = (h[point], h[point + 1])
        let turn = factor * (real * real + imaginary * imaginary)
        (h[point], h[point + 1]) = (-turn * imaginary, turn * real)
      }
      transform.execute(.forward, from: h, to: result)
      kept.multiply(result, into: result)
    }
  }

  /// A function of an axis' signed mode number, summed over the axes, in row-major order.
  private static func overModes(
    _ grid: SpatialGrid, _ function: (SpatialGrid.Axis, Int) -> Double
  ) -> [Double] {
    grid.axes.reduce([0]) { sums, axis in
      let terms = (0..<axis.count).map { index in
        function(axis, 2 * index <= axis.count ? index : index - axis.count)
      }
      return sums.flatMap { sum in terms.map { sum + $0 } }
    }
  }
}
