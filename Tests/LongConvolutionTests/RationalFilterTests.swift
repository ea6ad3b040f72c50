import Longwave
import TestSupport
import Testing

/// The rational filter against its recurrence.
@Suite struct RationalFilterTests {
  static func filter(
    order: Int, length: Int, scale: Float, _ change: (inout RationalOptions) -> Void = { _ in }
  ) -> RationalFilter {
    var options = RationalOptions()
    (options.order, options.maximumLength, options.initialization) = (order, length, .montel)
    change(&options)
    var random = RandomSource(seed: 1)
    var filter = RationalFilter(channels: 4, options: options, using: &random)
    filter.coefficients.value = filter.coefficients.value * scale
    return filter
  }

  /// h_t = b_t - Σ_j a_j·h_{t-j}, as long as it lasts, folded to a period and h_0 added.
  static func folded(_ a: [Double], _ b: [Double], _ constant: Double, period: Int) -> [Double] {
    var response = [0.0]
    for t in 1..<50 * period {
      let feedback = a.indices.reduce(0) {
        $0 + (t - 1 - $1 > 0 ? a[$1] * response[t - 1 - $1] : 0)
      }
      response.append((t <= b.count ? b[t - 1] : 0) - feedback)
    }
    var result = [Double](repeating: 0, count: period)
    for (t, value) in response.enumerated() { result[t % period] += value }
    result[0] += constant
    return result
  }

  @Test(arguments: [(1, 2, 0.9), (3, 9, 0.8), (4, 30, 1.0), (8, 64, 1.0), (8, 11, 0.9)])
  func sameAsTheRecurrence(order: Int, length: Int, scale: Double) {
    for copies in [1, 2] {
      let filter = Self.filter(order: order, length: length, scale: Float(scale)) {
        $0.denominators = 4 / copies
      }
      expectEveryParameterVisited(filter)
      let period = length + length % 2
      let values = filter.coefficients.value
      for wanted in [1, length / 2 + 1, length, length + 3] {
        let taps = filter.taps(length: wanted, on: nil).value
        for c in 0..<4 {
          func column(_ index: Int) -> [Double] { (0..<order).map { Double(values[$0, index]) } }
          let expected = Self.folded(
            column(c / copies), column(4 / copies + c), Double(filter.constant.value[c]),
            period: period)
          for n in 0..<wanted {
            let value = n < length ? expected[n] : 0
            #expect(abs(Double(taps[n, c]) - value) < 1e-6, "\(wanted), \(n)")
          }
        }
      }
    }
  }

  @Test(arguments: [(1, 2), (3, 9), (8, 40)]) func wholeChunksAndSteps(order: Int, length: Int) {
    var random = RandomSource(seed: 2)
    let mixer = RationalConvolution(
      Self.filter(order: order, length: length, scale: 1) { $0.denominators = 2 })
    let x = Tensor(normal: [2, length, 4], using: &random)
    let whole = mixer(Variable(x), mask: nil).value
    var state = mixer.initialState(batch: 2)
    let first = mixer.chunk(x.sliced(axis: 1, 0..<1), &state)
    var branch = state
    _ = mixer.step(Tensor(normal: [2, 4], using: &random), &branch)
    let rest = mixer.chunk(x.sliced(axis: 1, 1..<length), &state)
    let stepped = Tensor.concatenated([first, rest], axis: 1)
    #expect((stepped - whole).maximumMagnitude() < 3e-6 * max(1, whole.maximumMagnitude()))
  }

  @Test func gradients() {
    var random = RandomSource(seed: 3)
    let inputs = [
      Tensor(uniform: [3, 2], from: -0.3, to: 0.3, using: &random),
      Tensor(normal: [3, 4], using: &random), Tensor(normal: [4], using: &random),
    ]
    for rows in [1, 5, 8] {
      let error = GradientCheck.directionalError(
        of: {
          .rationalTaps(
            denominator: $0[0], numerator: $0[1], constant: $0[2], points: 8, rows: rows)
        }, at: inputs, using: &random)
      #expect(error < 2e-3, "\(rows): \(error)")
    }
  }

  @Test func bidirectionalConstrainedAndStarts() {
    var random = RandomSource(seed: 4)
    let filter = Self.filter(order: 3, length: 12, scale: 1) {
      ($0.isBidirectional, $0.isConstrained, $0.denominators) = (true, true, 2)
    }
    expectEveryParameterVisited(filter)
    let taps = filter.taps(length: 9, on: nil).value
    #expect(taps.shape == [17, 4])
    // The same filter turned round: directions exchanged give the taps of each other's lags.
    var options = filter.options
    options.isBidirectional = false
    var past = RationalFilter(channels: 4, options: options, using: &random)
    let values = filter.coefficients.value
    past.coefficients.value = .concatenated(
      [values.sliced(axis: 1, 2..<4), values.sliced(axis: 1, 8..<12)], axis: 1)
    past.constant.value = filter.constant.value.sliced(axis: 0, 4..<8)
    past.slack?.value = filter.slack?.value.sliced(axis: 0, 2..<4) ?? Tensor([])
    let future = past.taps(length: 9, on: nil).value
    for n in 0..<8 {
      for c in 0..<4 { #expect(abs(taps[7 - n, c] - future[n, c]) < 1e-6) }
    }
    let tape = Tape()
    let gradients = tape.gradients(of: filter.taps(length: 9, on: tape))
    for (name, parameter) in filter.parameters {
      #expect(gradients[parameter.id]?.isFinite == true, "\(name)")
    }
    var zeros = RationalOptions()
    (zeros.order, zeros.maximumLength) = (2, 8)
    let start = RationalFilter(channels: 3, options: zeros, using: &random)
    let response = start.taps(length: 8, on: nil).value
    #expect(response.sliced(axis: 0, 1..<8).maximumMagnitude() == 0)
    #expect(response.sliced(axis: 0, 0..<1).reshaped(3) == start.constant.value)
  }
}
