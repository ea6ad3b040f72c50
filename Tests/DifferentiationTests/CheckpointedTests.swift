import Differentiation
import SequenceTensor
import Testing

/// Activation checkpointing: the same numbers for less memory.
@Suite struct CheckpointedTests {
  /// A stack with everything that could go wrong when it is computed twice: a parameter that is
  /// shared by all layers, dropout of both kinds, a residual connection and a buffer.
  private struct Stack: Sendable {
    var weights: [Parameter]
    let shared: Parameter
    let buffer = Parameter(Tensor([0]), .buffer)

    init(layers: Int, width: Int) {
      var random = RandomSource(seed: 1)
      let deviation = 1 / Float(width).squareRoot()
      func weight() -> Parameter {
        Parameter(Tensor(normal: [width, width], deviation: deviation, using: &random))
      }
      weights = (0..<layers).map { _ in weight() }
      shared = weight()
    }

    func callAsFunction(_ input: Variable, recomputes: Bool) -> Variable {
      var x = input
      for (index, weight) in weights.enumerated() {
        let body: (Variable) -> Variable = { [self] x in
          x.tape?.update(buffer, to: Tensor([Float(index)]))
          let y = x.linear(weight: weight(on: x.tape)).gelu().dropout(0.2)
          return x + y.linear(weight: shared(on: x.tape)).silu().dropout(0.1, .channel)
        }
        x = recomputes ? checkpointed(x, body) : body(x)
      }
      return x
    }
  }

  private static func normal(_ shape: Shape) -> Tensor {
    var random = RandomSource(seed: 2)
    return Tensor(normal: shape, using: &random)
  }

  @Test func lossAndGradientsHaveTheSameBits() throws {
    let stack = Stack(layers: 3, width: 6)
    let input = Self.normal([2, 5, 6])
    func results(_ recomputes: Bool) -> ([Tensor?], RandomSource, Tensor?) {
      let tape = Tape(random: RandomSource(seed: 9))
      let x = tape.variable(input)
      // The input is used nowhere else: sums of gradients from two places round by their order.
      let y = stack(x, recomputes: recomputes)
      let loss = (y * y).sum()
      let random = tape.random
      let updates = tape.updates
      let gradients = tape.gradients(of: loss)
      let parameters = (stack.weights + [stack.shared]).map { gradients[$0.id] }
      return ([loss.value, gradients[x]] + parameters, random, updates[stack.buffer.id])
    }
    let (plain, again) = (results(false), results(true))
    #expect(plain.0.count == 6)
    for (a, b) in zip(plain.0, again.0) {
      let (a, b) = (try #require(a), try #require(b))
      #expect(a.elements.map(\.bitPattern) == b.elements.map(\.bitPattern))
    }
    // What follows sees the same random numbers and the same updates.
    #expect(plain.1 == again.1 && plain.1 != RandomSource(seed: 9))
    #expect(plain.2 == again.2 && plain.2?.scalar == 2)
  }

  @Test func withoutATapeItIsTheBodyAlone() {
    let stack = Stack(layers: 2, width: 6)
    let x = Variable(Self.normal([1, 5, 6]))
    #expect(stack(x, recomputes: true).value == stack(x, recomputes: false).value)
  }

  @Test func parametersGetGradientsWhereTheInputIsAConstant() throws {
    let stack = Stack(layers: 1, width: 6)
    let tape = Tape()
    let y = stack(Variable(Self.normal([1, 5, 6]), on: tape), recomputes: true)
    #expect(y.needsGradient)
    #expect(try #require(tape.gradients(of: y)[stack.shared.id]).maximumMagnitude() > 0)
  }

  /// In a process of its own, since other tests hold tensors meanwhile.
  @Test func thePeakOfMemoryIsLower() async {
    await #expect(processExitsWith: .success) {
      let stack = Stack(layers: 12, width: 16)
      let input = Self.normal([1, 20_000, 16])
      func peak(_ recomputes: Bool) -> Int {
        TensorMemory.resetPeak()
        let before = TensorMemory.liveBytes
        let tape = Tape()
        let x = tape.variable(input)
        _ = tape.gradients(of: stack(x, recomputes: recomputes).sum())
        return TensorMemory.peakBytes - before
      }
      let (plain, again) = (peak(false), peak(true))
      #expect(again * 2 < plain, "\(again) of \(plain) bytes")
    }
  }
}
