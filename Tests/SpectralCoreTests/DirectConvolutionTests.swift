import SequenceTensor
import SpectralCore
import TestSupport
import Testing

/// Direct sums at every boundary against the definition in double precision.
@Suite struct DirectConvolutionTests {
  /// Lengths 1 to 40 and filters of 1 to 140 taps; gates and channels take turns.
  @Test(arguments: 1...40) func matchesTheDefinition(length: Int) {
    var turn = length
    for taps in 1...140 where (taps + length) % 7 == 0 || taps <= 2 {
      for boundary in Boundary.allCases {
        turn += 1
        check(
          ConvolutionProblem(length: length, taps: taps, boundary: boundary), batch: 1 + turn % 2,
          channels: [1, 3, 16, 17, 33][turn % 5], gates: turn % 8)
      }
    }
  }

  /// Sequences of several pieces and sections, and channels of more than one slab.
  @Test(arguments: [0, 3, 7]) func manyPieces(gates: Int) {
    for boundary in Boundary.allCases {
      for (length, taps, channels) in [(1100, 4, 3), (700, 131, 2), (137, 7, 261), (270, 128, 17)] {
        check(
          ConvolutionProblem(length: length, taps: taps, boundary: boundary), batch: 2,
          channels: channels, gates: gates)
      }
    }
  }

  private func check(_ problem: ConvolutionProblem, batch: Int, channels: Int, gates: Int) {
    var random = RandomSource(seed: UInt64(problem.length * 1000 + problem.taps))
    let o = ConvolutionTests.operands(
      batch: batch, length: problem.length, channels: channels, gates: gates, &random)
    let filter = Tensor(normal: [problem.taps, channels], using: &random)
    let dy = Tensor(normal: o.input.shape, using: &random)
    let plan = ConvolutionPlanner.plan(problem, using: .direct)
    let spectrum = plan.spectrum(of: filter)
    let oracle = DirectOracle(problem)
    let gradients = oracle.gradients(dy, o, filter)
    let context = "\(problem), batch \(batch), channels \(channels), gates \(gates)"
    // Random terms that happen to cancel are judged by the size that such sums usually have.
    let sumScale = Double(batch * problem.length).squareRoot()
    func expect(_ found: Tensor, _ expected: [Double], atLeast: Double = 0, _ name: String) {
      #expect(
        relativeError(found.elements, expected, atLeast: atLeast) < 1e-6, "\(name), \(context)")
    }
    expect(plan(o, spectrum), oracle.forward(o, filter), "output")
    let found = plan.gradients(of: dy, o, spectrum)
    expect(found.input, gradients.input, "input")
    expect(found.filter, gradients.filter, atLeast: sumScale, "filter")
    #expect((found.skip == nil) == (o.skip == nil), "\(context)")
    #expect((found.preGate == nil) == (o.preGate == nil), "\(context)")
    #expect((found.postGate == nil) == (o.postGate == nil), "\(context)")
    found.skip.map { expect($0, gradients.skip, atLeast: sumScale, "skip") }
    found.preGate.map { expect($0, gradients.preGate, "pre-gate") }
    found.postGate.map { expect($0, gradients.postGate, "post-gate") }
  }

  /// Pieces do not depend on the number of threads, and their sums are taken in their order.
  @Test(arguments: Boundary.allCases) func sameBitsForAnyNumberOfThreads(boundary: Boundary) {
    let problem = ConvolutionProblem(length: 2600, taps: 5, boundary: boundary)
    var random = RandomSource(seed: 5)
    let o = ConvolutionTests.operands(batch: 2, length: 2600, channels: 3, gates: 7, &random)
    let filter = Tensor(normal: [5, 3], using: &random)
    let dy = Tensor(normal: o.input.shape, using: &random)
    let plan = ConvolutionPlanner.plan(problem, using: .direct)
    let spectrum = plan.spectrum(of: filter)
    func results(_ threads: Int) -> [Tensor] {
      withThreads(threads) {
        let g = plan.gradients(of: dy, o, spectrum)
        return [plan(o, spectrum), g.input, g.filter, g.skip, g.preGate, g.postGate]
          .compactMap { $0 }
      }
    }
    let one = results(1)
    #expect(one.count == 6)
    for threads in [2, 3] {
      for (a, b) in zip(one, results(threads)) { #expect(bitsEqual(a, b)) }
    }
  }

  /// What lies beyond what a tap reaches has no say: neighbours may even be infinite.
  @Test func readsOnlyItsNeighbourhood() {
    let (length, channels) = (300, 17)
    var random = RandomSource(seed: 6)
    var input = Tensor(normal: [2, length, channels], using: &random)
    let filter = Tensor(normal: [4, channels], using: &random)
    let plan = ConvolutionPlanner.plan(
      ConvolutionProblem(length: length, taps: 4, boundary: .causal), using: .direct)
    let before = plan(ConvolutionOperands(input: input), plan.spectrum(of: filter))
    input[0, 150, 16] = .infinity
    let after = plan(ConvolutionOperands(input: input), plan.spectrum(of: filter))
    for b in 0..<2 {
      for n in 0..<length {
        for c in 0..<channels {
          let isReached = b == 0 && (150..<154).contains(n) && c == 16
          #expect((after[b, n, c] == before[b, n, c]) != isReached, "\(b), \(n), \(c)")
        }
      }
    }
  }
}
