/// The steps of the shallow-water equations; the workspace of one solution.
final class ShallowWaterSteps {
  private let gravity: Double
  private let rows: Int
  private let columns: Int
  private let spacings: (Double, Double)
  /// Depth and momenta, each on a grid with two more cells on every side.
  private var state: [DoubleBuffer]
  private var predicted: [DoubleBuffer]
  private let rates: [DoubleBuffer]

  init(_ initial: GridField, gravity: Double) {
    self.gravity = gravity
    (rows, columns) = (initial.grid.axes[0].count, initial.grid.axes[1].count)
    spacings = (initial.grid.axes[0].spacing, initial.grid.axes[1].spacing)
    let count = (rows + 4) * (columns + 4)
    func buffers() -> [DoubleBuffer] { (0..<3).map { _ in DoubleBuffer(count: count) } }
    (state, predicted, rates) = (buffers(), buffers(), buffers())
    for row in 0..<rows {
      for column in 0..<columns {
        for component in 0..<3 {
          state[component].pointer[index(row, column)] =
            initial.values[(row * columns + column) * 3 + component]
        }
      }
    }
  }

  private func index(_ row: Int, _ column: Int) -> Int { (row + 2) * (columns + 4) + column + 2 }

  /// The values inside, `[x, y, component]`.
  var values: [Double] {
    var values: [Double] = []
    values.reserveCapacity(rows * columns * 3)
    for row in 0..<rows {
      for column in 0..<columns {
        for component in 0..<3 { values.append(state[component].pointer[index(row, column)]) }
      }
    }
    return values
  }

  /// How many cells the fastest wave crosses in a unit of time, both directions together.
  var crossings: Double {
    var largest = 0.0
    for row in 0..<rows {
      for column in 0..<columns {
        let cell = index(row, column)
        let depth = state[0].pointer[cell]
        let wave = (gravity * depth).squareRoot()
        let rate =
          (abs(state[1].pointer[cell] / depth) + wave) / spacings.0
          + (abs(state[2].pointer[cell] / depth) + wave) / spacings.1
        // A comparison that also catches what is no number.
        if !(rate <= largest) { largest = rate }
      }
    }
    return largest
  }

  /// One step of Heun's method.
  func advance(_ step: Double) {
    findRates(of: state)
    for component in 0..<3 {
      let (u, p, r) = (
        state[component].pointer, predicted[component].pointer, rates[component].pointer
      )
      for cell in 0..<state[component].count { p[cell] = u[cell] + step * r[cell] }
    }
    findRates(of: predicted)
    for component in 0..<3 {
      let (u, p, r) = (
        state[component].pointer, predicted[component].pointer, rates[component].pointer
      )
      for cell in 0..<state[component].count {
        u[cell] = 0.5 * (u[cell] + p[cell] + step * r[cell])
      }
    }
  }

  /// The cells beyond the boundary get the values of the nearest inside.
  private func extrapolate(_ fields: [DoubleBuffer]) {
    for field in fields.map(\.pointer) {
      for row in 0..<rows {
        for ghost in 1...2 {
          field[index(row, -ghost)] = field[index(row, 0)]
          field[index(row, columns - 1 + ghost)] = field[index(row, columns - 1)]
        }
      }
      for ghost in 1...2 {
        for column in -2..<columns + 2 {
          field[index(-ghost, column)] = field[index(0, column)]
          field[index(rows - 1 + ghost, column)] = field[index(rows - 1, column)]
        }
      }
    }
  }

  private func findRates(of fields: [DoubleBuffer]) {
    extrapolate(fields)
    for rate in rates { rate.pointer.update(repeating: 0, count: rate.count) }
    for row in 0..<rows {
      addFluxes(
        of: fields, normal: 2, start: index(row, 0), stride: 1, count: columns,
        scale: 1 / spacings.1)
    }
    for column in 0..<columns {
      addFluxes(
        of: fields, normal: 1, start: index(0, column), stride: columns + 4, count: rows,
        scale: 1 / spacings.0)
    }
  }

  /// The fluxes along one line of cells; `normal` is the component of momentum along it.
  private func addFluxes(
    of fields: [DoubleBuffer], normal: Int, start: Int, stride: Int, count: Int, scale: Double
  ) {
    let parts = [fields[0].pointer, fields[normal].pointer, fields[3 - normal].pointer]
    let targets = [rates[0].pointer, rates[normal].pointer, rates[3 - normal].pointer]
    for face in 0...count {
      let right = start + face * stride
      let left = right - stride
      let flux = riemannFlux(
        left: Self.reconstructed(parts, at: left, stride, side: 0.5),
        right: Self.reconstructed(parts, at: right, stride, side: -0.5))
      for (component, target) in targets.enumerated() {
        target[left] -= scale * flux[component]
        target[right] += scale * flux[component]
      }
    }
  }

  /// Depth, normal and transverse momentum half a spacing from a centre.
  private static func reconstructed(
    _ parts: [UnsafeMutablePointer<Double>], at cell: Int, _ stride: Int, side: Double
  ) -> SIMD4<Double> {
    func values(_ cell: Int) -> SIMD4<Double> {
      SIMD4(parts[0][cell], parts[1][cell], parts[2][cell], 0)
    }
    let here = values(cell)
    let (before, after) = (here - values(cell - stride), values(cell + stride) - here)
    // The monotonised central slope: the least of 2a, 2b and (a + b)/2 where a and b agree in sign.
    var slope = SIMD4<Double>(repeating: 0)
    for component in 0..<3 where before[component] * after[component] > 0 {
      let (a, b) = (before[component], after[component])
      let least = min(2 * abs(a), 2 * abs(b), 0.5 * abs(a + b))
      slope[component] = a > 0 ? least : -least
    }
    return here + side * slope
  }

  /// The flux of Harten, Lax and van Leer.
  private func riemannFlux(left: SIMD4<Double>, right: SIMD4<Double>) -> SIMD4<Double> {
    let (leftFlux, leftSpeed, leftWave) = physicalFlux(left)
    let (rightFlux, rightSpeed, rightWave) = physicalFlux(right)
    let slow = min(leftSpeed - leftWave, rightSpeed - rightWave)
    let fast = max(leftSpeed + leftWave, rightSpeed + rightWave)
    if slow >= 0 { return leftFlux }
    if fast <= 0 { return rightFlux }
    return (fast * leftFlux - slow * rightFlux + (fast * slow) * (right - left)) / (fast - slow)
  }

  private func physicalFlux(_ u: SIMD4<Double>) -> (SIMD4<Double>, Double, Double) {
    let (depth, speed) = (u[0], u[1] / u[0])
    let flux = SIMD4(u[1], u[1] * speed + 0.5 * gravity * depth * depth, u[2] * speed, 0)
    return (flux, speed, (gravity * depth).squareRoot())
  }
}
