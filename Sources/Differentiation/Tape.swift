public import SequenceTensor

/// The record of one computation, from which gradients are computed backwards.
///
/// A tape is local to a call: make one, compute a loss from parameters read on it, and ask for
/// the gradients. It carries the random numbers of the computation (dropout) and collects the
/// values that layers want to carry on (running statistics), so layers themselves stay values
/// without hidden state. Not `Sendable`: one tape, one thread of control; kernels below use all
/// threads.
public final class Tape {
  private struct Record {
    let inputs: [Int?]
    let shapes: [Shape]
    let output: Int
    let pullback: (Tensor) -> [Tensor?]
    let operation: StaticString
    let arithmetic: Double
  }

  private var records: [Record] = []
  private var slotCount = 0
  // Places and not variables: those hold the tape, which would then never be freed.
  private var leaves: [ParameterID: Int?] = [:]
  private var order: [Parameter] = []
  private let isRecording: Bool

  /// The random numbers of the computation.
  public var random: RandomSource
  /// Values of buffers to carry on, by parameter.
  public private(set) var updates: [ParameterID: Tensor] = [:]

  /// Where the time goes; `nil`, as usually, measures nothing.
  public var profile: OperationProfile?

  /// Creates an empty tape.
  public convenience init(random: RandomSource = RandomSource(seed: 0)) {
    self.init(random: random, isRecording: true)
  }

  init(random: RandomSource, isRecording: Bool) {
    self.random = random
    self.isRecording = isRecording
  }

  /// A variable whose gradient will be collected.
  public func variable(_ value: Tensor) -> Variable {
    Variable(value, tape: self, slot: isRecording ? newSlot() : nil)
  }

  /// The one variable of a parameter on this tape.
  func variable(for parameter: Parameter) -> Variable {
    guard parameter.options.isTrainable else { return Variable(parameter.value, on: self) }
    if let slot = leaves[parameter.id] {
      return Variable(parameter.value, tape: self, slot: slot)
    }
    let leaf = variable(parameter.value)
    leaves.updateValue(leaf.slot, forKey: parameter.id)
    // A tape that records holds no values of parameters, so that they are updated in place.
    if !isRecording { order.append(parameter) }
    return leaf
  }

  /// The trained parameters that have been read on a tape that does not record, in the order of
  /// first reading.
  var parametersRead: [Parameter] { order }

  /// Notes the value that a buffer is to have after this computation.
  public func update(_ parameter: Parameter, to value: Tensor) { updates[parameter.id] = value }

  /// Takes over the updates of a computation that was part of this one.
  func adopt(_ others: [ParameterID: Tensor]) {
    updates.merge(others) { _, new in new }
  }

  func record(
    _ inputs: [Variable], value: Tensor, operation: StaticString, arithmetic: Double,
    pullback: @escaping (Tensor) -> [Tensor?]
  ) -> Variable {
    guard isRecording else { return Variable(value, on: self) }
    let elements = inputs.reduce(value.count) { $0 + $1.value.count }
    profile?.addForward(
      "\(operation)", arithmetic: arithmetic, bytes: Double(elements * MemoryLayout<Float>.stride))
    let output = newSlot()
    records.append(
      Record(
        inputs: inputs.map(\.slot), shapes: inputs.map(\.shape), output: output,
        pullback: pullback, operation: operation, arithmetic: arithmetic))
    return Variable(value, tape: self, slot: output)
  }

  private func newSlot() -> Int {
    slotCount += 1
    return slotCount - 1
  }

  /// The gradients of a variable with respect to everything that it was computed from.
  ///
  /// The tape is used up: its records are freed on the way, so that memory falls as the sweep
  /// goes back.
  ///
  /// - Parameters:
  ///   - output: the loss, or any variable.
  ///   - seed: the gradient of the loss with respect to `output`; 1 for a scalar.
  public func gradients(of output: Variable, seed: Tensor? = nil) -> Gradients {
    require(output.tape === self, "Tape.gradients: the variable is not of this tape")
    let seed = seed ?? Tensor(repeating: 1, shape: output.shape)
    require(
      seed.shape == output.shape, "Tape.gradients: seed \(seed.shape) for \(output.shape)")
    var slots = [Tensor?](repeating: nil, count: slotCount)
    if let slot = output.slot { slots[slot] = seed }
    profile?.restart()
    while let record = records.popLast() {
      guard let gradient = slots[record.output] else { continue }
      slots[record.output] = nil
      let results = record.pullback(gradient)
      require(
        results.count == record.inputs.count,
        "Tape.gradients: a pullback gave \(results.count) gradients"
          + " for \(record.inputs.count) inputs")
      for (index, result) in results.enumerated() {
        guard let slot = record.inputs[index], let result else { continue }
        require(
          result.shape == record.shapes[index],
          "Tape.gradients: gradient \(result.shape) for an input \(record.shapes[index])")
        Self.add(result, to: &slots[slot])
      }
      // A gradient for each of two factors: twice the arithmetic.
      profile?.addBackward("\(record.operation)", arithmetic: 2 * record.arithmetic)
    }
    return Gradients(slots: slots, leaves: leaves.compactMapValues { $0 })
  }

  private static func add(_ gradient: Tensor, to sum: inout Tensor?) {
    guard var total = sum.take() else {
      sum = gradient
      return
    }
    total += gradient
    sum = total
  }
}

/// The gradients of one computation.
public struct Gradients: Sendable {
  private var slots: [Tensor?]
  private let leaves: [ParameterID: Int]

  init(slots: [Tensor?], leaves: [ParameterID: Int]) {
    self.slots = slots
    self.leaves = leaves
  }

  /// The gradient of a parameter; `nil` if the output does not depend on it.
  public subscript(id: ParameterID) -> Tensor? { leaves[id].flatMap { slots[$0] } }

  /// The gradient of a variable made with `Tape.variable(_:)`.
  public subscript(variable: Variable) -> Tensor? { variable.slot.flatMap { slots[$0] } }

  /// The square root of the sum of the squares of all parameters' gradients.
  public var norm: Double {
    leaves.values.sorted().reduce(0) { $0 + (slots[$1]?.sumOfSquares() ?? 0) }.squareRoot()
  }
}

/// Computes a loss on a fresh tape, and its gradients.
///
/// - Parameters:
///   - random: the random numbers of the computation; left where the computation left them.
///   - body: computes a scalar from parameters read on the tape.
public func withGradients(
  random: inout RandomSource, _ body: (Tape) -> Variable
) -> (loss: Tensor, gradients: Gradients, updates: [ParameterID: Tensor]) {
  let tape = Tape(random: random)
  let loss = body(tape)
  random = tape.random
  return (loss.value, tape.gradients(of: loss), tape.updates)
}
