import Differentiation
import SequenceTensor
import Testing

/// Which operations a profile counts, and what it adds up.
@Suite struct OperationProfileTests {
  @Test func countsOperationsForwardAndBackward() throws {
    let tape = Tape()
    tape.profile = OperationProfile()
    let x = tape.variable(Tensor(repeating: 1, shape: [4, 3]))
    let w = tape.variable(Tensor(repeating: 2, shape: [5, 3]))
    let y = x.linear(weight: w)
    let loss = (y.gelu() + y.gelu()).sum()
    _ = tape.gradients(of: loss)
    let entries = try #require(tape.profile).entries
    #expect(entries.map(\.name) == ["linear(weight:bias:)", "gelu()", "+(_:_:)", "sum()"])
    #expect(entries.map(\.calls) == [1, 2, 1, 1])
    let linear = entries[0]
    // 4 rows, 3 inputs, 5 outputs.
    #expect(linear.arithmetic == 120)
    #expect(linear.arithmeticBackward == 240)
    #expect(linear.bytes == 188)
    #expect(entries.allSatisfy { $0.forward > 0 && $0.backward > 0 })
  }

  @Test func notesUnderNamesOfOnesOwn() {
    var profile = OperationProfile()
    profile.note("a")
    profile.note("b")
    profile.note("a")
    #expect(profile.entries.map(\.name) == ["a", "b"] && profile.entries.map(\.calls) == [2, 1])
  }
}
