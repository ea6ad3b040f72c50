import Longwave
import Testing

/// A language model whose filters were distilled decodes token by token.
@Suite struct DecodingTests {
  static func model() -> LanguageModel<AnySequenceMixer> {
    var random = RandomSource(seed: 1)
    var options = LanguageModelOptions()
    options.channels = 4
    options.layers = 2
    options.tiesHead = true
    return LanguageModel(vocabulary: 7, options: options, using: &random) { random in
      AnySequenceMixer(
        HyenaOperator(channels: 4, using: &random) { columns, random in
          var options = HyenaFilterOptions()
          options.maximumLength = 64
          return HyenaFilter(channels: columns, options: options, using: &random)
        })
    }
  }

  @Test func decodesAsTheWhole() throws {
    var model = Self.model()
    #expect(model.initialState(batch: 1) == nil, "implicit filters are no recurrences")
    for index in model.blocks.indices {
      let mixer = try #require(model.blocks[index].mixing.mixer.mixer as? any FilterReplaceable)
      model.blocks[index].mixing.mixer.mixer = try FilterDistillation.distilled(mixer, length: 64) {
        taps throws(DistillationError) in
        try BalancedTruncation().distilled(bank: taps, order: 6)
      }.mixer
    }
    let tokens = (0..<40).map { Int32($0 * $0 % 7) }
    let both = Array(tokens[..<20]) + Array(tokens[20...])
    let whole = model(both, mask: SequenceMask(lengths: [20, 20], length: 20), on: nil).value
    var state = try #require(model.initialState(batch: 2))
    func rows(_ range: Range<Int>) -> [Int32] {
      Array(both[range]) + range.map { both[20 + $0] }
    }
    var parts = [model.logits(of: rows(0..<9), &state)]
    for position in 9..<20 { parts.append(model.logits(of: rows(position..<position + 1), &state)) }
    let found = Tensor.concatenated(parts, axis: 1)
    #expect((found - whole).maximumMagnitude() < 1e-5 * whole.maximumMagnitude())
    #expect(state.position == 20)
  }
}
