import Foundation
import PartialDifferentialEquations
import SequenceTensor
import Testing

@Suite struct FiniteVolumeTests {
  private func total(_ values: [Double]) -> Double { values.reduce(0, +) }

  @Test func shocksTravelAtTheirSpeedAndMassIsKept() throws {
    // A step from 1 to 0 at x = 0.5 moves at 1/2; the fan from 0 to 1 opens at 0.
    let grid = SpatialGrid([200], points: .cells)
    let step = GridField(grid: grid) { $0[0] < 0.5 && $0[0] > 0.1 ? 1 : 0 }
    let solution = try ShockCapturingBurgers().solve(from: step, at: [0.4])
    let expected = GridField(grid: grid) { point in
      let x = point[0]
      return x < 0.1 || x > 0.7 ? 0 : x < 0.5 ? (x - 0.1) / 0.4 : 1
    }
    let error = total(zip(solution.values, expected.values).map { abs($0 - $1) }) / 200
    #expect(error < 5e-3, "\(error)")
    #expect(abs(total(solution.values) - total(step.values)) < 1e-10)
    #expect(solution.values.allSatisfy { $0 >= -1e-12 && $0 <= 1 + 1e-12 })
  }

  @Test func smoothWavesConvergeAtSecondOrder() throws {
    for speed in [1.0, -2] {
      let errors = try [64, 128].map { count in
        let grid = SpatialGrid([count])
        let wave = GridField(grid: grid) { sin(2 * .pi * $0[0]) }
        let solution = try ShockCapturingAdvection(speed: speed).solve(from: wave, at: [1])
        return total(zip(solution.values, wave.values).map { abs($0 - $1) }) / Double(count)
      }
      #expect(log2(errors[0] / errors[1]) > 1.7, "\(errors)")
    }
  }

  @Test func viscosityIsThatOfTheSpectralEquation() throws {
    let wave = GridField(grid: SpatialGrid([128])) { sin(2 * .pi * $0[0]) }
    let volumes = try ShockCapturingBurgers(viscosity: 0.05).solve(from: wave, at: [0.3])
    let modes = try BurgersEquation(viscosity: 0.05).solve(from: wave, at: [0.3])
    #expect(relativeError(volumes.values, modes.values) < 5e-3)
  }

  @Test func aDamBreaksAsStokerFound() throws {
    // Depths 2 and 1, g = 1: between the waves √h solves 2(√2 - √h) = (h - 1)·√((h + 1)/(2h)).
    var (low, high) = (1.0, 2.0)
    for _ in 0..<60 {
      let h = 0.5 * (low + high)
      let gap = 2 * (2.0.squareRoot() - h.squareRoot()) - (h - 1) * ((h + 1) / (2 * h)).squareRoot()
      if gap > 0 { low = h } else { high = h }
    }
    for axis in 0..<2 {
      var sizes = [3, 3]
      sizes[axis] = 160
      let grid = SpatialGrid(sizes, lower: -2.5, upper: 2.5, points: .cells)
      let depth = GridField(grid: grid) { $0[axis] < 0 ? 2 : 1 }
      let rest = depth.values.map { _ in 0.0 }
      let initial = GridField(grid: grid, componentValues: [depth.values, rest, rest])
      let solution = try ShallowWater().solve(from: initial, at: [1])
      // Some way behind the shock and before the fan, at x = 0.3.
      let line = axis == 0 ? 89 * 3 + 1 : 160 + 89
      let (found, momentum) = (
        solution[0].component(0)[line], solution[0].component(1 + axis)[line]
      )
      #expect(abs(found - low) < 2e-3, "\(found) \(low)")
      let speed = 2 * (2.0.squareRoot() - low.squareRoot())
      #expect(abs(momentum / found - speed) < 2e-3)
      #expect(solution[0].component(2 - axis).allSatisfy { abs($0) < 1e-12 })
    }
  }

  @Test func roundWavesAreSymmetricAndKeepTheirWater() throws {
    let grid = SpatialGrid([24, 24], lower: -2.5, upper: 2.5, points: .cells)
    let initial = try RadialDamBreak().sample(on: grid, seed: 4, index: 0)
    let solution = try ShallowWater().solve(from: initial, at: [0, 0.5])
    #expect(solution[0].values == initial.values)
    let depth = solution[1].component(0)
    #expect(abs(total(depth) - total(initial.component(0))) < 1e-10)
    let asymmetry = (0..<24 * 24).reduce(0.0) { largest, cell in
      let (row, column) = (cell / 24, cell % 24)
      return max(
        largest, abs(depth[cell] - depth[column * 24 + row]),
        abs(depth[cell] - depth[(23 - row) * 24 + column]))
    }
    #expect(asymmetry < 1e-12)
    let dry = GridField(grid: grid, components: 3, values: initial.values.map { _ in 0 })
    let error = thrownError { () throws(EquationError) in
      try ShallowWater().solve(from: dry, at: [1])
    }
    #expect(error?.got == "0.0")
  }

  @Test func diffusionWithoutSorptionIsAnErrorFunction() throws {
    let equation = DiffusionSorption(isothermFactor: 0)
    let grid = SpatialGrid([200], points: .cells)
    let solution = try equation.solve(
      from: GridField(grid: grid) { _ in 0 }, at: [20, 100_000])
    let expected = GridField(grid: grid) { erfc($0[0] / (2 * (5e-4 * 20).squareRoot())) }
    #expect(relativeError(solution[0].values, expected.values) < 1e-3)
    // At last a line from 1 to where u = -D·u_x.
    let slope = 1 / (1 + 5e-4)
    let steady = GridField(grid: grid) { 1 - slope * $0[0] }
    #expect(relativeError(solution[1].values, steady.values) < 1e-6)
  }

  @Test func sorptionConvergesAtSecondOrderInTime() throws {
    let grid = SpatialGrid([24], points: .cells)
    let initial = GridField(grid: grid) { _ in 0.1 }
    // Steps below the growth with time all along do not differ; so from long steps only.
    let values = try [4.0, 2, 0.125].map { step in
      try DiffusionSorption(timeStep: step).solve(from: initial, at: [400]).values
    }
    let errors = [relativeError(values[0], values[2]), relativeError(values[1], values[2])]
    #expect(errors[0] < 1e-3 && errors[1] < 0.5 * errors[0], "\(errors)")
    // Sorption holds the front back by about √R: compare with no sorption.
    let free = try DiffusionSorption(isothermFactor: 0).solve(from: initial, at: [400]).values
    #expect(values[2][12] < free[12])
  }
}
