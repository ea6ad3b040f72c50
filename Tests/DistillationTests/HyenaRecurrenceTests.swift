import Longwave
import Testing

/// A Hyena operator around recurrent filters decodes in steps of constant cost.
@Suite struct HyenaRecurrenceTests {
  static func options(_ change: (inout HyenaOptions) -> Void) -> HyenaOptions {
    var options = HyenaOptions()
    change(&options)
    return options
  }

  static let cases: [HyenaOptions] = [
    options { _ in }, options { $0.order = 4 },
    options {
      $0.order = 3
      $0.filterOrder = .stacked
    },
    options {
      $0.order = 3
      $0.filterOrder = .interleaved
      $0.heads = 2
      $0.mixesHeads = true
    },
    options {
      $0.heads = 2
      $0.mixesOuter = true
      $0.activation = .gelu
    },
    options { $0.hasResidualConvolution = true }, options { $0.innerFactor = 2 },
    options { $0.shortFilterTaps = 1 },
  ]

  /// Position by position and in odd chunks: what the operator gives for the whole.
  @Test(arguments: cases.indices) func waysAgree(_ index: Int) {
    var random = RandomSource(seed: 3)
    let channels = 4
    let operation = HyenaOperator(
      channels: channels, options: Self.cases[index], using: &random
    ) { columns, random in
      ModalFilter(
        (0..<columns).map {
          FilterMaker.recurrence(pairs: 2, seed: random.next() &+ UInt64($0))
        })
    }
    let length = 150
    let x = Tensor(normal: [2, length, channels], using: &random)
    let whole = operation(Variable(x), mask: nil).value
    var state = operation.initialState(batch: 2)
    var parts: [Tensor] = []
    var place = 0
    for size in [1, 5, 70, 3, 1] {
      parts.append(operation.chunk(x.sliced(axis: 1, place..<place + size), &state))
      place += size
    }
    while place < length {
      let row = x.sliced(axis: 1, place..<place + 1).reshaped(2, channels)
      parts.append(operation.step(row, &state).reshaped(2, 1, channels))
      place += 1
    }
    let error =
      (Tensor.concatenated(parts, axis: 1) - whole).maximumMagnitude() / whole.maximumMagnitude()
    #expect(error < 1e-5, "\(Self.cases[index]): \(error)")
  }

  /// Distilled filters in the place of the original: the outputs are as near as the certificates say.
  @Test func takesThePlaceOfAnotherFilter() throws {
    var random = RandomSource(seed: 6)
    let (channels, length) = (3, 96)
    let original = HyenaOperator(channels: channels, using: &random) { columns, random in
      ModalFilter((0..<columns).map { FilterMaker.recurrence(pairs: 4, seed: UInt64($0)) })
    }
    let taps = original.filter.taps(length: length, on: nil).value
    let distilled = try AutomaticDistiller().distilled(bank: taps, order: 8)
    var copy = original
    copy.filter = ModalFilter(distilled)
    let x = Tensor(normal: [1, length, channels], using: &random)
    let (a, b) = (original(Variable(x), mask: nil).value, copy(Variable(x), mask: nil).value)
    #expect((a - b).maximumMagnitude() < 1e-4 * a.maximumMagnitude())
    #expect(distilled.allSatisfy { $0.certificate.relativeL2Error < 1e-5 })
  }
}
