import Longwave
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Derivatives of fields against polynomials and waves, and their adjoints.
@Suite struct DerivativeTests {
  /// A field of one sample with values of a function of the coordinates i·h, channels 1, 2, … times
  /// as large.
  private func field(
    _ grid: [Int], _ spacings: [Double], channels: Int = 2, _ value: ([Double]) -> Double
  ) -> Tensor {
    var elements: [Float] = []
    for point in 0..<Shape(grid).count {
      var rest = point
      var coordinates: [Double] = []
      for (size, spacing) in zip(grid, spacings).reversed() {
        coordinates.insert(Double(rest % size) * spacing, at: 0)
        rest /= size
      }
      for channel in 1...channels { elements.append(Float(Double(channel) * value(coordinates))) }
    }
    return Tensor(elements, shape: Shape([1] + grid + [channels]))
  }

  private func error(_ a: Tensor, _ b: Tensor) -> Double {
    Double((a - b).maximumMagnitude()) / Double(max(1, b.maximumMagnitude()))
  }

  @Test(arguments: [4, 5, 9]) func parabolaIsExactUpToItsEnds(count: Int) {
    let spacings = [0.5, 0.25]
    let differences = FiniteDifferences(spacings: spacings, isPeriodic: [false])
    let grid = [count, 6]
    let x = field(grid, spacings) { $0[0] * $0[0] - 3 * $0[1] * $0[1] + $0[0] * $0[1] }
    let slope = field(grid, spacings) { 2 * $0[0] + $0[1] }
    #expect(error(differences.derivative(x, axis: 0), slope) < 1e-5)
    let slopeY = field(grid, spacings) { -6 * $0[1] + $0[0] }
    #expect(error(differences.derivative(x, axis: 1), slopeY) < 1e-5)
    let second = field(grid, spacings) { _ in 2 }
    #expect(error(differences.derivative(x, axis: 0, order: 2), second) < 1e-4)
    let laplacian = field(grid, spacings) { _ in -4 }
    #expect(error(differences.laplacian(Variable(x)).value, laplacian) < 1e-4)
  }

  @Test(arguments: [1, 2, 3, 7, 8]) func wavesHaveTheSymbolOfTheDifferences(count: Int) {
    let h = 1 / Double(count)
    let differences = FiniteDifferences(spacings: [h])
    let x = field([count], [h]) { sin(2 * Double.pi * $0[0] + 0.3) }
    let first = field([count], [h]) {
      cos(2 * Double.pi * $0[0] + 0.3) * sin(2 * Double.pi * h) / h
    }
    #expect(error(differences.derivative(x, axis: 0), first) < 1e-5)
    let second = field([count], [h]) {
      sin(2 * Double.pi * $0[0] + 0.3) * (2 * cos(2 * Double.pi * h) - 2) / (h * h)
    }
    #expect(error(differences.derivative(x, axis: 0, order: 2), second) < 1e-5)
  }

  @Test(arguments: [true, false], [[4], [5], [9, 4], [4, 6, 5]])
  func adjointsOfDifferences(isPeriodic: Bool, grid: [Int]) {
    var random = RandomSource(seed: 3)
    let differences = FiniteDifferences(
      spacings: grid.indices.map { 0.5 + 0.25 * Double($0) }, isPeriodic: [isPeriodic])
    let shape = Shape([2] + grid + [3])
    for axis in grid.indices {
      for order in 1...2 {
        let error = GradientCheck.adjointError(
          of: { differences.derivative($0, axis: axis, order: order) }, at: shape, using: &random)
        #expect(error < 1e-6, "axis \(axis) order \(order)")
      }
    }
    let laplacian = GradientCheck.adjointError(
      of: { differences.laplacian($0) }, at: shape, using: &random)
    #expect(laplacian < 1e-6)
  }

  @Test func vectorCalculusIdentities() {
    var random = RandomSource(seed: 4)
    let differences = FiniteDifferences(spacings: [0.5, 0.25, 1])
    // Differences along different axes commute, so curl grad and div curl vanish.
    let scalar = Variable(Tensor(normal: [2, 5, 4, 6, 1], using: &random))
    #expect(differences.curl(differences.gradient(scalar)).value.maximumMagnitude() < 1e-4)
    let vector = Variable(Tensor(normal: [2, 5, 4, 6, 3], using: &random))
    #expect(differences.divergence(differences.curl(vector)).value.maximumMagnitude() < 1e-4)
    let plane = Variable(Tensor(normal: [2, 5, 4, 2], using: &random))
    let flat = FiniteDifferences(spacings: [0.5, 0.25])
    let expected =
      flat.derivative(plane.value.sliced(axis: -1, 1..<2), axis: 0)
      - flat.derivative(plane.value.sliced(axis: -1, 0..<1), axis: 1)
    #expect(flat.curl(plane).value == expected)
  }

  @Test(arguments: [1, 2, 5, 8]) func spectralDerivativesOfWavesAreExact(count: Int) {
    let (length, other) = (2.0, 3.0)
    let spacings = [length / Double(count), other / 7]
    let derivative = SpectralDerivative(lengths: [length, other])
    let k = 2 * Double.pi * Double((count - 1) / 2) / length
    let l = 2 * Double.pi * 2 / other
    func wave(_ m: Int, _ n: Int) -> Tensor {
      field([count, 7], spacings) { point in
        // The m-th derivative of sin is sin shifted by m quarter periods.
        pow(k, Double(m)) * sin(k * point[0] + 0.4 + Double(m) * Double.pi / 2) * pow(l, Double(n))
          * sin(l * point[1] + Double(n) * Double.pi / 2)
      }
    }
    for order in 0...4 {
      #expect(
        error(derivative.derivative(wave(0, 0), axis: 0, order: order), wave(order, 0)) < 1e-4)
      #expect(
        error(derivative.derivative(wave(0, 0), axis: 1, order: order), wave(0, order)) < 1e-4)
    }
    let laplacian = derivative.laplacian(Variable(wave(0, 0))).value
    #expect(error(laplacian, wave(2, 0) + wave(0, 2)) < 1e-4)
  }

  @Test(arguments: [[1], [6], [7], [4, 5], [3, 4, 6]]) func adjointsOfSpectralDerivatives(
    grid: [Int]
  ) {
    var random = RandomSource(seed: 6)
    let derivative = SpectralDerivative(lengths: grid.map { _ in 6 })
    for axis in grid.indices {
      for order in 1...3 {
        let error = GradientCheck.adjointError(
          of: { derivative.derivative($0, axis: axis, order: order) }, at: Shape([2] + grid + [3]),
          using: &random)
        #expect(error < 1e-6, "axis \(axis) order \(order)")
      }
    }
  }
}
