import Longwave
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Residuals of equations at exact solutions, and their gradients.
@Suite struct EquationLossTests {
  /// The travelling wave u = 1 - tanh((x - t)/(4ν))/2 + … of Burgers' equation, c = 1.
  private func front(_ times: Int, _ points: Int, viscosity: Double) -> Tensor {
    var elements: [Float] = []
    for i in 0..<times {
      for j in 0..<points {
        let (t, x) = (Double(i) / Double(times - 1), 4 * Double(j) / Double(points) - 1.5)
        elements.append(Float(1 - tanh((x - t) / (2 * viscosity))))
      }
    }
    return Tensor(elements, shape: [1, times, points, 1])
  }

  @Test func burgersResidualOfAFrontVanishesWithTheSpacing() {
    let viscosity = 0.5
    let loss = BurgersLoss(viscosity: viscosity, lengths: [1, 4], isPeriodic: false)
    let residuals = [16, 32, 64].map { n in
      Double(
        loss(Variable(front(n, 2 * n, viscosity: viscosity)), Variable(Tensor(zeros: [1]))).value
          .scalar)
    }
    // Differences of second order inside: the square falls like the fourth power, and like at
    // least the third with the ends.
    #expect(residuals[1] < residuals[0] / 8 && residuals[2] < residuals[1] / 8)
    #expect(residuals[2] < 1e-5)
    // The wrong viscosity leaves a residual.
    let wrong = BurgersLoss(viscosity: 0.1, lengths: [1, 4], isPeriodic: false)
    #expect(
      wrong(Variable(front(64, 128, viscosity: viscosity)), Variable(Tensor(zeros: [1]))).value
        .scalar > 1e-3)
  }

  @Test func darcyResidualOfAParabolaIsZero() {
    // a = 1 + x, u = x²: ∇·(a∇u) = 2 + 4x, which the scheme meets exactly.
    let n = 6
    let h = 1 / Double(n - 1)
    func grid(_ value: (Double) -> Double) -> Tensor {
      Tensor(
        (0..<n * n).map { Float(value(Double($0 / n) * h)) }, shape: [1, n, n, 1])
    }
    let u = Variable(grid { $0 * $0 })
    let a = Variable(grid { 1 + $0 })
    let source = grid { -(2 + 4 * $0) }
    #expect(DarcyLoss()(u, coefficient: a, source: source).value.scalar < 1e-8)
    // Where the source is off by 1 everywhere the mean square is 1.
    let off = DarcyLoss()(u, coefficient: a, source: source + 1).value.scalar
    #expect(abs(off - 1) < 1e-4)
  }

  @Test(arguments: [true, false], [[5], [4, 5], [4, 3, 5]])
  func fluxIsBilinearWithExactGradients(isPeriodic: Bool, grid: [Int]) {
    var random = RandomSource(seed: 2)
    let shape = Shape([2] + grid + [2])
    let a = Tensor(normal: shape, using: &random)
    let spacings = grid.map { _ in 0.5 }
    let inU = GradientCheck.adjointError(
      of: {
        $0.divergenceOfFlux(coefficient: Variable(a), spacings: spacings, isPeriodic: isPeriodic)
      }, at: shape, using: &random)
    #expect(inU < 1e-6)
    let inA = GradientCheck.adjointError(
      of: {
        Variable(a, on: $0.tape).divergenceOfFlux(
          coefficient: $0, spacings: spacings, isPeriodic: isPeriodic)
      }, at: shape, using: &random)
    #expect(inA < 1e-6)
  }

  @Test func gradientsOfTheLosses() {
    var random = RandomSource(seed: 3)
    let fields = [
      Tensor(normal: [2, 5, 6, 1], using: &random), Tensor(normal: [2, 5, 6, 1], using: &random),
    ]
    let losses: [any FieldLoss] = [
      BurgersLoss(viscosity: 0.05), BurgersLoss(viscosity: 0.05, isPeriodic: false),
      InitialConditionLoss(), BoundaryConditionLoss(),
    ]
    for loss in losses {
      let error = GradientCheck.directionalError(
        of: { loss($0[0], $0[1]) }, at: fields, using: &random)
      #expect(error < 2e-3, "\(loss)")
    }
    let source = fields[1]
    let error = GradientCheck.directionalError(
      of: { DarcyLoss()($0[0], coefficient: $0[1], source: source) }, at: fields, using: &random)
    #expect(error < 2e-3)
  }

  @Test func conditionsLookAtTheirPointsOnly() {
    var x = Tensor(zeros: [1, 3, 4, 1])
    let zeros = Variable(x)
    x[0, 0, 2, 0] = 2
    #expect(InitialConditionLoss()(Variable(x), zeros).value.scalar == 1)
    // 10 of 12 points are on the boundary; one of them is off by 2.
    #expect(abs(BoundaryConditionLoss()(Variable(x), zeros).value.scalar - 0.4) < 1e-6)
    x = Tensor(zeros: [1, 3, 4, 1])
    x[0, 1, 1, 0] = 5
    #expect(InitialConditionLoss()(Variable(x), zeros).value.scalar == 0)
    #expect(BoundaryConditionLoss()(Variable(x), zeros).value.scalar == 0)
  }
}
