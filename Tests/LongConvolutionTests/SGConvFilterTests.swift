import Differentiation
import LongConvolution
import SequenceTensor
import TestSupport
import Testing

/// SGConv's filter in all its modes.
@Suite struct SGConvFilterTests {
  /// Every mode there is.
  static let modes: [SGConvMode] = [SGConvMode.Arrangement.concatenated, .summed].flatMap { a in
    [SGConvMode.Initialization.normal, .cosine].flatMap { b in
      [SGConvMode.Interpolation.linear, .nearest].flatMap { c in
        [SGConvMode.Decay.multiplier, .learnable, .fixed].map { d in
          var mode = SGConvMode()
          (mode.arrangement, mode.initialization) = (a, b)
          (mode.interpolation, mode.decay) = (c, d)
          return mode
        }
      }
    }
  }

  static func filter(
    _ mode: SGConvMode, isBidirectional: Bool = false, copies: Int = 1
  ) -> SGConvFilter {
    var options = SGConvOptions()
    options.mode = mode
    options.kernelSize = 4
    options.maximumLength = 30
    options.minimumDecay = 1.5
    options.isBidirectional = isBidirectional
    options.copies = copies
    var random = RandomSource(seed: 1)
    return SGConvFilter(channels: 3, options: options, using: &random)
  }

  @Test(arguments: modes) func namesRoundTrip(mode: SGConvMode) {
    #expect(SGConvMode(mode.description) == mode)
  }

  @Test func namesOfTheAuthors() {
    #expect(SGConvMode().description == "cat_randn")
    #expect(Set(Self.modes.map(\.description)).count == 24)
    let mode = SGConvMode("sum_cos_nearest_learnable_fixed")
    #expect(mode?.arrangement == .summed && mode?.initialization == .cosine)
    #expect(mode?.interpolation == .nearest && mode?.decay == .fixed)
    // The authors look for words, in whatever order.
    #expect(SGConvMode("cat_learnable_randn_nearest") == SGConvMode("cat_randn_nearest_learnable"))
    let wrong = [
      "", "cat", "randn", "randn_cat", "cat_randn_x", "cat_randn_fixed", "cat_randn_cos",
    ]
    for name in wrong {
      #expect(SGConvMode(name) == nil, "\(name)")
    }
  }

  @Test(arguments: modes) func tapsOfEveryModeAndLength(mode: SGConvMode) {
    for isBidirectional in [false, true] {
      for copies in [1, 2] {
        var filter = Self.filter(mode, isBidirectional: isBidirectional, copies: copies)
        expectEveryParameterVisited(filter)
        #expect(filter.fullLength == 32)
        for length in [1, 2, 5, 31, 32, 33, 70] {
          let taps = filter.taps(length: length, on: nil).value
          #expect(taps.shape == [isBidirectional ? 2 * length - 1 : length, 3 * copies])
          #expect(taps.isFinite && taps.maximumMagnitude() > 0)
        }
        // Captured or not, the whole filter has norm 1, and zeros follow it.
        Self.capture(&filter)
        let taps = filter.taps(length: 40, on: nil).value
        let zeros = taps.sliced(axis: 0, taps.shape[0] - 8..<taps.shape[0])
        #expect(zeros.maximumMagnitude() == 0)
        let past = taps.sliced(axis: 0, taps.shape[0] - 40..<taps.shape[0])
        for square in (past * past).summedRows().elements { #expect(abs(square - 1) < 1e-5) }
      }
    }
  }

  /// One step on a tape, as training takes it.
  static func capture(_ filter: inout SGConvFilter) {
    let tape = Tape()
    _ = filter.taps(length: 8, on: tape)
    filter.apply(tape.updates)
  }

  @Test(arguments: modes) func tapsOfAShorterSequenceAreAPrefix(mode: SGConvMode) {
    var filter = Self.filter(mode)
    for _ in 0..<2 {
      let long = filter.taps(length: 40, on: nil).value
      for length in [1, 7, 20, 32] {
        #expect(filter.taps(length: length, on: nil).value == long.sliced(axis: 0, 0..<length))
      }
      Self.capture(&filter)
    }
    // Both directions begin at lag 0.
    let both = Self.filter(mode, isBidirectional: true)
    let long = both.taps(length: 20, on: nil).value
    #expect(both.taps(length: 10, on: nil).value == long.sliced(axis: 0, 10..<29))
  }

  @Test func theNormIsCapturedOnce() {
    for isBidirectional in [false, true] {
      var filter = Self.filter(SGConvMode(), isBidirectional: isBidirectional)
      let before = filter.taps(length: 32, on: nil).value
      #expect(filter.normIsCaptured.value.scalar == 0)
      Self.capture(&filter)
      #expect(filter.normIsCaptured.value.scalar == 1)
      #expect(filter.taps(length: 32, on: nil).value == before)
      let norms = [filter.pastNorm.value, filter.futureNorm?.value]
      filter.past[0].value = filter.past[0].value * 3
      let tape = Tape()
      _ = filter.taps(length: 32, on: tape)
      #expect(tape.updates.isEmpty)
      filter.apply(tape.updates)
      #expect(norms == [filter.pastNorm.value, filter.futureNorm?.value])
      #expect(filter.taps(length: 32, on: nil).value != before)
      // Sequences of one position capture the norm of the future too.
      var single = Self.filter(SGConvMode(), isBidirectional: isBidirectional)
      let short = Tape()
      _ = single.taps(length: 1, on: short)
      single.apply(short.updates)
      #expect(single.pastNorm.value == norms[0] && single.futureNorm?.value == norms[1])
    }
  }

  @Test func inferenceCapturesNothing() {
    let filter = Self.filter(SGConvMode())
    let first = filter.taps(length: 32, on: nil)
    #expect(first.value == filter.taps(length: 32, on: nil).value)
    #expect(filter.normIsCaptured.value.scalar == 0)
  }

  @Test func scalesFollowTheLength() {
    var options = SGConvOptions()
    options.kernelSize = 32
    for (length, scales) in [(1, 1), (32, 1), (33, 2), (64, 2), (1024, 6), (1025, 7), (2048, 7)] {
      options.maximumLength = length
      #expect(options.scaleCount == scales, "\(length)")
    }
    options.initialScale = 2
    #expect(options.scaleCount == 5)
    options.initialScale = 20
    #expect(options.scaleCount == 1)
    options.scales = 3
    #expect(options.scaleCount == 3)
  }

  /// The gradients of pieces and decay rates, through interpolation, weights and norm.
  @Test(arguments: modes) func gradientsOfEveryMode(mode: SGConvMode) {
    var filter = Self.filter(mode, isBidirectional: true, copies: 2)
    Self.capture(&filter)
    let parameters = filter.parameters.map(\.parameter).filter(\.options.isTrainable)
    var random = RandomSource(seed: 4)
    for length in [9, 40] {
      let error = GradientCheck.directionalError(
        of: { Self.taps(of: filter, length: length, with: $0) }, at: parameters.map(\.value),
        using: &random)
      #expect(error < 2e-3, "\(mode), length \(length)")
    }
  }

  /// The taps as a function of variables that stand in for the trained parameters.
  static func taps(
    of filter: SGConvFilter, length: Int, with variables: [Variable]
  ) -> Variable {
    var filter = filter
    var values = variables.map(\.value)[...]
    filter.forEachParameter { _, parameter in
      if parameter.options.isTrainable, let value = values.popFirst() { parameter.value = value }
    }
    let tape = Tape()
    let taps = filter.taps(length: length, on: tape)
    let trained = filter.parameters.map(\.parameter).filter(\.options.isTrainable)
    return .primitive(variables, value: taps.value) { dy in
      let gradients = tape.gradients(of: taps, seed: dy)
      return trained.map { gradients[$0.id] }
    }
  }
}
