import Longwave
import Testing

/// Filters inside layers are distilled, and all else of the layer stays.
@Suite struct FilterDistillationTests {
  @Test func replacesTheFiltersOfLayers() throws {
    var random = RandomSource(seed: 2)
    let length = 120
    let filter = ModalFilter((0..<3).map { FilterMaker.recurrence(pairs: 8, seed: $0) })
    var options = LongConvolutionOptions()
    options.isLinear = true
    let layer = LongConvolution(filter, channels: 3, options: options, using: &random)
    let distiller = BalancedTruncation()
    let (mixer, channels) = try FilterDistillation.distilled(layer, length: length) {
      taps throws(DistillationError) in try distiller.distilled(bank: taps, order: 12)
    }
    #expect(channels.count == 1 && channels[0].count == 3)
    let x = Variable(Tensor(normal: [2, length, 3], using: &random))
    let (a, b) = (layer(x, mask: nil).value, mixer(x, mask: nil).value)
    // No output is wrong by more than its certificate says.
    let largest = Double(x.value.maximumMagnitude())
    for channel in 0..<3 {
      let error = (a - b).sliced(axis: 2, channel..<channel + 1).maximumMagnitude()
      let bound = channels[0][channel].certificate.outputErrorBound
      #expect(Double(error) <= bound * largest + 1e-4)
      let size = filter.taps(length: length, on: nil).value
        .sliced(axis: 1, channel..<channel + 1).elements.reduce(0) { $0 + abs($1) }
      #expect(bound < Double(size), "the bound says more than that of no filter at all")
    }
    let recurrent = try #require(mixer as? any RecurrentMixer)
    #expect(recurrent is LongConvolution<ModalFilter>)
    // Parameters that are no filter's keep their identity, so that optimisers know them.
    let kept = Set(layer.parameters.map(\.parameter.id))
      .intersection(recurrent.parameters.map(\.parameter.id))
    #expect(kept.count == layer.parameters.count - filter.parameters.count)
  }

  @Test func replacesTheFiltersOfHyena() throws {
    var random = RandomSource(seed: 3)
    var options = HyenaOptions()
    options.hasResidualConvolution = true
    let operation = HyenaOperator(channels: 2, options: options, using: &random) {
      columns, random in
      ModalFilter((0..<columns).map { FilterMaker.recurrence(pairs: 2, seed: UInt64($0) + 1) })
    }
    let (mixer, channels) = try FilterDistillation.distilled(operation, length: 100) {
      taps throws(DistillationError) in
      try AutomaticDistiller().distilled(bank: taps, relativeError: 1e-4)
    }
    #expect(channels.count == 2)
    #expect(channels.joined().allSatisfy { $0.certificate.order <= 4 })
    let x = Variable(Tensor(normal: [1, 100, 2], using: &random))
    let (a, b) = (operation(x, mask: nil).value, mixer(x, mask: nil).value)
    #expect((a - b).maximumMagnitude() < 1e-3 * a.maximumMagnitude())
  }

  @Test func refusesWhatIsNoRecurrence() throws {
    var random = RandomSource(seed: 4)
    var options = StateSpaceOptions.minimal
    options.isBidirectional = true
    let both = S4DFilter(channels: 2, options: options, using: &random)
    let problem = #expect(throws: DistillationError.self) {
      try FilterDistillation.taps(of: both, length: 50)
    }
    #expect(problem?.kind == .notCausal)
    let growing = ModalFilter(
      poles: Tensor([1.02, 0], shape: [1, 1, 2]), residues: Tensor([1, 0], shape: [1, 1, 2]),
      parameterization: .cartesian)
    let other = #expect(throws: DistillationError.self) {
      try FilterDistillation.taps(of: growing, length: 50)
    }
    #expect(other?.kind == .notSummable)
  }
}
