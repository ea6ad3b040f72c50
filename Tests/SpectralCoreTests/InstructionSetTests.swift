import SequenceTensor
import SpectralCore
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Convolutions in each instruction set, each in a process of its own that asks for the set by
/// `LONGWAVE_ISA`: the transforms' blocks and constants follow the width of its vectors.
///
/// Every set is within 5e-6 of double precision, so any two agree to 1e-5.
@Suite struct InstructionSetTests {
  @Test func baseline() async {
    await #expect(processExitsWith: .success) { InstructionSetTests.check("baseline") }
  }

  @Test func avx2() async {
    await #expect(processExitsWith: .success) { InstructionSetTests.check("avx2") }
  }

  @Test func avx512() async {
    await #expect(processExitsWith: .success) { InstructionSetTests.check("avx512") }
  }

  static func check(_ name: String) {
    setenv("LONGWAVE_ISA", name, 1)
    let sets = ["baseline", "avx2", "avx512"]
    // A processor without the set takes another one; the baseline it always has.
    require(
      Parallel.instructionSet == name || name != sets[0],
      "asked for \(name), got \(Parallel.instructionSet)")
    for (length, taps, boundary, channels) in [
      (1, 1, Boundary.causal, 5), (37, 37, .causal, 17), (100, 199, .twoSided, 19),
      (131, 131, .circular, 33), (1031, 1031, .causal, 5), (900, 70, .causal, 3),
    ] {
      checkSmall(
        ConvolutionProblem(length: length, taps: taps, boundary: boundary), channels: channels)
    }
    checkSparse(ConvolutionProblem(length: 337, taps: 337, boundary: .causal))
    // Three levels of blocks, and more.
    for length in [10_007, 100_003] {
      checkLong(ConvolutionProblem(length: length, taps: length, boundary: .causal))
    }
  }

  private static func check(
    _ found: [Float], _ expected: [Double], _ name: String, _ plan: ConvolutionPlan
  ) {
    let error = relativeError(found, expected)
    require(error < 5e-6, "\(Parallel.instructionSet): \(name) is off by \(error), \(plan)")
  }

  private static func checkSmall(_ problem: ConvolutionProblem, channels: Int) {
    var random = RandomSource(seed: 21)
    let o = ConvolutionTests.operands(
      batch: 2, length: problem.length, channels: channels, gates: 7, &random)
    let filter = Tensor(normal: [problem.taps, channels], using: &random)
    let dy = Tensor(normal: o.input.shape, using: &random)
    let oracle = DirectOracle(problem)
    let (expected, gradients) = (oracle.forward(o, filter), oracle.gradients(dy, o, filter))
    for method in ConvolutionPlanner.Method.allCases {
      let plan = ConvolutionPlanner.plan(problem, using: method)
      let spectrum = plan.spectrum(of: filter)
      let found = plan.gradients(of: dy, o, spectrum)
      check(plan(o, spectrum).elements, expected, "output", plan)
      check(found.input.elements, gradients.input, "input gradient", plan)
      check(found.filter.elements, gradients.filter, "filter gradient", plan)
      if let post = found.postGate {
        check(post.elements, gradients.postGate, "post-gate gradient", plan)
      }
    }
  }

  private static func checkSparse(_ problem: ConvolutionProblem) {
    var random = RandomSource(seed: 23)
    let operands = ConvolutionOperands(
      input: Tensor(normal: [2, problem.length, 5], using: &random))
    let filter = Tensor(normal: [problem.taps, 5], using: &random)
    let plan = ConvolutionPlanner.frequencySparsePlan(problem)
    let levels = plan.frequencyLevels
    let pattern = SparsityPattern(levels: levels, kept: levels.map { $0 / 2 + 1 })
    let twoSided = ConvolutionProblem(
      length: problem.length, taps: 2 * problem.length - 1, boundary: .twoSided)
    let expected = DirectOracle(twoSided).forward(
      operands, RingOracle(pattern).effectiveTaps(filter, problem))
    let found = plan(operands, plan.spectrum(of: filter, keeping: pattern))
    check(found.elements, expected, "frequency-sparse output", plan)
  }

  private static func checkLong(_ problem: ConvolutionProblem) {
    var random = RandomSource(seed: 22)
    let input = Tensor(normal: [1, problem.length, 1], using: &random)
    let filter = Tensor(normal: [problem.taps, 1], using: &random)
    let dy = Tensor(normal: input.shape, using: &random)
    let oracle = SampledOracle(problem, input: input, filter: filter, outputGradient: dy)
    let plan = ConvolutionPlanner.plan(problem, using: .lanes)
    let spectrum = plan.spectrum(of: filter)
    let operands = ConvolutionOperands(input: input)
    let found = plan.gradients(of: dy, operands, spectrum)
    let rows = Array(stride(from: 0, to: problem.length, by: 2003))
    check(oracle.rows(plan(operands, spectrum), rows), oracle.outputs(rows), "output", plan)
    check(oracle.rows(found.input, rows), oracle.inputGradients(rows), "input gradient", plan)
    check(oracle.rows(found.filter, rows), oracle.filterGradients(rows), "filter gradient", plan)
  }
}
