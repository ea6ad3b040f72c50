/// The shallow-water equations in two dimensions by finite volumes.
///
/// h_t + ∇·(h·v) = 0 and (h·v)_t + ∇·(h·v⊗v + g·h²/2) = 0 for the depth h and the momenta h·v over
/// a flat bottom; the components are h, h·v_x and h·v_y at the centres of cells. Waves leave
/// through the boundary. Reconstruction with the monotonised central limiter, the flux of Harten,
/// Lax and van Leer, and Heun's method. PDEBench has a round dam that breaks on (-2.5, 2.5)², with
/// g = 1 (Takamoto et al. 2022, section D.6); its scheme is Roe's with the same limiter.
public struct ShallowWater: EvolutionEquation, Hashable, Codable {
  /// g, above 0.
  public var gravity: Double
  /// The part of a spacing that a wave crosses in a step, above 0 and at most 0.5.
  public var courantNumber: Double

  /// Creates the equations.
  public init(gravity: Double = 1, courantNumber: Double = 0.4) {
    (self.gravity, self.courantNumber) = (gravity, courantNumber)
  }

  /// What each component of the field is.
  public var componentNames: [String] { ["depth", "momentum x", "momentum y"] }

  /// Solves the equation from time 0; `EvolutionEquation.solve(from:at:)` has the terms.
  public func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    let place = "ShallowWater"
    try EquationError.unlessPositive(gravity, "\(place).gravity")
    try EquationError.unless(
      courantNumber > 0 && courantNumber <= 0.5, "\(place).courantNumber",
      expected: "a number above 0, at most 0.5", got: "\(courantNumber)")
    try initial.check(place, ranks: 2...2, points: [.cells], components: 3)
    let least = initial.component(0).min() ?? 0
    try EquationError.unless(
      least > 0, "\(place).initial", expected: "depths above 0", got: "\(least)")
    let march = try TimeMarch(place, times: times)
    let steps = ShallowWaterSteps(initial, gravity: gravity)
    var frames: [Double] = []
    frames.reserveCapacity(times.count * initial.values.count)
    var now = 0.0
    for time in march.times {
      while now < time {
        let rate = steps.crossings
        try EquationError.unless(
          rate.isFinite, "\(place).solve at time \(now)", expected: "finite values",
          got: "values that are not")
        let remaining = time - now
        let wanted = courantNumber / rate
        try march.check(step: min(wanted, remaining))
        let step = wanted >= remaining ? remaining : remaining / (remaining / wanted).rounded(.up)
        withQuickSmallNumbers { steps.advance(step) }
        now = step == remaining ? time : now + step
      }
      frames += steps.values
    }
    return Trajectory(
      grid: initial.grid, componentNames: componentNames, times: times, values: frames)
  }
}
