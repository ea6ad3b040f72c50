internal import SequenceTensor

/// Fields whose spectra obey û' = L·û + M·F(f(u)), with f taken at each point of the grid.
///
/// Spectra lie one component after the other.
struct SpectralSystem {
  typealias Pointwise = (_ values: UnsafeMutablePointer<Double>, _ points: Int) -> Void

  let transform: ModeTransform
  let components: Int
  /// L for all components.
  let linear: Diagonal
  /// M for all components, with the transform's scale and zeros where products have aliases.
  let multiplier: Diagonal
  /// Which coefficients enter the products, for one component.
  let kept: Diagonal
  /// Replaces `[component, point]` values of u by f(u).
  let pointwise: Pointwise

  /// A system of one equation.
  ///
  /// - Parameters:
  ///   - degree: the degree of f; modes whose products would have aliases are left out.
  ///   - multiplier: M without scale.
  init(
    _ transform: ModeTransform, linear: Diagonal, degree: Int, multiplier: Diagonal,
    pointwise: @escaping Pointwise
  ) {
    self.init(
      transform, linear: [linear], degree: degree, multipliers: [multiplier], pointwise: pointwise)
  }

  /// A system of one equation for each of several components.
  init(
    _ transform: ModeTransform, linear: [Diagonal], degree: Int, multipliers: [Diagonal],
    pointwise: @escaping Pointwise
  ) {
    self.transform = transform
    components = linear.count
    self.linear = Self.joined(linear)
    let low = transform.diagonal(transform.lowModes(below: Self.keptFraction(degree: degree)))
    kept = low
    multiplier = Self.joined(
      multipliers.map { multiplier in
        var factors = multiplier.factors
        for index in factors.indices { factors[index] *= low.factors[index] * transform.scale }
        return Diagonal(factors: factors, isComplex: multiplier.isComplex)
      })
    self.pointwise = pointwise
  }

  /// The part of each axis' modes whose products of a degree have no aliases: 2 / (degree + 1).
  static func keptFraction(degree: Int) -> Double { 2 / Double(degree + 1) }

  private static func joined(_ parts: [Diagonal]) -> Diagonal {
    Diagonal(factors: parts.flatMap(\.factors), isComplex: parts.contains(where: \.isComplex))
  }

  /// The nonlinear term with its own memory, for one solution.
  func nonlinearity() -> ExponentialRungeKutta.Nonlinearity {
    let (points, size) = (transform.grid.pointCount, transform.coefficientCount)
    let scratch = DoubleBuffer(count: size)
    let values = DoubleBuffer(count: components * points)
    return { [transform, components, kept, pointwise, multiplier] state, result in
      for component in 0..<components {
        kept.multiply(state + component * size, into: scratch.pointer)
        transform.synthesise(
          destroying: scratch.pointer, into: values.pointer + component * points)
      }
      pointwise(values.pointer, points)
      for component in 0..<components {
        transform.analyse(values.pointer + component * points, into: result + component * size)
      }
      multiplier.multiply(result, into: result)
    }
  }

  /// The spectra of a field.
  func spectrum(of field: GridField) -> DoubleBuffer {
    let state = DoubleBuffer(count: components * transform.coefficientCount)
    for component in 0..<components {
      let target = state.pointer + component * transform.coefficientCount
      transform.analyse(field.component(component), into: target)
    }
    for index in 0..<state.count { state.pointer[index] *= transform.scale }
    return state
  }

  /// The values of spectra, `[x, (y, (z,)) components]`.
  func values(of state: DoubleBuffer) -> [Double] {
    let (points, size) = (transform.grid.pointCount, transform.coefficientCount)
    let scratch = DoubleBuffer(count: size)
    let grid = DoubleBuffer(count: points)
    var values = [Double](repeating: 0, count: components * points)
    for component in 0..<components {
      scratch.pointer.update(from: state.pointer + component * size, count: size)
      transform.synthesise(destroying: scratch.pointer, into: grid.pointer)
      for point in 0..<points { values[point * components + component] = grid.pointer[point] }
    }
    return values
  }

  /// Solves the system by exponential time differencing.
  func solve(
    _ place: String, from initial: GridField, names: [String], march: TimeMarch,
    longestStep: Double, order: Int
  ) throws(EquationError) -> Trajectory {
    let state = spectrum(of: initial)
    let integrator = ExponentialRungeKutta(
      order: order, linear: linear, nonlinearity: nonlinearity())
    var frames: [Double] = []
    frames.reserveCapacity(march.times.count * initial.values.count)
    var lastStep = longestStep
    try march.run(longestStep: longestStep) { steps, step throws(EquationError) in
      lastStep = step
      withQuickSmallNumbers { integrator.advance(state, steps: steps, step: step) }
    } record: { () throws(EquationError) in
      try EquationError.unless(
        state.isFinite,
        "\(place).solve at time \(march.times[frames.count / initial.values.count])",
        expected: "finite values; a smaller timeStep may give them",
        got: "values that are not, with steps of \(lastStep)")
      frames += values(of: state)
    }
    return Trajectory(
      grid: initial.grid, componentNames: names, times: march.times, values: frames)
  }
}

/// Runs `body` as every loop over samples does, with numbers below the normal range as zero.
///
/// A solution then has the same bits alone and among others, and spectra that decay far cost no
/// more than others.
func withQuickSmallNumbers(_ body: () -> Void) {
  Parallel.forEach(tasks: 1) { _, _ in body() }
}
