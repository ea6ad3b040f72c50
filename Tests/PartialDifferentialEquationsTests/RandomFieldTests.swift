import Foundation
import PartialDifferentialEquations
import SequenceTensor
import TestSupport
import Testing

@Suite struct RandomFieldTests {
  /// The mean over samples of the square of the product with a function.
  private func power(
    _ field: some RandomField, on grid: SpatialGrid, _ function: ([Double]) -> Double
  ) throws -> Double {
    let mode = GridField(grid: grid, function).values
    let samples = try field.samples(0..<400, on: grid, seed: 11)
    return samples.reduce(0) { sum, sample in
      let product = zip(sample.values, mode).reduce(0) { $0 + $1.0 * $1.1 } / Double(mode.count)
      return sum + product * product / 400
    }
  }

  @Test func modesHaveTheirVariance() throws {
    // Products with the orthonormal √2·cos(4πx): σ²(k² + τ²)^-γ, 400 samples being right to 7 %.
    let square = 16 * Double.pi * Double.pi
    let found = try power(GaussianRandomField.burgersOfPaper, on: SpatialGrid([32])) {
      2.0.squareRoot() * cos(4 * .pi * $0[0])
    }
    #expect(abs(found / (625 / pow(square + 25, 2)) - 1) < 0.25)
    let plane = try power(GaussianRandomField.vorticity, on: SpatialGrid([12, 12])) {
      2.0.squareRoot() * sin(2 * .pi * ($0[0] - 2 * $0[1]))
    }
    let expected = 343 / pow(20 * .pi * .pi + 49, 2.5)
    #expect(abs(plane / expected - 1) < 0.25, "\(plane / expected)")
    let cells = SpatialGrid([10, 8], points: .cells)
    let darcy = try power(GaussianRandomField.permeability, on: cells) {
      2 * cos(.pi * $0[0]) * cos(2 * .pi * $0[1])
    }
    #expect(abs(darcy / (9 / pow(5 * .pi * .pi + 9, 2)) - 1) < 0.25)
    let edge = try power(GaussianRandomField.permeability, on: cells) {
      2.0.squareRoot() * cos(3 * .pi * $0[1])
    }
    #expect(abs(edge / (9 / pow(9 * .pi * .pi + 9, 2)) - 1) < 0.25)
  }

  @Test func aFinerGridContinuesTheSeries() throws {
    // The same function at shared points once the further modes are too small to see.
    let smooth = GaussianRandomField(scale: 1e6, exponent: 14, inverseLength: 2)
    for boundary in BoundaryCondition.allCases {
      var field = smooth
      field.boundary = boundary
      let points: SpatialGrid.Points = boundary == .periodic ? .periodic : .nodes
      let extra = boundary == .periodic ? 0 : 1
      let coarse = try field.sample(
        on: SpatialGrid([16 + extra, 24 + extra], points: points), seed: 3, index: 5)
      let fine = try field.sample(
        on: SpatialGrid([32 + extra, 48 + extra], points: points), seed: 3, index: 5)
      let shared = try fine.thinned(by: 2)
      #expect(relativeError(shared.values, coarse.values) < 1e-6, "\(boundary)")
      if boundary == .dirichlet {
        #expect(coarse.values.prefix(25).allSatisfy { $0 == 0 })
        #expect(coarse.largestMagnitude > 0)
      }
    }
  }

  @Test func samplesDependOnTheirIndexAlone() throws {
    let grid = SpatialGrid([9, 8])
    let field = GaussianRandomField.vorticity
    let many = try withThreads(3) { try field.samples(2..<6, on: grid, seed: 9) }
    let few = try withThreads(1) { try field.samples(4..<5, on: grid, seed: 9) }
    #expect(many[2] == few[0] && many[1] != many[2])
    let other = try field.sample(on: grid, seed: 10, index: 4)
    #expect(other != few[0])
  }

  @Test func everyModeOfAGridIsReached() throws {
    // White coefficients: the variance of a point is the number of functions. The highest sine at
    // cells is ±√2 there and counts twice.
    let white = GaussianRandomField(
      scale: 1, exponent: 0, inverseLength: 1, includesConstant: true)
    for (grid, boundary, functions) in [
      (SpatialGrid([5, 3]), BoundaryCondition.periodic, 15.0),
      (SpatialGrid([4, 3], points: .cells), .neumann, 12),
      (SpatialGrid([5, 4], points: .cells), .dirichlet, 30),
    ] {
      var field = white
      field.boundary = boundary
      let samples = try field.samples(0..<300, on: grid, seed: 1)
      let mean = samples.reduce(0) { sum, sample in
        sum + sample.values.reduce(0) { $0 + $1 * $1 } / Double(sample.values.count * 300)
      }
      #expect(abs(mean / functions - 1) < 0.1, "\(boundary) \(mean)")
    }
  }

  @Test func sineWavesStayInTheirRange() throws {
    let grid = SpatialGrid([64])
    let unit = try RandomSineWaves(isUnitRange: true).samples(0..<50, on: grid, seed: 2)
    #expect(unit.allSatisfy { $0.values.min() == 0 && $0.values.max() == 1 })
    let folded = try RandomSineWaves(changeProbability: 1).samples(0..<20, on: grid, seed: 2)
    for sample in folded {
      // Folded to one sign, and cut off at both ends.
      #expect(sample.values.allSatisfy { $0 >= 0 } || sample.values.allSatisfy { $0 <= 0 })
      #expect(abs(sample.values[2]) < 1e-3 && abs(sample.values[61]) < 1e-3)
    }
    let plain = try RandomSineWaves(waves: 1, highestMode: 1, changeProbability: 0).sample(
      on: grid, seed: 2, index: 1)
    let size = plain.largestMagnitude
    #expect(size > 0 && size <= 1 && abs(plain.values.reduce(0, +)) < 1e-12)
  }

  @Test func fewModesAndDiffusedNoise() throws {
    let fine = try TruncatedFourierField(highestMode: 3).sample(
      on: SpatialGrid([40]), seed: 1, index: 0)
    let coarse = try TruncatedFourierField(highestMode: 3).sample(
      on: SpatialGrid([8]), seed: 1, index: 0)
    let shared = try fine.thinned(by: 5)
    #expect(relativeError(shared.values, coarse.values) < 1e-13)
    let noise = try DiffusedNoise(isNormalised: true).sample(
      on: SpatialGrid([128]), seed: 1, index: 0)
    let square = noise.values.reduce(0) { $0 + $1 * $1 } / 128
    #expect(abs(square - 1) < 1e-12 && abs(noise.values.reduce(0, +)) < 1e-10)
  }

  @Test func processesHaveTheirCovariance() throws {
    let grid = SpatialGrid([12], points: .nodes)
    let samples = try KernelGaussianProcess().samples(0..<2000, on: grid, seed: 3)
    let covariance = samples.reduce(0) { $0 + $1.values[3] * $1.values[6] / 2000 }
    let distance = 3.0 / 11
    #expect(abs(covariance - exp(-distance * distance / 0.08)) < 0.08, "\(covariance)")
    let ring = try KernelGaussianProcess(kernel: .periodic, length: 1).sample(
      on: SpatialGrid([64]), seed: 1, index: 0)
    #expect(abs(ring.values[0] - ring.values[63]) < 0.5)
  }

  @Test func permeabilityTakesItsTwoValues() throws {
    let grid = SpatialGrid([16, 16], points: .nodes)
    let paper = try PermeabilityField.ofPaper.sample(on: grid, seed: 1, index: 2)
    #expect(Set(paper.values) == [3, 12])
    let lognormal = try PermeabilityField.lognormal.sample(on: grid, seed: 1, index: 2)
    #expect(
      zip(paper.values, lognormal.values).allSatisfy { ($0 == 12) == ($1 >= 1) })
  }
}
