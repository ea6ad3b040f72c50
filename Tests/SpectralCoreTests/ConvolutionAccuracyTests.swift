import SequenceTensor
import SpectralCore
import TestSupport
import Testing

/// Relative L2 errors of every method against double precision: below 1e-6·log₂ of the transform.
@Suite struct ConvolutionAccuracyTests {
  typealias Method = ConvolutionPlanner.Method

  /// Every length from 1 to 300; boundaries, filters, batches and channels take turns.
  @Test(arguments: Array(stride(from: 1, through: 300, by: 30)))
  func everyLength(first: Int) {
    for length in first..<first + 30 {
      let boundary = Boundary.allCases[length % 3]
      let taps = [length, length / 2 + 1, 2 * length - 1, max(1, length - 1)][length / 3 % 4]
      let problem = ConvolutionProblem(length: length, taps: taps, boundary: boundary)
      var random = RandomSource(seed: UInt64(length), stream: 1)
      let o = ConvolutionTests.operands(
        batch: 1 + length % 2, length: length, channels: [1, 3, 7][length % 3], gates: 0, &random)
      let filter = Tensor(normal: [taps, o.input.shape[2]], using: &random)
      let dy = Tensor(normal: o.input.shape, using: &random)
      let oracle = DirectOracle(problem)
      let (expected, gradients) = (oracle.forward(o, filter), oracle.gradients(dy, o, filter))
      let bound = ConvolutionPropertyTests.tolerance(problem)
      for method in Method.allCases {
        let plan = ConvolutionPlanner.plan(problem, using: method)
        let spectrum = plan.spectrum(of: filter)
        let found = plan.gradients(of: dy, o, spectrum)
        #expect(relativeError(plan(o, spectrum).elements, expected) < bound, "\(plan)")
        #expect(relativeError(found.input.elements, gradients.input) < bound, "input, \(plan)")
        #expect(relativeError(found.filter.elements, gradients.filter) < bound, "filter, \(plan)")
      }
    }
  }

  /// Long sequences, of prime length and one past a power of two, at some of their positions.
  @Test(arguments: [
    ConvolutionProblem(length: 10_007, taps: 10_007, boundary: .causal),
    ConvolutionProblem(length: 10_007, taps: 10_007, boundary: .circular),
    ConvolutionProblem(length: 10_007, taps: 20_013, boundary: .twoSided),
    ConvolutionProblem(length: 32_769, taps: 32_769, boundary: .causal),
    ConvolutionProblem(length: 32_769, taps: 500, boundary: .circular),
    ConvolutionProblem(length: 32_769, taps: 501, boundary: .twoSided),
  ])
  func longSequences(problem: ConvolutionProblem) {
    for method in Method.allCases where method != .direct || problem.taps < 1000 {
      expectAccurate(problem, method)
    }
  }

  /// Outputs so large that whole vectors go past the caches, of one ring and of overlapping pieces
  /// with both halves of their rings full.
  @Test(arguments: [
    ConvolutionProblem(length: 32_769, taps: 32_769, boundary: .causal),
    ConvolutionProblem(length: 32_769, taps: 500, boundary: .causal),
    ConvolutionProblem(length: 32_769, taps: 301, boundary: .twoSided),
  ])
  func largeOutputs(problem: ConvolutionProblem) {
    expectAccurate(problem, .lanes, channels: 32)
  }

  private func expectAccurate(
    _ problem: ConvolutionProblem, _ method: Method, channels: Int = 2
  ) {
    var random = RandomSource(seed: 12)
    let input = Tensor(normal: [1, problem.length, channels], using: &random)
    let filter = Tensor(normal: [problem.taps, channels], using: &random)
    let dy = Tensor(normal: input.shape, using: &random)
    let oracle = SampledOracle(problem, input: input, filter: filter, outputGradient: dy)
    let plan = ConvolutionPlanner.plan(problem, using: method)
    let spectrum = plan.spectrum(of: filter)
    let operands = ConvolutionOperands(input: input)
    let gradients = plan.gradients(of: dy, operands, spectrum)
    let bound = ConvolutionPropertyTests.tolerance(problem)
    // Both ends and some steps that are prime.
    let rows = Array(stride(from: 0, to: problem.length, by: 547)) + [problem.length - 1]
    let taps = Array(stride(from: 0, to: problem.taps, by: 547)) + [problem.taps - 1]
    func expect(_ tensor: Tensor, _ rows: [Int], _ expected: [Double], _ name: String) {
      #expect(relativeError(oracle.rows(tensor, rows), expected) < bound, "\(name), \(plan)")
    }
    expect(plan(operands, spectrum), rows, oracle.outputs(rows), "output")
    expect(gradients.input, rows, oracle.inputGradients(rows), "input")
    expect(gradients.filter, taps, oracle.filterGradients(taps), "filter")
  }
}
