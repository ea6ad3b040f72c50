import SequenceTensor
import SpectralCore
import TestSupport
import Testing

/// Filters that groups of channels share, and filters for single sequences, against the definition
/// with every channel's taps written out.
@Suite struct SharedFilterTests {
  /// Channels and heads: heads of 1, of some channels, of whole vectors of lanes, of all channels.
  static let heads = [(6, 2), (5, 1), (5, 5), (17, 1), (64, 2), (96, 1)]

  static func filter(
    _ problem: ConvolutionProblem, batch: Int?, heads: Int, _ random: inout RandomSource
  ) -> Tensor {
    let sizes = (batch.map { [$0] } ?? []) + [problem.taps, heads]
    return Tensor(normal: Shape(sizes), using: &random)
  }

  /// The taps that the channels of a sequence meet, `[taps, channels]`.
  static func written(_ filter: Tensor, sequence: Int, channels: Int) -> Tensor {
    let (taps, heads) = (filter.shape[-2], filter.shape[-1])
    let first = filter.shape.rank == 3 ? sequence * taps * heads : 0
    let elements = filter.elements
    return Tensor(
      (0..<taps * channels).map { n in
        elements[first + n / channels * heads + n % channels * heads / channels]
      }, shape: [taps, channels])
  }

  static func sequence(_ x: Tensor, _ index: Int) -> Tensor {
    x.sliced(axis: 0, index..<index + 1)
  }

  static func sequence(_ o: ConvolutionOperands, _ index: Int) -> ConvolutionOperands {
    ConvolutionOperands(
      input: sequence(o.input, index), skip: o.skip,
      preGate: o.preGate.map { sequence($0, index) },
      postGate: o.postGate.map { sequence($0, index) })
  }

  @Test(arguments: [1, 2, 7, 37, 131]) func matchesTheDefinition(length: Int) {
    var random = RandomSource(seed: UInt64(length))
    var gates = 0
    for boundary in Boundary.allCases {
      for taps in Set([min(3, length), max(1, length - 1), 2 * length]).sorted() {
        let problem = ConvolutionProblem(length: length, taps: taps, boundary: boundary)
        for (channels, heads) in Self.heads {
          for batch in [nil, 3] {
            gates += 1
            let o = ConvolutionTests.operands(
              batch: 3, length: length, channels: channels, gates: gates % 8, &random)
            expectDefinition(
              problem, o, Self.filter(problem, batch: batch, heads: heads, &random), &random)
          }
        }
      }
    }
  }

  func expectDefinition(
    _ problem: ConvolutionProblem, _ o: ConvolutionOperands, _ filter: Tensor,
    _ random: inout RandomSource
  ) {
    let oracle = DirectOracle(problem)
    let (batch, channels) = (o.input.shape[0], o.input.shape[2])
    let dy = Tensor(normal: o.input.shape, using: &random)
    var output: [Double] = []
    var input: [Double] = []
    var pre: [Double] = []
    var post: [Double] = []
    var skip = [Double](repeating: 0, count: channels)
    var filterGradient = [Double](repeating: 0, count: filter.count)
    let heads = filter.shape[-1]
    for b in 0..<batch {
      let (part, taps) = (
        Self.sequence(o, b), Self.written(filter, sequence: b, channels: channels)
      )
      let expected = oracle.gradients(Self.sequence(dy, b), part, taps)
      output += oracle.forward(part, taps)
      input += expected.input
      pre += expected.preGate
      post += expected.postGate
      for c in 0..<channels { skip[c] += expected.skip[c] }
      let first = filter.shape.rank == 3 ? b * problem.taps * heads : 0
      for (n, value) in expected.filter.enumerated() {
        filterGradient[first + n / channels * heads + n % channels * heads / channels] += value
      }
    }
    let sumScale = Double(batch * problem.length * channels / heads).squareRoot()
    for method in ConvolutionPlanner.Method.allCases {
      let plan = ConvolutionPlanner.plan(problem, using: method)
      let spectrum = plan.spectrum(of: filter, channels: channels)
      let context: Comment = "\(plan), input \(o.input.shape), filter \(filter.shape)"
      let found = plan.gradients(of: dy, o, spectrum)
      #expect(relativeError(plan(o, spectrum).elements, output) < 1e-6, context)
      #expect(relativeError(found.input.elements, input) < 1e-6, context)
      #expect(found.filter.shape == filter.shape, context)
      #expect(
        relativeError(found.filter.elements, filterGradient, atLeast: sumScale) < 1e-6, context)
      #expect((found.skip != nil) == (o.skip != nil), context)
      if let found = found.skip {
        #expect(relativeError(found.elements, skip, atLeast: sumScale) < 1e-6, context)
      }
      if let found = found.preGate { #expect(relativeError(found.elements, pre) < 1e-6, context) }
      if let found = found.postGate { #expect(relativeError(found.elements, post) < 1e-6, context) }
    }
  }

  /// Heads that fill vectors of lanes share one group of spectra.
  @Test func spectraOfHeadsAreShared() {
    var random = RandomSource(seed: 3)
    let problem = ConvolutionProblem(length: 100, taps: 100, boundary: .causal)
    let filter = Self.filter(problem, batch: nil, heads: 2, &random)
    for method in [ConvolutionPlanner.Method.lanes, .fftw] {
      let plan = ConvolutionPlanner.plan(problem, using: method)
      let shared = plan.spectrum(of: filter, channels: 64)
      let own = plan.spectrum(of: Self.written(filter, sequence: 0, channels: 64))
      #expect(2 * shared.values.count <= own.values.count, "\(plan)")
      #expect(shared.heads == 2 && shared.channels == 64 && shared.batch == nil)
    }
  }

  /// Rows so long that all threads work on a few of them: each sequence as if it were alone.
  @Test func longRows() {
    let (length, channels) = (132_001, 16)
    var random = RandomSource(seed: 5)
    let problem = ConvolutionProblem(length: length, taps: 999, boundary: .causal)
    let filter = Self.filter(problem, batch: 2, heads: 8, &random)
    let x = Tensor(uniform: [2, length, channels], using: &random)
    let plan = ConvolutionPlanner.plan(problem, using: .fftw)
    let o = ConvolutionOperands(input: x)
    let spectrum = plan.spectrum(of: filter, channels: channels)
    let (y, gradients) = (plan(o, spectrum), plan.gradients(of: x, o, spectrum))
    for b in 0..<2 {
      let own = Self.sequence(filter, b).reshaped(999, 8)
      let alone = ConvolutionOperands(input: Self.sequence(x, b))
      let spectrum = plan.spectrum(of: own, channels: channels)
      let expected = plan.gradients(of: alone.input, alone, spectrum)
      #expect(bitsEqual(Self.sequence(y, b), plan(alone, spectrum)))
      #expect(bitsEqual(Self.sequence(gradients.input, b), expected.input))
      #expect(bitsEqual(Self.sequence(gradients.filter, b).reshaped(999, 8), expected.filter))
    }
  }

  @Test func threadsDoNotChangeBits() {
    var random = RandomSource(seed: 4)
    for method in ConvolutionPlanner.Method.allCases {
      let plan = ConvolutionPlanner.plan(
        ConvolutionProblem(length: 300, taps: 200, boundary: .twoSided), using: method)
      let filter = Self.filter(plan.problem, batch: 3, heads: 5, &random)
      let o = ConvolutionTests.operands(
        batch: 3, length: 300, channels: 20, gates: 7, &random)
      let results = [1, 2, 3].map { count in
        withThreads(count) { () -> ConvolutionGradients in
          plan.gradients(of: o.input, o, plan.spectrum(of: filter, channels: 20))
        }
      }
      for other in results.dropFirst() {
        #expect(other.filter == results[0].filter && other.input == results[0].input, "\(plan)")
      }
    }
  }

  @Test func wrongShapesStopTheProgram() async {
    await #expect(processExitsWith: .failure) {
      // Three heads for four channels.
      _ = Tensor(zeros: [1, 4, 4]).convolved(with: Tensor(zeros: [3, 3]))
    }
    await #expect(processExitsWith: .failure) {
      // Filters of three sequences for a batch of two.
      _ = Tensor(zeros: [2, 4, 4]).convolved(with: Tensor(zeros: [3, 3, 4]))
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor(zeros: [2, 4, 4]).convolved(with: Tensor(zeros: [1, 2, 3, 4]))
    }
    await #expect(processExitsWith: .failure) {
      let plan = ConvolutionPlanner.plan(
        ConvolutionProblem(length: 4, taps: 3, boundary: .causal))
      // Without being told otherwise a spectrum is for as many channels as the filter has.
      let spectrum = plan.spectrum(of: Tensor(zeros: [3, 2]))
      _ = plan(ConvolutionOperands(input: Tensor(zeros: [1, 4, 4])), spectrum)
    }
  }
}
