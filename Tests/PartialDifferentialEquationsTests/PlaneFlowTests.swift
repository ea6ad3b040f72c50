import Foundation
import PartialDifferentialEquations
import SequenceTensor
import Testing

/// Navier–Stokes flows in the plane.
@Suite struct PlaneFlowTests {
  @Test func vorticesOfTaylorAndGreenDecay() throws {
    // An eigenfunction of the Laplacian moves nothing by its own flow; both schemes are to know.
    let grid = SpatialGrid([16, 20], upper: 2 * .pi)
    let vortices = GridField(grid: grid) { cos(2 * $0[0]) * cos(2 * $0[1]) }
    let expected = vortices.values.map { $0 * exp(-0.1 * 8 * 0.5) }
    let exponential = NavierStokesEquation(viscosity: 0.1, forcing: .none)
    let exact = try exponential.solve(from: vortices, at: [0.5])
    #expect(relativeError(exact.values, expected) < 1e-12)
    let original = NavierStokesEquation(
      viscosity: 0.1, forcing: .none, scheme: .crankNicolson, timeStep: 1e-2)
    let close = try original.solve(from: vortices, at: [0.5])
    #expect(relativeError(close.values, expected) < 1e-4)
  }

  @Test func dragAndForcingBalance() throws {
    // With w = f/(ν·|k|² + δ) of one shear mode nothing changes.
    let grid = SpatialGrid([8, 32], upper: 2 * .pi)
    let equation = NavierStokesEquation(
      viscosity: 1e-2, drag: 0.1, forcing: .kolmogorov(amplitude: 1, mode: 4))
    let steady = GridField(grid: grid) { -4 * cos(4 * $0[1]) / (1e-2 * 16 + 0.1) }
    let later = try equation.solve(from: steady, at: [0.3])
    #expect(relativeError(later.values, steady.values) < 1e-11)
  }

  @Test func theSchemesAgreeAndTheFirstIsOfFirstOrder() throws {
    // Smooth enough for the two to keep the same modes in effect.
    let smooth = GaussianRandomField(scale: 6e7, exponent: 8, inverseLength: 7)
    let initial = try smooth.sample(on: SpatialGrid([32, 32]), seed: 2, index: 0)
    let exact = try NavierStokesEquation(timeStep: 0.01).solve(from: initial, at: [0.2]).values
    let automatic = try NavierStokesEquation().solve(from: initial, at: [0.2]).values
    #expect(relativeError(automatic, exact) < 1e-5)
    let errors = try [0.02, 0.01].map { step in
      relativeError(
        try NavierStokesEquation(scheme: .crankNicolson, timeStep: step).solve(
          from: initial, at: [0.2]
        ).values, exact)
    }
    #expect(errors[1] < 5e-3 && abs(log2(errors[0] / errors[1]) - 1) < 0.2, "\(errors)")
  }

  @Test func aShearIsCarriedAlong() throws {
    // A uniform stream cannot be had from vorticity, a strong shear can: w small on top of it obeys
    // a transport whose sign and axes this checks, by short times in differences.
    let grid = SpatialGrid([32, 32], upper: 2 * .pi)
    let w = GridField(grid: grid) { cos($0[1]) + 0.5 * sin($0[0]) }
    let step = 1e-4
    let later = try NavierStokesEquation(viscosity: 0, forcing: .none, timeStep: step).solve(
      from: w, at: [step])
    // ψ = cos y + sin(x)/2, u = ψ_y = -sin y, v = -ψ_x = -cos(x)/2.
    let expected = GridField(grid: grid) { point in
      let (x, y) = (point[0], point[1])
      return -(-sin(y) * 0.5 * cos(x) - 0.5 * cos(x) * -sin(y))
    }
    let change = zip(later.values, w.values).map { ($0 - $1) / step }
    let error = zip(change, expected.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(error < 1e-3)
    // Modes of unequal wavenumbers are carried: w = cos y + cos 2x has u·∇w = (ψ_y)w_x - (ψ_x)w_y.
    let other = GridField(grid: grid) { cos($0[1]) + cos(2 * $0[0]) }
    let moved = try NavierStokesEquation(viscosity: 0, forcing: .none, timeStep: step).solve(
      from: other, at: [step])
    let transport = GridField(grid: grid) { point in
      let (x, y) = (point[0], point[1])
      // ψ = cos y + cos(2x)/4.
      return -(-sin(y) * -2 * sin(2 * x) + 0.5 * sin(2 * x) * -sin(y))
    }
    let rates = zip(moved.values, other.values).map { ($0 - $1) / step }
    #expect(relativeError(rates, transport.values) < 1e-3)
  }

  @Test func reactionsAgreeWithALineOfDifferentialEquations() throws {
    // The method of lines with a small explicit step, by a computation of its own.
    let grid = SpatialGrid(axes: [
      .init(lower: -1, upper: 1, count: 5, points: .cells),
      .init(lower: -1, upper: 1, count: 4, points: .cells),
    ])
    let initial = try WhiteNoise(components: 2).sample(on: grid, seed: 1, index: 0)
    let solution = try FitzHughNagumoSystem(timeStep: 0.005).solve(from: initial, at: [0.25])
    func rate(_ z: [Double]) -> [Double] {
      var rates = z
      for row in 0..<5 {
        for column in 0..<4 {
          for part in 0..<2 {
            func value(_ r: Int, _ c: Int) -> Double {
              z[(min(4, max(0, r)) * 4 + min(3, max(0, c))) * 2 + part]
            }
            let here = value(row, column)
            let laplacian =
              (value(row - 1, column) + value(row + 1, column) - 2 * here) / 0.16
              + (value(row, column - 1) + value(row, column + 1) - 2 * here) / 0.25
            let (u, v) = (z[(row * 4 + column) * 2], z[(row * 4 + column) * 2 + 1])
            rates[(row * 4 + column) * 2 + part] =
              part == 0 ? 1e-3 * laplacian + u - u * u * u - 5e-3 - v : 5e-3 * laplacian + u - v
          }
        }
      }
      return rates
    }
    var z = initial.values
    for _ in 0..<250 {
      let first = rate(z)
      let middle = rate(zip(z, first).map { $0 + 5e-4 * $1 })
      z = zip(z, middle).map { $0 + 1e-3 * $1 }
    }
    #expect(relativeError(solution.values, z) < 1e-5)
  }

  @Test func grayAndScottWithoutSpaceIsAPairOfRates() throws {
    let grid = SpatialGrid([4, 4])
    let points = [Double](repeating: 1, count: 16)
    let initial = GridField(
      grid: grid, componentValues: [points.map { 0.5 * $0 }, points.map { 0.25 * $0 }])
    let solution = try GrayScottSystem(timeStep: 0.05).solve(from: initial, at: [2])
    var (u, v) = (0.5, 0.25)
    func rate(_ u: Double, _ v: Double) -> (Double, Double) {
      (-u * v * v + 0.04 * (1 - u), u * v * v - 0.1 * v)
    }
    for _ in 0..<4000 {
      let first = rate(u, v)
      let middle = rate(u + 2.5e-4 * first.0, v + 2.5e-4 * first.1)
      (u, v) = (u + 5e-4 * middle.0, v + 5e-4 * middle.1)
    }
    #expect(abs(solution.values[0] - u) < 1e-7 && abs(solution.values[1] - v) < 1e-7)
  }
}
