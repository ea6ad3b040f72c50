import SequenceTensor
import SpectralCore
import TestSupport
import Testing

/// Every boundary, length, filter length, method and combination of gates against the definition
/// in double precision.
@Suite struct ConvolutionTests {
  static let lengths = [
    1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 32, 37, 64, 97, 100, 128, 210, 251, 256, 300,
  ]

  static func problems(length: Int) -> [ConvolutionProblem] {
    let taps = Set([
      1, 2, 3, max(1, length / 2), max(1, length - 1), length, length + 1, 2 * length,
    ])
    return Boundary.allCases.flatMap { boundary in
      taps.sorted().map { ConvolutionProblem(length: length, taps: $0, boundary: boundary) }
    }
  }

  static func operands(
    batch: Int, length: Int, channels: Int, gates: Int, _ random: inout RandomSource
  ) -> ConvolutionOperands {
    let shape: Shape = [batch, length, channels]
    func tensor(_ wanted: Bool) -> Tensor? { wanted ? Tensor(normal: shape, using: &random) : nil }
    return ConvolutionOperands(
      input: Tensor(normal: shape, using: &random),
      skip: gates & 4 != 0 ? Tensor(normal: [channels], using: &random) : nil,
      preGate: tensor(gates & 1 != 0), postGate: tensor(gates & 2 != 0))
  }

  @Test(arguments: lengths) func matchesTheDefinition(length: Int) {
    var random = RandomSource(seed: UInt64(length))
    for (index, problem) in Self.problems(length: length).enumerated() {
      let batch = [1, 2, 3][index % 3]
      let channels = [1, 2, 3, 17, 5][index % 5]
      let o = Self.operands(
        batch: batch, length: length, channels: channels, gates: index % 8, &random)
      let filter = Tensor(normal: [problem.taps, channels], using: &random)
      let dy = Tensor(normal: o.input.shape, using: &random)
      let oracle = DirectOracle(problem)
      let expected = oracle.forward(o, filter)
      let gradients = oracle.gradients(dy, o, filter)
      let tolerance = 1e-6
      // A sum over the batch and the length of random terms that happens to cancel is judged by
      // the size that such sums usually have.
      let sumScale = Double(batch * length).squareRoot()
      for method in ConvolutionPlanner.Method.allCases {
        let plan = ConvolutionPlanner.plan(problem, using: method)
        let spectrum = plan.spectrum(of: filter)
        let context = "\(plan), batch \(batch), channels \(channels), gates \(index % 8)"
        #expect(relativeError(plan(o, spectrum).elements, expected) < tolerance, "\(context)")
        let found = plan.gradients(of: dy, o, spectrum)
        #expect(
          relativeError(found.input.elements, gradients.input) < tolerance, "input, \(context)")
        #expect(
          relativeError(found.filter.elements, gradients.filter, atLeast: sumScale) < tolerance,
          "filter, \(context)")
        if let skip = found.skip {
          #expect(
            relativeError(skip.elements, gradients.skip, atLeast: sumScale) < tolerance,
            "skip, \(context)")
        }
        if let pre = found.preGate {
          #expect(relativeError(pre.elements, gradients.preGate) < tolerance, "pre, \(context)")
        }
        if let post = found.postGate {
          #expect(relativeError(post.elements, gradients.postGate) < tolerance, "post, \(context)")
        }
      }
    }
  }
}
