import Longwave
import TestSupport
import Testing

/// Layers that go on from where they stopped: at once, in chunks and position by position alike.
@Suite struct RecurrenceTests {
  static func random(_ seed: UInt64 = 7) -> RandomSource { RandomSource(seed: seed) }

  /// The largest difference between the three ways, relative to the largest output.
  func difference<Mixer: RecurrentMixer>(
    _ mixer: Mixer, channels: Int, length: Int, chunks: [Int]
  ) -> Float {
    var random = Self.random()
    let x = Tensor(normal: [2, length, channels], using: &random)
    let whole = mixer(Variable(x), mask: nil).value
    let scale = whole.maximumMagnitude()
    var state = mixer.initialState(batch: 2)
    var parts: [Tensor] = []
    var start = 0
    while start < length {
      let size = min(chunks[parts.count % chunks.count], length - start)
      parts.append(mixer.chunk(x.sliced(axis: 1, start..<start + size), &state))
      start += size
    }
    var stepState = mixer.initialState(batch: 2)
    let steps = (0..<length).map { position in
      mixer.step(
        x.sliced(axis: 1, position..<position + 1).reshaped(2, channels), &stepState
      ).reshaped(2, 1, -1)
    }
    let chunked = Tensor.concatenated(parts, axis: 1)
    let stepped = Tensor.concatenated(steps, axis: 1)
    return max((whole - chunked).maximumMagnitude(), (whole - stepped).maximumMagnitude()) / scale
  }

  func expectAgreement<Mixer: RecurrentMixer>(
    _ mixer: Mixer, channels: Int, lengths: [Int] = [1, 2, 7, 40, 97, 200],
    within limit: Float = 5e-6, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for length in lengths {
      // The longest chunks of S4D are convolutions.
      for chunks in [[1], [3, 1, 2], [70, 64, 5]] {
        let error = difference(mixer, channels: channels, length: length, chunks: chunks)
        #expect(error < limit, "\(length) by \(chunks): \(error)", sourceLocation: sourceLocation)
      }
    }
  }

  @Test func diagonal() {
    var random = Self.random()
    var kinds: [StateSpaceOptions] = [.minimal, .safari]
    kinds.append(
      S4DFilterTests.options(.stateSpaces, .bilinear) { o in
        o.copies = 2
        o.independentSystems = 3
        o.tiesSteps = false
      })
    kinds.append(S4DFilterTests.options { $0.isReal = true })
    kinds.append(S4DFilterTests.options { $0.bandLimit = 0.5 })
    for var options in kinds {
      options.stateSize = 8
      let filter = S4DFilter(channels: 3, options: options, using: &random)
      expectAgreement(LongConvolution(filter, channels: 3, using: &random), channels: 3)
    }
    // DSS normalises by the length, so that one length agrees.
    let softmax = S4DFilterTests.options(.stateSpaces, .softmax) { $0.maximumLength = 90 }
    let filter = S4DFilter(channels: 3, options: softmax, using: &random)
    expectAgreement(
      LongConvolution(filter, channels: 3, using: &random), channels: 3, lengths: [90])
  }

  @Test func normalPlusLowRank() {
    var random = Self.random()
    for (kind, rank) in [
      (StateSpaceInitialization.legendreScaled, 1), (.legendreTranslated, 2), (.fourier, 3),
    ] {
      var options = StateSpaceOptions()
      options.stateSize = 8
      options.initialization = kind
      options.rank = rank
      options.minimumStep = 0.05
      options.maximumStep = 0.2
      options.copies = 2
      options.maximumLength = 97
      let filter = S4Filter(channels: 2, options: options, using: &random)
      expectAgreement(
        LongConvolution(filter, channels: 2, using: &random), channels: 2, lengths: [1, 6, 40, 97],
        within: 2e-5)
    }
  }

  @Test func shift() {
    var random = Self.random()
    var filter = ShiftFilter(channels: 3, stateSize: 5, copies: 2, using: &random)
    filter.input.value = Tensor(normal: [3, 5], using: &random)
    expectAgreement(LongConvolution(filter, channels: 3, using: &random), channels: 3)
  }

  @Test func h3() {
    var random = Self.random()
    for headSize in [1, 2, 3] {
      var options = StateSpaceOptions.safari
      options.stateSize = 6
      expectAgreement(
        H3(channels: 6, headSize: headSize, options: options, using: &random), channels: 6)
    }
  }

  @Test func s5() {
    var random = Self.random()
    for gating in S5Options.Gating.allCases {
      var options = S5Options()
      options.stateSize = 8
      options.blocks = 2
      options.gating = gating
      options.isConjugateSymmetric = gating != .half
      options.discretization = gating == .full ? .bilinear : .zeroOrderHold
      let layer = S5Layer(channels: 3, options: options, using: &random)
      // Longer than the pieces of a scan.
      expectAgreement(layer, channels: 3, lengths: [1, 2, 97, 1200])
    }
  }

  /// A state is a value: what goes on from a copy leaves the original alone.
  @Test func copiesAreBranches() {
    var random = Self.random()
    let layer = H3(channels: 4, headSize: 2, using: &random)
    var state = layer.initialState(batch: 1)
    let x = Tensor(normal: [1, 9, 4], using: &random)
    _ = layer.chunk(x, &state)
    var branch = state
    let first = layer.chunk(x * 3, &branch)
    _ = layer.chunk(x, &branch)
    #expect(layer.chunk(x * 3, &state) == first)
  }
}
