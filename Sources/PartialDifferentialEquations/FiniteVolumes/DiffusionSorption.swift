#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Diffusion with sorption, R(u)·u_t = D·u_xx, R(u) = 1 + (1 - φ)/φ·ρ·k·n·u^(n - 1).
///
/// A solute diffuses through pores and sticks to the grain (Freundlich's isotherm); u = 1 at the
/// lower end and u = -D·u_x at the upper one, the sign with which nothing flows in there. The
/// defaults are those of PDEBench on (0, 1) up to time 500 (Takamoto et al. 2022, section D.4).
///
/// With θ(u) = u + (1 - φ)/φ·ρ·k·uⁿ the equation is θ_t = D·u_xx: finite volumes that conserve θ, and
/// an L-stable implicit Runge–Kutta method of second order (Alexander 1977) with steps that grow
/// with time, Newton's method and a tridiagonal elimination for each stage. PDEBench takes an
/// explicit method with some 1e5 steps.
public struct DiffusionSorption: EvolutionEquation, Hashable, Codable {
  /// D, above 0, in length²/time.
  public var diffusivity: Double
  /// φ, between 0 and 1.
  public var porosity: Double
  /// ρ, the density of the grain.
  public var bulkDensity: Double
  /// k, of Freundlich's isotherm k·uⁿ.
  public var isothermFactor: Double
  /// n, of Freundlich's isotherm, above 0 and at most 1.
  public var isothermExponent: Double
  /// The longest step.
  public var timeStep: Double

  /// Creates the equation.
  public init(
    diffusivity: Double = 5e-4, porosity: Double = 0.29, bulkDensity: Double = 2880,
    isothermFactor: Double = 3.5e-4, isothermExponent: Double = 0.874, timeStep: Double = 0.5
  ) {
    (self.diffusivity, self.porosity, self.bulkDensity) = (diffusivity, porosity, bulkDensity)
    (self.isothermFactor, self.isothermExponent) = (isothermFactor, isothermExponent)
    self.timeStep = timeStep
  }

  /// What each component of the field is.
  public var componentNames: [String] { ["u"] }

  /// Steps are at most this part of the time passed: the solution starts as a function of x/√t.
  private static let growth = 0.02
  private static let firstTime = 1e-3

  /// Solves the equation from time 0; `EvolutionEquation.solve(from:at:)` has the terms.
  public func solve(
    from initial: GridField, at times: [Double]
  ) throws(EquationError) -> Trajectory {
    let place = "DiffusionSorption"
    try EquationError.unlessPositive(diffusivity, "\(place).diffusivity")
    try EquationError.unless(
      porosity > 0 && porosity <= 1, "\(place).porosity", expected: "a number in (0, 1]",
      got: "\(porosity)")
    try EquationError.unlessNotNegative(bulkDensity, "\(place).bulkDensity")
    try EquationError.unlessNotNegative(isothermFactor, "\(place).isothermFactor")
    try EquationError.unless(
      isothermExponent > 0 && isothermExponent <= 1, "\(place).isothermExponent",
      expected: "a number in (0, 1]", got: "\(isothermExponent)")
    try initial.check(place, ranks: 1...1, points: [.cells], components: 1)
    try EquationError.unless(
      initial.values.allSatisfy { $0 >= 0 }, "\(place).initial", expected: "values of 0 or above",
      got: "\(initial.values.min() ?? 0)")
    let march = try TimeMarch(place, times: times)
    try march.check(step: timeStep)
    var steps = ImplicitSorptionSteps(
      self, spacing: initial.grid.axes[0].spacing, initial: initial.values)
    var frames: [Double] = []
    var now = 0.0
    for time in times {
      while now < time {
        let longest = min(timeStep, Self.growth * (now + Self.firstTime))
        let remaining = time - now
        let step = longest >= remaining ? remaining : min(longest, 0.5 * remaining)
        try EquationError.unless(
          steps.advance(step), "\(place).solve at time \(now)",
          expected: "Newton's method to converge; a smaller timeStep may make it",
          got: "none after \(ImplicitSorptionSteps.iterationLimit) iterations")
        now = step == remaining ? time : now + step
      }
      frames += steps.u
    }
    return Trajectory(
      grid: initial.grid, componentNames: componentNames, times: times, values: frames)
  }

  /// (1 - φ)/φ·ρ·k.
  var sorption: Double { (1 - porosity) / porosity * bulkDensity * isothermFactor }
}

/// The implicit steps of diffusion with sorption.
struct ImplicitSorptionSteps {
  static let iterationLimit = 50
  /// Values below count as this one, where the isotherm has an infinite slope.
  private static let floor = 1e-14

  private(set) var u: [Double]
  private let equation: DiffusionSorption
  private let strength: Double
  private let exponent: Double
  private let rate: Double
  private let leftFactor: Double
  private let rightFactor: Double
  private var content: [Double]
  private var factors: [Double]
  private var change: [Double]

  init(_ equation: DiffusionSorption, spacing: Double, initial: [Double]) {
    self.equation = equation
    u = initial.map { max($0, Self.floor) }
    (strength, exponent) = (equation.sorption, equation.isothermExponent)
    rate = equation.diffusivity / (spacing * spacing)
    // Half a spacing to the ends: twice the conductance to the value 1, and to -D·u_x in series.
    leftFactor = 2
    rightFactor = 2 / (1 + 2 * equation.diffusivity / spacing)
    content = u
    (factors, change) = (u, u)
    content = u.map { $0 + strength * pow($0, exponent) }
  }

  private func flow(_ u: [Double], _ cell: Int) -> Double {
    let last = u.count - 1
    let before = cell == 0 ? leftFactor * (1 - u[0]) : u[cell - 1] - u[cell]
    let after = cell == last ? -rightFactor * u[last] : u[cell + 1] - u[cell]
    return rate * (before + after)
  }

  /// One step; false if Newton's method does not converge.
  mutating func advance(_ step: Double) -> Bool {
    let gamma = 1 - 0.5.squareRoot()
    var first = u
    guard solveStage(&first, rightSide: content, weight: gamma * step) else { return false }
    let rightSide = content.indices.map {
      content[$0] + (1 - gamma) * step * flow(first, $0)
    }
    var second = first
    guard solveStage(&second, rightSide: rightSide, weight: gamma * step) else { return false }
    // The method is stiffly accurate: its last stage is the result. The content follows from the
    // flows, which conserves it whatever Newton's method has left over.
    for cell in content.indices {
      content[cell] = rightSide[cell] + gamma * step * flow(second, cell)
    }
    u = second
    return true
  }

  /// Solves θ(v) - weight·flow(v) = rightSide.
  private mutating func solveStage(
    _ v: inout [Double], rightSide: [Double], weight: Double
  ) -> Bool {
    let count = v.count
    let coupling = weight * rate
    for _ in 0..<Self.iterationLimit {
      // Elimination of the tridiagonal system for the change of v.
      for cell in 0..<count {
        let power = strength * pow(v[cell], exponent)
        let residual = rightSide[cell] + weight * flow(v, cell) - v[cell] - power
        let ends =
          (cell == 0 ? leftFactor : 1) + (cell == count - 1 ? rightFactor : 1)
        var pivot = 1 + exponent * power / v[cell] + coupling * ends
        var right = residual
        if cell > 0 {
          pivot -= coupling * factors[cell - 1]
          right += coupling * change[cell - 1]
        }
        factors[cell] = coupling / pivot
        change[cell] = right / pivot
      }
      for cell in stride(from: count - 2, through: 0, by: -1) {
        change[cell] += factors[cell] * change[cell + 1]
      }
      var largest = 0.0
      for cell in 0..<count {
        let next = max(v[cell] + change[cell], 0.1 * v[cell], Self.floor)
        largest = max(largest, abs(next - v[cell]))
        v[cell] = next
      }
      if largest <= 1e-12 { return true }
      if !largest.isFinite { return false }
    }
    return false
  }
}
