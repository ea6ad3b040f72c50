import Longwave
import TestSupport
import Testing

/// Normalisers against two-pass formulas, their inverses and their gradients.
@Suite struct NormalizerTests {
  private func data(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
    var random = RandomSource(seed: seed)
    return Tensor(normal: shape, mean: 30, deviation: 2, using: &random)
  }

  @Test(arguments: NormalizerScope.allCases, [[7], [3, 4], [2, 3, 5]])
  func statisticsAreThoseOfTwoPasses(scope: NormalizerScope, grid: [Int]) {
    let channels = 3
    let fields = data(Shape([6] + grid + [channels]))
    let normalizer = UnitGaussianNormalizer(fitting: fields, scope: scope)
    let size = fields.count / 6
    let slots = scope == .channel ? channels : scope == .point ? size : 1
    #expect(normalizer.mean.value.count == slots)
    for slot in 0..<slots {
      let values = fields.elements.indices.filter { $0 % slots == slot }
        .map { Double(fields.elements[$0]) }
      let mean = values.reduce(0, +) / Double(values.count)
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (square / Double(values.count - 1)).squareRoot()
      #expect(abs(Double(normalizer.mean.value.elements[slot]) - mean) < 1e-5)
      #expect(abs(Double(normalizer.deviation.value.elements[slot]) / deviation - 1) < 1e-6)
    }
    let normalized = normalizer.normalized(fields)
    #expect(abs(normalized.mean()) < 1e-5)
    if scope != .point {
      #expect(abs(normalized.sumOfSquares() / Double(fields.count) - 1) < 0.15)
    }
    let back = normalizer.denormalized(normalized)
    #expect((back - fields).maximumMagnitude() < 2e-5)
  }

  @Test(arguments: NormalizerScope.allCases) func partsFitLikeTheWhole(scope: NormalizerScope) {
    let fields = data([10, 5, 4, 3])
    let whole = UnitGaussianNormalizer(fitting: fields, scope: scope)
    var statistics = FieldStatistics(scope: scope)
    for range in [0..<1, 1..<2, 2..<6, 6..<6, 6..<10] {
      statistics.add(fields.sliced(axis: 0, range))
    }
    let parts = UnitGaussianNormalizer(statistics)
    #expect((parts.mean.value - whole.mean.value).maximumMagnitude() < 4e-6)
    #expect((parts.deviation.value - whole.deviation.value).maximumMagnitude() < 1e-6)
    let wholeRange = RangeNormalizer(fitting: fields, scope: scope)
    let partRange = RangeNormalizer(statistics)
    #expect(partRange.minimum.value == wholeRange.minimum.value)
    #expect(partRange.maximum.value == wholeRange.maximum.value)
  }

  @Test(arguments: NormalizerScope.allCases) func rangeMapsItsDataOntoTheRange(
    scope: NormalizerScope
  ) {
    let fields = data([5, 6, 2])
    let normalizer = RangeNormalizer(fitting: fields, scope: scope, range: -1...3)
    let normalized = normalizer.normalized(fields)
    #expect(abs(normalized.maximum() - 3) < 1e-4 && abs((-normalized).maximum() - 1) < 1e-4)
    #expect((normalizer.denormalized(normalized) - fields).maximumMagnitude() < 1e-4)
    let known = RangeNormalizer(
      scope: scope, minimum: normalizer.minimum.value, maximum: normalizer.maximum.value,
      range: -1...3)
    #expect(known.normalized(fields) == normalized)
  }

  @Test func constantDataStaysFinite() {
    let fields = Tensor(repeating: 4, shape: [3, 5, 1])
    let range = RangeNormalizer(fitting: fields)
    #expect(range.normalized(fields) == Tensor(zeros: fields.shape))
    #expect(range.denormalized(Tensor(zeros: fields.shape)) == fields)
    let gaussian = UnitGaussianNormalizer(fitting: fields)
    #expect(gaussian.normalized(fields) == Tensor(zeros: fields.shape))
    // A single sample has no deviation at a point, and not NaN.
    let single = UnitGaussianNormalizer(fitting: data([1, 4, 2]), scope: .point)
    #expect(single.deviation.value == Tensor(zeros: [4, 2]))
  }

  @Test func anotherResolutionSuitsStatisticsByChannelOnly() {
    let fields = data([4, 6, 6, 2])
    let finer = data([2, 12, 12, 2], seed: 2)
    for name in FieldNormalizerName.allCases {
      var statistics = FieldStatistics(scope: name.scope)
      statistics.add(fields)
      let normalizer = AnyFieldNormalizer(name, statistics)
      #expect(normalizer.accepts(fields.shape))
      #expect(normalizer.accepts(finer.shape) == (name != .point))
      #expect(normalizer.accepts([4, 6, 6, 3]) == (name == .field))
      if name == .point { continue }
      let there = normalizer.denormalized(normalizer.normalized(finer))
      #expect((there - finer).maximumMagnitude() < 1e-4)
    }
  }

  @Test(arguments: FieldNormalizerName.allCases) func gradientsAndNames(name: FieldNormalizerName) {
    var statistics = FieldStatistics(scope: name.scope)
    statistics.add(data([4, 5, 3]))
    let normalizer = AnyFieldNormalizer(name, statistics)
    var random = RandomSource(seed: 3)
    for function in [normalizer.normalized, normalizer.denormalized] as [(Variable) -> Variable] {
      // Without its constant term the map is linear.
      let constant = function(Variable(Tensor(zeros: [2, 5, 3])))
      let error = GradientCheck.adjointError(
        of: { function($0) - constant }, at: [2, 5, 3], using: &random)
      #expect(error < 1e-5)
    }
    let names = normalizer.parameters.map(\.name)
    switch name {
    case .none: #expect(names.isEmpty)
    case .range: #expect(names == ["min", "max"])
    default: #expect(names == ["mean", "std"])
    }
    #expect(normalizer.parameterCount == 0)
    expectEveryParameterVisited(normalizer)
  }
}
