import SequenceTensor
import SpectralCore
import TestSupport
import Testing

/// What every way to compute a convolution has to fulfil, whatever the values are.
@Suite struct ConvolutionPropertyTests {
  typealias Method = ConvolutionPlanner.Method

  /// Filters as long as the sequence and shorter ones, which lanes and direct sums cut into pieces.
  static func problems(_ boundary: Boundary) -> [ConvolutionProblem] {
    [(1, 1), (2, 2), (37, 37), (251, 90), (700, 33), (1009, 1009)].map { length, taps in
      ConvolutionProblem(
        length: length, taps: boundary == .twoSided ? 2 * taps - 1 : taps, boundary: boundary)
    }
  }

  /// A plan with random operands that have several sequences and a partly filled vector.
  struct Case {
    let plan: ConvolutionPlan
    let input, filter: Tensor
    var problem: ConvolutionProblem { plan.problem }

    init(_ problem: ConvolutionProblem, _ method: Method, batch: Int = 3, channels: Int = 17) {
      var random = RandomSource(seed: UInt64(problem.length))
      plan = ConvolutionPlanner.plan(problem, using: method)
      input = Tensor(normal: [batch, problem.length, channels], using: &random)
      filter = Tensor(normal: [problem.taps, channels], using: &random)
    }

    func random(like x: Tensor, _ stream: UInt64) -> Tensor {
      var random = RandomSource(seed: 3, stream: stream)
      return Tensor(normal: x.shape, using: &random)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { self(x, filter) }
    func callAsFunction(_ x: Tensor, _ h: Tensor) -> Tensor {
      plan(ConvolutionOperands(input: x), plan.spectrum(of: h))
    }
  }

  /// The bound for relative errors in the L2 norm: 1e-6·log₂ of the transform.
  static func tolerance(_ problem: ConvolutionProblem) -> Double {
    1e-6 * Double(Int.bitWidth - (problem.length + problem.taps).leadingZeroBitCount)
  }

  static func expectEqual(
    _ a: Tensor, _ b: Tensor, _ values: Case, _ name: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = relativeError(a.elements, b.elements.map(Double.init))
    #expect(
      error < tolerance(values.problem), "\(name), \(values.plan)", sourceLocation: sourceLocation)
  }

  static func dot(_ a: Tensor, _ b: Tensor) -> Double {
    zip(a.elements, b.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  @Test(arguments: Method.allCases, Boundary.allCases)
  func isLinear(method: Method, boundary: Boundary) {
    for problem in Self.problems(boundary) {
      let values = Case(problem, method)
      let (x, h) = (values.input, values.filter)
      let (other, taps) = (values.random(like: x, 1), values.random(like: h, 2))
      Self.expectEqual(
        values(2 * x - 0.5 * other), 2 * values(x) - 0.5 * values(other), values, "input")
      Self.expectEqual(
        values(x, 2 * h - 0.5 * taps), 2 * values(x) - 0.5 * values(x, taps), values, "filter")
    }
  }

  /// An impulse brings out the filter, and an impulse as filter the input.
  @Test(arguments: Method.allCases, Boundary.allCases)
  func impulses(method: Method, boundary: Boundary) {
    for problem in Self.problems(boundary) {
      let values = Case(problem, method)
      let (length, channels) = (problem.length, values.filter.shape[1])
      let at = length / 3
      var impulse = Tensor(zeros: values.input.shape)
      var response = impulse
      for b in 0..<impulse.shape[0] {
        for c in 0..<channels {
          impulse[b, at, c] = 1
          for tap in problem.usedTaps {
            let n = at + tap - problem.centre
            if problem.boundary == .circular {
              response[b, n % length, c] = values.filter[tap, c]
            } else if (0..<length).contains(n) {
              response[b, n, c] = values.filter[tap, c]
            }
          }
        }
      }
      Self.expectEqual(values(impulse), response, values, "response")
      var identity = Tensor(zeros: values.filter.shape)
      for c in 0..<channels { identity[problem.centre, c] = 1 }
      Self.expectEqual(values(values.input, identity), values.input, values, "round trip")
    }
  }

  /// A later input gives the same output later.
  @Test(arguments: Method.allCases, Boundary.allCases)
  func shifts(method: Method, boundary: Boundary) {
    for problem in Self.problems(boundary) where problem.length > 2 {
      let values = Case(problem, method)
      let (length, shift) = (problem.length, problem.length / 5)
      let start = values.input.sliced(axis: 1, 0..<length - shift)
      let end = values.input.sliced(axis: 1, length - shift..<length)
      if boundary == .circular {
        let y = values(values.input)
        Self.expectEqual(
          values(.concatenated([end, start], axis: 1)),
          .concatenated(
            [
              y.sliced(axis: 1, length - shift..<length), y.sliced(axis: 1, 0..<length - shift),
            ], axis: 1), values, "turned")
      } else {
        let y = values(start.padded(axis: 1, after: shift))
        let later = values(start.padded(axis: 1, before: shift))
        Self.expectEqual(
          later.sliced(axis: 1, shift..<length), y.sliced(axis: 1, 0..<length - shift), values,
          "later")
      }
    }
  }

  /// A circular filter whose bins have magnitude one keeps the energy (Parseval).
  @Test(arguments: Method.allCases, [1, 2, 37, 100, 251])
  func allPassKeepsTheEnergy(method: Method, length: Int) {
    let values = Case(
      ConvolutionProblem(length: length, taps: length, boundary: .circular), method)
    let transform = NaiveDFT([length])
    let channels = values.filter.shape[1]
    var taps = Tensor(zeros: values.filter.shape)
    for c in 0..<channels {
      // Phases from the golden angle; the bins that have to be real get a sign.
      let bins = (0..<transform.modeCount).flatMap { k -> [Double] in
        if k == 0 || 2 * k == length { return [c % 2 == 0 ? 1 : -1, 0] }
        let z = pointOfCircle(0.618 * Double(k * (c + 1)))
        return [z.0, z.1]
      }
      for (n, value) in transform.inverse(bins).enumerated() {
        taps[n, c] = Float(value / Double(length))
      }
    }
    let energy = values.input.sumOfSquares()
    let ratio = values(values.input, taps).sumOfSquares() / energy
    #expect(abs(ratio - 1) < Self.tolerance(values.problem), "\(values.plan)")
  }

  private func pointOfCircle(_ turns: Double) -> (Double, Double) {
    // Some point of the circle for each number; which one does not matter.
    let t = turns - turns.rounded()
    return ((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t))
  }

  /// ⟨dy, conv(x, h)⟩ = ⟨gradient of x, x⟩ = ⟨gradient of h, h⟩.
  @Test(arguments: Method.allCases, Boundary.allCases)
  func gradientsAreAdjoint(method: Method, boundary: Boundary) {
    for problem in Self.problems(boundary) {
      let values = Case(problem, method)
      let dy = values.random(like: values.input, 4)
      let y = values(values.input)
      let gradients = values.plan.gradients(
        of: dy, ConvolutionOperands(input: values.input),
        values.plan.spectrum(of: values.filter))
      let expected = Self.dot(dy, y)
      let size = (dy.sumOfSquares() * y.sumOfSquares()).squareRoot()
      let bound = Self.tolerance(problem) * size
      #expect(
        abs(Self.dot(gradients.input, values.input) - expected) < bound, "input, \(values.plan)")
      #expect(
        abs(Self.dot(gradients.filter, values.filter) - expected) < bound,
        "filter, \(values.plan)")
    }
  }

  /// A changed input reaches the outputs that its taps lead to and no other: none before it if the
  /// filter is causal, none in other channels or sequences.
  @Test(arguments: Method.allCases, Boundary.allCases)
  func changesStayInReach(method: Method, boundary: Boundary) {
    for problem in Self.problems(boundary) where problem.length > 2 {
      let values = Case(problem, method)
      let length = problem.length
      let at = length / 2
      var changed = values.input
      changed[1, at, 5] += 1
      let (before, after) = (values(values.input), values(changed))
      let scale = (before.sumOfSquares() / Double(before.count)).squareRoot()
      let bound = Float(scale * Self.tolerance(problem))
      var response: [Int: Float] = [:]
      for tap in problem.usedTaps {
        let n = at + tap - problem.centre
        response[boundary == .circular ? n % length : n] = values.filter[tap, 5]
      }
      var worst: Float = 0
      for (b, n, c) in positions(before.shape) {
        let expected = b == 1 && c == 5 ? response[n] ?? 0 : 0
        worst = max(worst, abs(after[b, n, c] - before[b, n, c] - expected))
      }
      #expect(worst < bound, "\(values.plan)")
      if method == .direct, boundary == .causal {
        let prefix = { (y: Tensor) in y.sliced(axis: 1, 0..<at) }
        #expect(bitsEqual(prefix(before), prefix(after)), "\(values.plan)")
      }
    }
  }

  private func positions(_ shape: Shape) -> [(Int, Int, Int)] {
    (0..<shape[0]).flatMap { b in
      (0..<shape[1]).flatMap { n in (0..<shape[2]).map { (b, n, $0) } }
    }
  }

  @Test(arguments: Boundary.allCases) func allMethodsAgree(boundary: Boundary) {
    for problem in Self.problems(boundary) {
      let direct = Case(problem, .direct)
      let y = direct(direct.input)
      for method in Method.allCases where method != .direct {
        let values = Case(problem, method)
        Self.expectEqual(values(values.input), y, values, "agreement")
      }
    }
  }

  /// The same bits again, and with any number of threads; 33,000 positions are shared by threads.
  @Test(arguments: Method.allCases, [(2, 700, 50, 700), (1, 33_000, 3, 33_000)])
  func repeatsExactly(method: Method, size: (batch: Int, length: Int, channels: Int, taps: Int)) {
    // A direct sum as long as the second would take seconds.
    let taps = method == .direct ? 30 : size.taps
    let problem = ConvolutionProblem(length: size.length, taps: taps, boundary: .causal)
    var random = RandomSource(seed: 8)
    let o = ConvolutionTests.operands(
      batch: size.batch, length: size.length, channels: size.channels, gates: 7, &random)
    let filter = Tensor(normal: [taps, size.channels], using: &random)
    let dy = Tensor(normal: o.input.shape, using: &random)
    let plan = ConvolutionPlanner.plan(problem, using: method)
    func results(_ threads: Int) -> [Tensor] {
      withThreads(threads) {
        let spectrum = plan.spectrum(of: filter)
        let g = plan.gradients(of: dy, o, spectrum)
        return [plan(o, spectrum), g.input, g.filter, g.skip, g.preGate, g.postGate]
          .compactMap { $0 }
      }
    }
    let first = results(1)
    #expect(first.count == 6)
    for threads in [1, 2, 2, 3] {
      for (a, b) in zip(first, results(threads)) {
        #expect(bitsEqual(a, b), "\(threads) threads, \(plan)")
      }
    }
  }
}
