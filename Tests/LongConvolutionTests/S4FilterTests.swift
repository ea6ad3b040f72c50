import Longwave
import TestSupport
import Testing

/// S4 by its generating function against its recurrence in double precision.
@Suite struct S4FilterTests {
  static func filter(
    _ initialization: StateSpaceInitialization = .legendreScaled, channels: Int = 3,
    _ change: (inout StateSpaceOptions) -> Void = { _ in }
  ) -> S4Filter {
    var options = StateSpaceOptions()
    options.stateSize = 8
    options.initialization = initialization
    options.rank = initialization == .legendreTranslated ? 2 : 1
    options.minimumStep = 0.02
    options.maximumStep = 0.2
    change(&options)
    var random = RandomSource(seed: 4)
    var filter = S4Filter(channels: channels, options: options, using: &random)
    for noisy in [\S4Filter.real, \.imaginary, \.input, \.lowRank] {
      let value = filter[keyPath: noisy].value
      filter[keyPath: noisy].value =
        value + Tensor(normal: value.shape, deviation: 0.1, using: &random)
    }
    return filter
  }

  /// Re Σ C·Āˡ·B̄ over all states, for C itself.
  func powers(_ filter: S4Filter, length: Int) -> [[Double]] {
    let rows = [ComplexNumber](filter.output.value)
    let half = filter.options.stateSize / 2
    return (0..<filter.inputChannels).map { h in
      let (transition, input) = filter.discretized(channel: h)
      let c = rows[h * half..<(h + 1) * half]
      let output = c + c.map(\.conjugate)
      var state = input
      return (0..<length).map { _ in
        let tap = zip(output, state).reduce(0) { $0 + ($1.0 * $1.1).real }
        state = state.indices.map { row in
          state.indices.reduce(.zero) {
            $0 + transition[row * state.count + $1] * state[$1]
          }
        }
        return tap
      }
    }
  }

  @Test(arguments: [
    StateSpaceInitialization.legendreScaled, .fourier, .legendreTranslated, .linear,
    .diagonalLegendre,
  ]) func tapsAreThoseOfTheRecurrence(_ initialization: StateSpaceInitialization) {
    // FouT has a state that hardly fades, which C~ in single precision resolves less well.
    let limit: Float = initialization == .fourier ? 1e-4 : 2e-6
    for rank in [2, 3] {
      let filter = Self.filter(initialization) { $0.rank = max($0.rank, rank - 1) }
      for length in [1, 2, 3, 8, 17, 64] {
        let expected = powers(filter, length: length)
        let taps = filter.taps(length: length, on: nil).value
        let scale = taps.maximumMagnitude()
        for l in 0..<length {
          for h in 0..<3 {
            #expect(abs(taps[l, h] - Float(expected[h][l])) < limit * scale, "\(length): \(l)")
          }
        }
      }
    }
  }

  @Test func tuningDoubles() {
    let plain = Self.filter()
    var tuned = plain
    tuned.tune(toLength: 10)
    #expect(tuned.tunedLength.value.scalar == 10 && tuned.output.value != plain.output.value)
    let before = tuned.taps(length: 10, on: nil).value
    var longer = tuned
    longer.tune(toLength: 33)
    #expect(longer.tunedLength.value.scalar == 40)
    let expected = powers(plain, length: 33)
    let taps = longer.taps(length: 33, on: nil).value
    for l in 0..<33 {
      for h in 0..<3 {
        #expect(abs(taps[l, h] - Float(expected[h][l])) < 1e-5 * taps.maximumMagnitude())
        if l < 10 { #expect(abs(taps[l, h] - before[l, h]) < 1e-5 * taps.maximumMagnitude()) }
      }
    }
    // Shorter sequences change nothing.
    longer.tune(toLength: 7)
    #expect(longer.tunedLength.value.scalar == 40)
  }

  /// Without a maximum length a tape hands the tuned weights on.
  @Test func aTapeHandsOnWhatItTuned() {
    var filter = Self.filter()
    let tape = Tape()
    let taps = filter.taps(length: 12, on: tape).value
    filter.apply(tape.updates)
    #expect(filter.tunedLength.value.scalar == 12)
    let again = Tape()
    #expect(filter.taps(length: 12, on: again).value == taps)
    #expect(again.updates.isEmpty)
  }

  @Test func maximumLengthCrops() {
    let cropped = Self.filter { $0.maximumLength = 6 }
    #expect(cropped.lengthSemantics == .crop && cropped.tunedLength.value.scalar == 6)
    let taps = cropped.taps(length: 9, on: nil).value
    #expect(taps.sliced(axis: 0, 6..<9) == Tensor(zeros: [3, 3]))
    #expect(taps.sliced(axis: 0, 0..<6) == cropped.taps(length: 6, on: nil).value)
  }

  @Test(arguments: [1, 2, 3]) func gradients(rank: Int) {
    for tuned in [1, 9, 16] {
      let filter = Self.filter(rank > 1 ? .legendreTranslated : .legendreScaled, channels: 4) { o in
        o.rank = rank
        o.independentSystems = 2
        o.maximumLength = tuned
        o.copies = 2
        o.isBidirectional = rank == 3
      }
      for length in [tuned, max(1, tuned - 3)] {
        let error = parameterGradientError(of: filter) { $0.taps(length: length, on: $1) }
        #expect(error < 2e-3, "\(tuned), \(length): \(error)")
      }
    }
  }

  @Test func parameters() {
    expectEveryParameterVisited(Self.filter())
    let filter = Self.filter()
    #expect(filter.parameters.last?.name == "l_kernel")
    #expect(filter.parameters.last?.parameter.options.isTrainable == false)
  }
}
