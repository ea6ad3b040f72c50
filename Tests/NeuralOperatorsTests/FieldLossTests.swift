import Longwave
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Losses of fields against exact values, computations in double precision and differences.
@Suite struct FieldLossTests {
  @Test func constantErrorHasNormOneOnTheUnitDomain() {
    let zeros = Variable(Tensor(zeros: [10, 4, 4, 1]))
    let ones = Variable(Tensor(repeating: 1, shape: [10, 4, 4, 1]))
    #expect(LpLoss(isRelative: false, reduction: .mean)(zeros, ones).value.scalar == 1)
    #expect(LpLoss(isRelative: false, reduction: .sum)(zeros, ones).value.scalar == 10)
    #expect(H1Loss(isRelative: false, reduction: .mean)(zeros, ones).value.scalar == 1)
    #expect(H1Loss(isRelative: false, reduction: .mean)(ones, ones).value.scalar == 0)
    #expect(MeanSquaredErrorLoss(reduction: .sum)(zeros, ones).value.scalar == 10)
  }

  @Test func rampHasTheRootOfItsMeanSquare() {
    let ramp = Variable(Tensor((0..<16).map { Float($0 % 4 + 1) }, shape: [1, 4, 4, 1]))
    let zeros = Variable(Tensor(zeros: [1, 4, 4, 1]))
    for reduction in FieldReduction.allCases {
      let loss = LpLoss(isRelative: false, reduction: reduction)
      #expect(abs(Double(loss(ramp, zeros).value.scalar) - 7.5.squareRoot()) < 1e-6)
    }
  }

  @Test func h1NormOfAWaveIsThatOfItsDifferences() {
    // Central differences multiply sin(2πkx) by sin(2πk/n)·n; its mean square is 1/2.
    let (n, k) = (24, 3)
    let wave = Tensor(
      (0..<n).map { Float(sin(2 * Double.pi * Double(k * $0) / Double(n))) }, shape: [1, n, 1])
    let slope = Double(n) * sin(2 * Double.pi * Double(k) / Double(n))
    let found = H1Loss(isRelative: false)(Variable(wave), Variable(Tensor(zeros: [1, n, 1])))
    let expected = (0.5 * (1 + slope * slope)).squareRoot()
    #expect(abs(Double(found.value.scalar) / expected - 1) < 1e-6)
  }

  @Test(arguments: [[5], [8], [4, 5], [6, 3], [3, 4, 5]])
  func sobolevLossOfAWaveIsClosed(grid: [Int]) {
    // The error is a wave of frequency κ = (1, 1, …), the target a constant c.
    let points = Shape(grid).count
    let c = 3.0
    var values: [Float] = []
    for point in 0..<points {
      var (rest, phase) = (point, 0.0)
      for size in grid.reversed() {
        phase += Double(rest % size) / Double(size)
        rest /= size
      }
      values.append(Float(c + cos(2 * Double.pi * phase)))
    }
    let x = Variable(Tensor(values, shape: Shape([1] + grid + [1])))
    let y = Variable(Tensor(repeating: Float(c), shape: Shape([1] + grid + [1])))
    let square = Double(grid.count)
    let relative = 0.5.squareRoot() / c
    for order in 0...2 {
      let weights = [0.5, 2].prefix(order)
      let sum = weights.enumerated().reduce(1.0) {
        $0 + $1.1 * $1.1 * pow(square, Double($1.0 + 1))
      }
      let loss = SobolevLoss(order: order, weights: Array(weights))
      #expect(abs(Double(loss(x, y).value.scalar) / (relative * sum.squareRoot()) - 1) < 1e-5)
    }
    // Grouped, with the wave itself as the target of a doubled one: each quotient is 1.
    let wave = Variable(x.value + Float(-c))
    let grouped = SobolevLoss(order: 2, isGrouped: true)
    #expect(abs(grouped(Variable(wave.value * 2), wave).value.scalar - 1) < 1e-5)
  }

  @Test(arguments: FieldLossName.allCases, [[7], [4, 6], [4, 5, 4]])
  func gradientsOfBothFields(name: FieldLossName, grid: [Int]) {
    var random = RandomSource(seed: 5)
    let shape = Shape([2] + grid + [3])
    let fields = [Tensor(normal: shape, using: &random), Tensor(normal: shape, using: &random)]
    for scope in FieldScope.allCases {
      for reduction in FieldReduction.allCases {
        let loss = name.loss(reduction: reduction, scope: scope, isPeriodic: grid.count == 2)
        let error = GradientCheck.directionalError(
          of: { loss($0[0], $0[1]) }, at: fields, using: &random)
        #expect(error < 2e-3, "\(name) \(scope) \(reduction)")
      }
    }
  }

  @Test(arguments: [1, 1.5, 2, 3, 4], [true, false])
  func lpLossAgainstDoublePrecision(power: Double, isRelative: Bool) {
    var random = RandomSource(seed: 7)
    // More elements than a piece of a sum, and a channel count that is no power of two.
    let shape: Shape = [2, 6007, 3]
    let x = Tensor(normal: shape, using: &random)
    let y = Tensor(normal: shape, using: &random)
    for (scope, takesRoot) in [(FieldScope.channel, true), (.sample, true), (.channel, false)] {
      let loss = LpLoss(
        power: power, isRelative: isRelative, takesRoot: takesRoot, measure: [2], reduction: .sum,
        scope: scope)
      let reference: ([[Double]]) -> [Double] = { fields in
        var total = 0.0
        let entries = scope == .channel ? 3 : 1
        for entry in 0..<2 * entries {
          let (b, c) = (entry / entries, entry % entries)
          let indices = (b * 18021..<(b + 1) * 18021).filter { $0 % 3 == c || entries == 1 }
          let error = indices.reduce(0.0) { $0 + pow(abs(fields[0][$1] - fields[1][$1]), power) }
          let size = indices.reduce(0.0) { $0 + pow(abs(fields[1][$1]), power) }
          let exponent = takesRoot ? 1 / power : 1
          total +=
            isRelative
            ? pow(error, exponent) / (pow(size, exponent) + 1e-8)
            : pow(2.0 / 6007 * error, exponent)
        }
        return [total]
      }
      let doubles = [x, y].map { $0.elements.map(Double.init) }
      let expected = reference(doubles)[0]
      let found = Double(loss(Variable(x), Variable(y)).value.scalar)
      #expect(abs(found / expected - 1) < 1e-6, "p \(power) \(scope)")
    }
  }

  @Test func equalFieldsHaveNoNaNInTheGradient() {
    let field = Tensor(repeating: 0.5, shape: [2, 4, 1])
    for name in FieldLossName.allCases {
      let tape = Tape()
      let (x, y) = (tape.variable(field), tape.variable(field))
      let function = name.loss()
      let loss = function(x, y)
      #expect(loss.value.scalar == 0)
      let gradients = tape.gradients(of: loss)
      #expect(gradients[x] == Tensor(zeros: field.shape), "\(name)")
    }
  }

  @Test func sumsDoNotDependOnThreads() {
    var random = RandomSource(seed: 9)
    let x = Variable(Tensor(normal: [3, 70, 90, 2], using: &random))
    let y = Variable(Tensor(normal: [3, 70, 90, 2], using: &random))
    func losses() -> [Tensor] {
      FieldLossName.allCases.map { name in
        let function = name.loss()
        return function(x, y).value
      }
    }
    #expect(withThreads(1, losses) == withThreads(4, losses))
  }

  @Test func weightsAddUp() {
    var random = RandomSource(seed: 10)
    let x = Variable(Tensor(normal: [2, 8, 1], using: &random))
    let y = Variable(Tensor(normal: [2, 8, 1], using: &random))
    let sum = WeightedSumLoss([(0.25, LpLoss()), (3, MeanSquaredErrorLoss())])
    let expected =
      0.25 * LpLoss()(x, y).value.scalar + 3 * MeanSquaredErrorLoss()(x, y).value.scalar
    #expect(abs(sum(x, y).value.scalar - expected) < 1e-6)
  }
}
