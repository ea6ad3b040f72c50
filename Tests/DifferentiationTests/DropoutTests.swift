import Differentiation
import SequenceTensor
import Testing

/// Dropout: which values are zero, and that both directions agree on them.
@Suite struct DropoutTests {
  static let ones = Tensor(repeating: 1, shape: [8, 50, 40])

  /// What a fresh tape of a seed leaves of ones.
  static func mask(_ rate: Float, _ kind: DropoutKind, seed: UInt64 = 3) -> Tensor {
    let tape = Tape(random: RandomSource(seed: seed))
    return Variable(ones, on: tape).dropout(rate, kind).value
  }

  @Test(arguments: DropoutKind.allCases) func nothingHappensWithoutATapeOrARate(
    kind: DropoutKind
  ) {
    #expect(Variable(Self.ones).dropout(0.5, kind).value == Self.ones)
    let tape = Tape(random: RandomSource(seed: 3))
    #expect(Variable(Self.ones, on: tape).dropout(0, kind).value == Self.ones)
    // A rate of zero takes no random number, so it changes nothing that follows.
    #expect(tape.random == RandomSource(seed: 3))
  }

  @Test(arguments: [Float(0.1), 0.5, 0.9]) func valuesAreDroppedAtTheRate(rate: Float) {
    let values = Self.mask(rate, .elementwise).elements
    #expect(Set(values) == [0, 1 / (1 - rate)])
    let expected = Double(values.count) * Double(rate)
    let deviation = (expected * Double(1 - rate)).squareRoot()
    #expect(abs(Double(values.count { $0 == 0 }) - expected) < 5 * deviation)
  }

  @Test func channelsAreDroppedWhole() {
    let values = Self.mask(0.4, .channel)
    #expect(Set(values.elements) == [0, 1 / (1 - 0.4)])
    var dropped = 0
    for b in 0..<8 {
      for c in 0..<40 {
        let column = Set((0..<50).map { values[b, $0, c] })
        #expect(column.count == 1)
        if column == [0] { dropped += 1 }
      }
    }
    #expect(abs(Double(dropped) - 128) < 5 * (128 * 0.6).squareRoot())
  }

  @Test(arguments: DropoutKind.allCases) func theGradientSeesTheSameMask(
    kind: DropoutKind
  ) throws {
    let tape = Tape(random: RandomSource(seed: 3))
    let x = tape.variable(Self.ones)
    let y = x.dropout(0.3, kind)
    let gradients = tape.gradients(of: y)
    #expect(gradients[x] == y.value)
    var random = RandomSource(seed: 4)
    let error = GradientCheck.adjointError(
      of: { $0.dropout(0.3, kind) }, at: [3, 7, 5], using: &random)
    #expect(error < 1e-6)
  }

  @Test(arguments: DropoutKind.allCases) func masksFollowTheSeed(kind: DropoutKind) {
    #expect(Self.mask(0.3, kind) == Self.mask(0.3, kind))
    #expect(Self.mask(0.3, kind) != Self.mask(0.3, kind, seed: 4))
    let tape = Tape(random: RandomSource(seed: 3))
    let x = Variable(Self.ones, on: tape)
    // Two uses on one tape are independent.
    #expect(x.dropout(0.3, kind).value != x.dropout(0.3, kind).value)
  }
}
