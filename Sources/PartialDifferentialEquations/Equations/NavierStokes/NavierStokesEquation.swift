internal import SequenceTensor

/// The Navier–Stokes equations of an incompressible flow in two periodic dimensions, by vorticity.
///
/// w_t + u·∇w = ν·Δw - δ·w + f with u = (ψ_y, -ψ_x), -Δψ = w. The field is the vorticity w on
/// a grid `[x, y]`; the forcing f is one of `VorticityForcing`.
///
/// Published settings: Li et al. 2021, section 5.3, on (0, 1)² with
/// f = 0.1(sin 2π(x + y) + cos 2π(x + y)), ν of 1e-3 to 1e-5 and w(0) ~ N(0, 7³(-Δ + 49)^-2.5);
/// Kolmogorov flow on (0, 2π)² with ν = 1e-3, δ = 0.1 and f = -4·cos 4y.
public struct NavierStokesEquation: EvolutionEquation, Equatable {
  /// How time is stepped.
  public enum Scheme: Sendable, Hashable, Codable {
    /// Viscosity and drag exactly, transport and forcing by exponential time differencing of order
    /// 1 to 4, without aliases.
    case exponential(order: Int)
    /// Crank–Nicolson for viscosity and explicit Euler for the rest, of first order: the scheme
    /// of `ns_2d.py` of Li et al. to the rounding error, its mean mode decaying as if |k|² were 1,
    /// the 2/3 rule for the product only. The data sets are made with steps of 1e-4. Drag counts
    /// as viscosity does. For grids with even counts.
    case crankNicolson
  }

  /// ν, 0 or above, in length²/time.
  public var viscosity: Double
  /// δ, 0 or above, in 1/time: the friction on large scales.
  public var drag: Double
  /// f.
  public var forcing: VorticityForcing
  /// How time is stepped.
  public var scheme: Scheme
  /// The longest step.
  ///
  /// Nil takes 1e-4 for `.crankNicolson`. For `.exponential` a step is then such that the flow
  /// crosses at most 0.4 of a spacing, found anew for each frame.
  public var timeStep: Double?

  /// Creates the equation, with the first of the published forcings by default.
  public init(
    viscosity: Double = 1e-3, drag: Double = 0,
    forcing: VorticityForcing = .diagonalWaves(amplitude: 0.1),
    scheme: Scheme = .exponential(order: 4), timeStep: Double? = nil
  ) {
    (self.viscosity, self.drag, self.forcing) = (viscosity, drag, forcing)
    (self.scheme, self.timeStep) = (scheme, timeStep)
  }

  /// What each component of the field is.
  public var componentNames: [String] { ["vorticity"] }

  /// Solves the equation from time 0; `EvolutionEquation.solve(from:at:)` has the terms.
  public func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    let place = "NavierStokesEquation"
    try EquationError.unlessNotNegative(viscosity, "\(place).viscosity")
    try EquationError.unlessNotNegative(drag, "\(place).drag")
    try initial.check(place, ranks: 2...2, points: [.periodic], components: 1, fewest: 4)
    let march = try TimeMarch(place, times: times)
    let values = try forcing.values(on: initial.grid, place: place)
    let solver: any VorticityStepping
    switch scheme {
    case .exponential(let order):
      try EquationError.unless(
        (1...4).contains(order), "\(place).scheme", expected: "order 1, 2, 3 or 4",
        got: "\(order)")
      solver = ExponentialVorticitySteps(self, order: order, grid: initial.grid, forcing: values)
    case .crankNicolson:
      try EquationError.unless(
        initial.grid.axes.allSatisfy { $0.count % 2 == 0 }, "\(place).grid",
        expected: "even counts for the scheme crankNicolson", got: "\(initial.grid.shape)")
      solver = CrankNicolsonVorticitySteps(self, grid: initial.grid, forcing: values)
    }
    return try solve(from: initial, march: march, by: solver)
  }

  private func solve(
    from initial: GridField, march: TimeMarch, by solver: any VorticityStepping
  ) throws(EquationError) -> Trajectory {
    let place = "\(march.place).solve"
    let transform = solver.transport.transform
    let state = DoubleBuffer(count: transform.coefficientCount)
    transform.analyse(initial.values, into: state.pointer)
    for index in 0..<state.count { state.pointer[index] *= transform.scale }
    let spectrum = DoubleBuffer(count: state.count)
    let values = DoubleBuffer(count: initial.values.count)
    var frames: [Double] = []
    frames.reserveCapacity(march.times.count * initial.values.count)
    var now = 0.0
    for time in march.times {
      if time > now {
        let longest = timeStep ?? solver.automaticStep(state, interval: time - now)
        try march.check(step: longest)
        let steps = max(1, Int(((time - now) / longest * (1 - 1e-12)).rounded(.up)))
        let step = (time - now) / Double(steps)
        withQuickSmallNumbers { solver.advance(state, steps: steps, step: step) }
        try EquationError.unless(
          state.isFinite, "\(place) at time \(time)",
          expected: "finite values; a smaller timeStep may give them",
          got: "values that are not, with steps of \(step)")
        now = time
      }
      spectrum.pointer.update(from: state.pointer, count: state.count)
      transform.synthesise(destroying: spectrum.pointer, into: values.pointer)
      frames += values.array
    }
    return Trajectory(
      grid: initial.grid, componentNames: componentNames, times: march.times, values: frames)
  }
}
