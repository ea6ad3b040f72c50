/// u_t + f(u)_x = ν·u_xx on a periodic interval by finite volumes.
///
/// Piecewise linear reconstruction with van Leer's limiter, the flux of a Riemann problem at each
/// face, central differences for diffusion and Heun's method (a strong stability preserving
/// Runge–Kutta method of second order).
struct ConservationLaw {
  let place: String
  /// The flux between a left and a right value.
  let faceFlux: (_ left: Double, _ right: Double) -> Double
  /// The speed of waves at a value.
  let speed: (Double) -> Double
  let viscosity: Double
  let courantNumber: Double
  let timeStep: Double?

  func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    try EquationError.unless(
      courantNumber > 0 && courantNumber <= 1, "\(place).courantNumber",
      expected: "a number above 0, at most 1", got: "\(courantNumber)")
    if let timeStep { try EquationError.unlessPositive(timeStep, "\(place).timeStep") }
    try EquationError.unlessNotNegative(viscosity, "\(place).viscosity")
    try initial.check(place, ranks: 1...1, points: [.periodic, .cells], components: 1)
    let march = try TimeMarch(place, times: times)
    let spacing = initial.grid.axes[0].spacing
    var state = initial.values
    var frames: [Double] = []
    frames.reserveCapacity(times.count * state.count)
    var workspace = Workspace(count: state.count)
    var now = 0.0
    for time in march.times {
      while now < time {
        let limit = stableStep(state, spacing)
        if let timeStep, timeStep > limit / courantNumber {
          throw EquationError(
            place: "\(place).timeStep", expected: "at most \(limit / courantNumber) at time \(now)",
            got: "\(timeStep)")
        }
        let remaining = time - now
        let wanted = timeStep ?? limit
        try march.check(step: min(wanted, remaining))
        // The rest of an interval in equal steps, so that none is tiny.
        let step = wanted >= remaining ? remaining : remaining / (remaining / wanted).rounded(.up)
        advance(&state, step: step, spacing, &workspace)
        now = step == remaining ? time : now + step
        try EquationError.unless(
          state.allSatisfy(\.isFinite), "\(place).solve at time \(now)", expected: "finite values",
          got: "values that are not")
      }
      frames += state
    }
    return Trajectory(
      grid: initial.grid, componentNames: ["u"], times: times, values: frames)
  }

  private func stableStep(_ state: [Double], _ spacing: Double) -> Double {
    let fastest = state.reduce(0) { max($0, abs(speed($1))) }
    let rate = fastest / spacing + 2 * viscosity / (spacing * spacing)
    return rate > 0 ? courantNumber / rate : .greatestFiniteMagnitude
  }

  private struct Workspace {
    var slopes: [Double]
    var fluxes: [Double]
    var predicted: [Double]

    init(count: Int) {
      slopes = [Double](repeating: 0, count: count)
      (fluxes, predicted) = (slopes, slopes)
    }
  }

  private func advance(
    _ state: inout [Double], step: Double, _ spacing: Double, _ workspace: inout Workspace
  ) {
    let count = state.count
    let ratio = step / spacing
    findFluxes(of: state, spacing, &workspace)
    for cell in 0..<count {
      let before = workspace.fluxes[cell == 0 ? count - 1 : cell - 1]
      workspace.predicted[cell] = state[cell] - ratio * (workspace.fluxes[cell] - before)
    }
    findFluxes(of: workspace.predicted, spacing, &workspace)
    for cell in 0..<count {
      let before = workspace.fluxes[cell == 0 ? count - 1 : cell - 1]
      let corrected = workspace.predicted[cell] - ratio * (workspace.fluxes[cell] - before)
      state[cell] = 0.5 * (state[cell] + corrected)
    }
  }

  /// The flux to the right of every cell.
  private func findFluxes(of u: [Double], _ spacing: Double, _ workspace: inout Workspace) {
    let count = u.count
    for cell in 0..<count {
      let (before, after) = (
        u[cell] - u[cell == 0 ? count - 1 : cell - 1], u[cell == count - 1 ? 0 : cell + 1] - u[cell]
      )
      workspace.slopes[cell] = before * after > 0 ? 2 * before * after / (before + after) : 0
    }
    for cell in 0..<count {
      let next = cell == count - 1 ? 0 : cell + 1
      let convected = faceFlux(
        u[cell] + 0.5 * workspace.slopes[cell], u[next] - 0.5 * workspace.slopes[next])
      workspace.fluxes[cell] = convected - viscosity * (u[next] - u[cell]) / spacing
    }
  }
}
