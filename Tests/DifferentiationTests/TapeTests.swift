import Differentiation
import SequenceTensor
import Testing

/// The tape: what gets a gradient, and what a computation leaves behind.
@Suite struct TapeTests {
  @Test func tiedParametersAddUp() throws {
    let tape = Tape()
    let tied = Parameter(Tensor([2, 3]))
    let copy = tied
    let y = tied(on: tape) * tied(on: tape) + copy(on: tape)
    let gradient = try #require(tape.gradients(of: y)[tied.id])
    #expect(gradient.elements == [5, 7])
    #expect(copy.id == tied.id)
    #expect(Parameter(tied.value).id != tied.id)
  }

  @Test func constantsAndUnusedParametersGetNoGradient() {
    let tape = Tape()
    let (used, unused) = (Parameter(Tensor([2])), Parameter(Tensor([3])))
    let constant = Variable(Tensor([4]), on: tape)
    _ = unused(on: tape)
    let y = used(on: tape) * constant
    #expect(!constant.needsGradient && y.needsGradient)
    let gradients = tape.gradients(of: y)
    #expect(gradients[used.id]?.scalar == 4)
    #expect(gradients[unused.id] == nil)
    #expect(gradients[constant] == nil)
    #expect(gradients.norm == 4)
  }

  @Test func gradientsStopAtDetachedVariables() {
    let tape = Tape()
    let x = tape.variable(Tensor([3]))
    let y = x * x.detached
    #expect(tape.gradients(of: y)[x]?.scalar == 3)
    // What depends on nothing has no gradients.
    let other = Tape()
    let z = other.variable(Tensor([3]))
    #expect(other.gradients(of: z.detached * z.detached)[z] == nil)
  }

  @Test func withoutATapeNothingIsRecorded() {
    let parameter = Parameter(Tensor([2]))
    let y = parameter(on: nil) * Variable(Tensor([3]))
    #expect(y.value.scalar == 6)
    #expect(y.tape == nil && !y.needsGradient)
  }

  /// What is left of a step is its gradients: neither the tape nor values of parameters, which are
  /// then updated in place.
  @Test func aComputationIsFreed() {
    var parameter = Parameter(Tensor([2, 3]))
    let place = parameter.value.pointer
    weak var left: Tape?
    let gradients: Gradients
    do {
      let tape = Tape()
      left = tape
      let loss = (parameter(on: tape) * parameter(on: tape)).sum()
      gradients = tape.gradients(of: loss)
    }
    #expect(left == nil)
    #expect(gradients[parameter.id]?.elements == [4, 6])
    #expect(UnsafePointer(parameter.value.mutablePointer()) == place)
  }

  @Test func buffersAreNotTrainedButCarriedOn() throws {
    struct Holder: Module {
      var weight = Parameter(Tensor([2]))
      var buffer = Parameter(Tensor([5]), .buffer)
      mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
        body("weight", &weight)
        body("buffer", &buffer)
      }
    }
    var holder = Holder()
    var random = RandomSource(seed: 0)
    let (loss, gradients, updates) = withGradients(random: &random) { tape in
      tape.update(holder.buffer, to: Tensor([6]))
      return holder.weight(on: tape) * holder.buffer(on: tape)
    }
    #expect(loss.scalar == 10)
    #expect(gradients[holder.weight.id]?.scalar == 5)
    #expect(gradients[holder.buffer.id] == nil)
    #expect(holder.parameterCount == 1)
    holder.apply(updates)
    #expect(holder.buffer.value.scalar == 6 && holder.weight.value.scalar == 2)
  }

  @Test func primitivesOfOnesOwn() throws {
    func squared(_ x: Variable) -> Variable {
      Variable.primitive([x], value: x.value * x.value) { dy in [dy * x.value * 2] }
    }
    let tape = Tape()
    let x = tape.variable(Tensor([1, -2, 3]))
    let y = squared(squared(x))
    #expect(y.value.elements == [1, 16, 81])
    #expect(tape.gradients(of: y)[x]?.elements == [4, -32, 108])
    #expect(squared(Variable(Tensor([3]))).value.scalar == 9)
  }

  @Test func recordsAreFreedByTheSweep() {
    final class Witness {}
    let tape = Tape()
    let x = tape.variable(Tensor([2]))
    weak var witness: Witness?
    var y = x
    do {
      let kept = Witness()
      witness = kept
      y = Variable.primitive([x], value: x.value) { dy in
        withExtendedLifetime(kept) { [dy] }
      }
    }
    #expect(witness != nil)
    #expect(tape.gradients(of: y)[x]?.scalar == 1)
    #expect(witness == nil)
    #expect(y.tape === tape)
  }

  @Test func aSeedWeighsTheOutput() {
    let tape = Tape()
    let x = tape.variable(Tensor([2, 3]))
    let gradients = tape.gradients(of: x * 10, seed: Tensor([1, -1]))
    #expect(gradients[x]?.elements == [10, -10])
  }

  @Test func differentTapesAreRefused() async {
    await #expect(processExitsWith: .failure) {
      let (one, other) = (Tape(), Tape())
      _ = one.variable(Tensor([1])) + other.variable(Tensor([1]))
    }
    await #expect(processExitsWith: .failure) {
      let (one, other) = (Tape(), Tape())
      _ = one.gradients(of: other.variable(Tensor([1])))
    }
  }

  @Test func wrongGradientsOfPrimitivesAreRefused() async {
    await #expect(processExitsWith: .failure) {
      let tape = Tape()
      let x = tape.variable(Tensor([1, 2]))
      _ = tape.gradients(of: .primitive([x], value: x.value) { _ in [Tensor([1])] })
    }
    await #expect(processExitsWith: .failure) {
      let tape = Tape()
      let x = tape.variable(Tensor([1, 2]))
      _ = tape.gradients(of: .primitive([x], value: x.value) { [$0, $0] })
    }
  }
}
