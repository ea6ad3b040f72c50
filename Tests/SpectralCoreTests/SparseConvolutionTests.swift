import SequenceTensor
import SpectralCore
import TestSupport
import Testing

/// Filters that keep some blocks of their spectrum, against the filters that this makes of them.
@Suite struct SparseConvolutionTests {
  static let problems = [
    ConvolutionProblem(length: 9, taps: 9, boundary: .causal),
    ConvolutionProblem(length: 37, taps: 37, boundary: .causal),
    ConvolutionProblem(length: 100, taps: 199, boundary: .twoSided),
    ConvolutionProblem(length: 251, taps: 60, boundary: .causal),
    ConvolutionProblem(length: 337, taps: 337, boundary: .causal),
  ]

  /// Patterns that cut one level or all of them, at halves and in between.
  static func patterns(_ levels: [Int]) -> [SparsityPattern] {
    let cuts: [(Int) -> Int] = [
      { ($0 + 1) / 2 }, { max(1, $0 / 8) }, { _ in 1 }, { max(1, $0 - 1) }, { $0 / 2 + 1 },
    ]
    let single = levels.indices.flatMap { level in
      cuts.map { cut in
        levels.indices.map { $0 == level ? cut(levels[$0]) : levels[$0] }
      }
    }
    return (single + cuts.map { levels.map($0) } + [levels]).map {
      SparsityPattern(levels: levels, kept: $0)
    }
  }

  @Test(arguments: problems) func matchesTheMaskedSpectrum(problem: ConvolutionProblem) {
    let plan = ConvolutionPlanner.frequencySparsePlan(problem)
    var random = RandomSource(seed: UInt64(problem.length))
    for (index, pattern) in Self.patterns(plan.frequencyLevels).enumerated() {
      let channels = [3, 17, 2][index % 3]
      let o = ConvolutionTests.operands(
        batch: 1 + index % 3, length: problem.length, channels: channels, gates: index % 8,
        &random)
      let filter = Tensor(normal: [problem.taps, channels], using: &random)
      let dy = Tensor(normal: o.input.shape, using: &random)
      let ring = RingOracle(pattern)
      let taps = ring.effectiveTaps(filter, problem)
      let oracle = DirectOracle(
        ConvolutionProblem(
          length: problem.length, taps: 2 * problem.length - 1, boundary: .twoSided))
      let spectrum = plan.spectrum(of: filter, keeping: pattern)
      let found = plan.gradients(of: dy, o, spectrum)
      let expected = oracle.gradients(dy, o, taps)
      let scale = Double(o.input.shape[0] * problem.length).squareRoot()
      func expect(
        _ tensor: Tensor?, _ reference: [Double], atLeast: Double = 0, _ name: String
      ) {
        guard let tensor else { return }
        #expect(
          relativeError(tensor.elements, reference, atLeast: atLeast) < 2e-6,
          "\(name), \(problem), \(pattern), gates \(index % 8)")
      }
      expect(plan(o, spectrum), oracle.forward(o, taps), "output")
      expect(found.input, expected.input, "input")
      expect(
        found.filter, ring.filterGradient(expected.filter, problem, channels: channels),
        atLeast: scale * pattern.keptFraction.squareRoot(), "filter")
      expect(found.skip, expected.skip, atLeast: scale, "skip")
      expect(found.preGate, expected.preGate, "pre-gate")
      expect(found.postGate, expected.postGate, "post-gate")
      #expect((found.skip == nil) == (o.skip == nil))
    }
  }

  /// Three levels, one of the outer ones in the middle, on one thread and on several.
  @Test func longSequences() {
    let problem = ConvolutionProblem(length: 16_384, taps: 16_384, boundary: .causal)
    let plan = ConvolutionPlanner.frequencySparsePlan(problem)
    let levels = plan.frequencyLevels
    #expect(levels.count >= 3)
    var random = RandomSource(seed: 4)
    let input = Tensor(normal: [1, problem.length, 1], using: &random)
    let filter = Tensor(normal: [problem.taps, 1], using: &random)
    let dy = Tensor(normal: input.shape, using: &random)
    let two = ConvolutionProblem(
      length: problem.length, taps: 2 * problem.length - 1, boundary: .twoSided)
    let rows = Array(stride(from: 0, to: problem.length, by: 601))
    for kept in [levels.map { max(1, $0 / 2) }, levels.map { max(1, $0 - 3) }] {
      let pattern = SparsityPattern(levels: levels, kept: kept)
      let taps = RingOracle(pattern).effectiveTaps(filter, problem)
      let oracle = SampledOracle(two, input: input, filter: taps, outputGradient: dy)
      let spectrum = plan.spectrum(of: filter, keeping: pattern)
      func results(_ threads: Int) -> [Tensor] {
        withThreads(threads) {
          let gradients = plan.gradients(of: dy, ConvolutionOperands(input: input), spectrum)
          return [
            plan(ConvolutionOperands(input: input), spectrum), gradients.input, gradients.filter,
          ]
        }
      }
      let found = results(1)
      for (a, b) in zip(found, results(3)) { #expect(bitsEqual(a, b)) }
      #expect(relativeError(oracle.rows(found[0], rows), oracle.outputs(rows)) < 5e-6)
      #expect(relativeError(oracle.rows(found[1], rows), oracle.inputGradients(rows)) < 5e-6)
      // The gradient of the filter is adjoint to the output in the filter.
      let size = (dy.sumOfSquares() * found[0].sumOfSquares()).squareRoot()
      let difference =
        ConvolutionPropertyTests.dot(dy, found[0]) - ConvolutionPropertyTests.dot(filter, found[2])
      #expect(abs(difference) < 1e-5 * size)
    }
  }

  @Test func theFirstHalfOfTheOutermostBlocksHoldsTheEvenBins() {
    let pattern = SparsityPattern(levels: [16, 8], kept: [8, 8])
    #expect((0..<128).allSatisfy { pattern.keeps(bin: $0) == ($0 % 2 == 0) })
    let quarter = SparsityPattern(levels: [16, 8], kept: [4, 8])
    #expect((0..<128).allSatisfy { quarter.keeps(bin: $0) == ($0 % 4 == 0) })
    // The innermost level holds the high digits: here bit 4 of the bins.
    let inner = SparsityPattern(levels: [16, 8], kept: [16, 4])
    #expect((0..<128).allSatisfy { inner.keeps(bin: $0) == ($0 / 16 % 2 == 0) })
  }

  @Test(arguments: [[24, 16], [4, 4], [20, 16, 8], [7, 16]])
  func keepsWhatTheOracleKeeps(levels: [Int]) {
    for pattern in Self.patterns(levels) {
      let bins = 0..<levels.reduce(1, *)
      let ring = RingOracle(pattern)
      #expect(bins.allSatisfy { pattern.keeps(bin: $0) == ring.isKept($0) }, "\(pattern)")
      let fraction = Double(bins.count(where: pattern.keeps)) / Double(bins.count)
      #expect(abs(fraction - pattern.keptFraction) < 1e-12)
    }
  }

  @Test(arguments: problems) func measuresEveryPattern(problem: ConvolutionProblem) {
    let plan = ConvolutionPlanner.frequencySparsePlan(problem)
    var random = RandomSource(seed: 11)
    let filter = Tensor(normal: [problem.taps, 3], using: &random)
    let measured = plan.sparsityMeasurements(of: filter)
    #expect(measured.first?.pattern.keptFraction == 1 && measured.first?.relativeError == 0)
    #expect(Set(measured.map(\.pattern)).count == measured.count)
    for measurement in measured {
      let ring = RingOracle(measurement.pattern)
      let expected = ring.error(ring.columns(filter, problem))
      #expect(abs(measurement.relativeError - expected) < 1e-5, "\(measurement)")
    }
    for bound in [0, 0.5, 0.8, 0.95, 1] {
      let best = SparsityPattern.sparsest(for: filter, in: plan, within: bound)
      #expect(best.relativeError <= bound)
      let fitting = measured.filter { $0.relativeError <= bound }
      #expect(fitting.map(\.pattern.keptFraction).min() == best.pattern.keptFraction)
    }
  }

  @Test func wrongPatternsStopTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = SparsityPattern(levels: [4, 4], kept: [0, 4])
    }
    await #expect(processExitsWith: .failure) {
      _ = SparsityPattern(levels: [4, 4], kept: [4])
    }
    await #expect(processExitsWith: .failure) {
      _ = ConvolutionPlanner.frequencySparsePlan(
        ConvolutionProblem(length: 64, taps: 64, boundary: .circular))
    }
    await #expect(processExitsWith: .failure) {
      let plan = ConvolutionPlanner.frequencySparsePlan(
        ConvolutionProblem(length: 64, taps: 64, boundary: .causal))
      _ = plan.spectrum(
        of: Tensor(zeros: [64, 3]), keeping: SparsityPattern(levels: [3, 3], kept: [1, 1]))
    }
    await #expect(processExitsWith: .failure) {
      let plan = ConvolutionPlanner.plan(
        ConvolutionProblem(length: 64, taps: 8, boundary: .causal))
      _ = plan.sparsityMeasurements(of: Tensor(zeros: [8, 3]))
    }
  }
}
