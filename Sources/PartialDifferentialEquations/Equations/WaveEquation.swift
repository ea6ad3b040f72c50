#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The wave equation u_tt = c²·Δu in 1 to 3 dimensions, with u and v = u_t as components.
///
/// Solved exactly for the modes of the grid, in one step for each time: a mode of frequency
/// ω = c·|k| turns, u(t) = u·cos(ωt) + v·sin(ωt)/ω and v(t) = v·cos(ωt) - u·ω·sin(ωt).
public struct WaveEquation: EvolutionEquation, Hashable, Codable {
  /// c, in length/time.
  public var speed: Double
  /// What holds at the boundary; `.dirichlet` and `.neumann` take nodes or cells.
  public var boundary: BoundaryCondition

  /// Creates the equation.
  public init(speed: Double = 1, boundary: BoundaryCondition = .periodic) {
    (self.speed, self.boundary) = (speed, boundary)
  }

  /// What each component of the field is.
  public var componentNames: [String] { ["u", "v"] }

  /// Solves the equation from time 0; `EvolutionEquation.solve(from:at:)` has the terms.
  public func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    let place = "WaveEquation"
    try EquationError.unlessFinite(speed, "\(place).speed")
    try initial.check(place, ranks: 1...3, points: boundary.points, components: 2)
    let march = try TimeMarch(place, times: times)
    let transform = ModeTransform(initial.grid, boundary)
    let frequencies = transform.diagonal(
      transform.squaredWavenumbers.map { abs(speed) * $0.squareRoot() })
    let (size, points) = (transform.coefficientCount, initial.grid.pointCount)
    let (u, v) = (DoubleBuffer(count: size), DoubleBuffer(count: size))
    transform.analyse(initial.component(0), into: u.pointer)
    transform.analyse(initial.component(1), into: v.pointer)
    let (turnedU, turnedV) = (DoubleBuffer(count: size), DoubleBuffer(count: size))
    let values = DoubleBuffer(count: points)
    var frames = [Double](repeating: 0, count: march.times.count * initial.values.count)
    withQuickSmallNumbers {
      for (frame, time) in march.times.enumerated() {
        for index in 0..<size {
          let frequency = frequencies.factors[index]
          let (cosine, sine) = (cos(frequency * time), sin(frequency * time))
          let (a, b) = (u.pointer[index] * transform.scale, v.pointer[index] * transform.scale)
          turnedU.pointer[index] = a * cosine + b * (frequency == 0 ? time : sine / frequency)
          turnedV.pointer[index] = b * cosine - a * frequency * sine
        }
        for (component, turned) in [turnedU, turnedV].enumerated() {
          transform.synthesise(destroying: turned.pointer, into: values.pointer)
          for point in 0..<points {
            frames[(frame * points + point) * 2 + component] = values.pointer[point]
          }
        }
      }
    }
    return Trajectory(
      grid: initial.grid, componentNames: componentNames, times: times, values: frames)
  }
}
