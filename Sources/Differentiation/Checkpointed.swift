import SequenceTensor

/// Computes a part of a model without keeping what its backward pass needs, and computes it again
/// during the backward pass: memory for time, for long stacks.
///
/// The second run sees the same random numbers, so dropout masks agree.
///
/// - Parameters:
///   - input: what the part is applied to.
///   - body: the part; it must compute the same thing each time, from its argument and parameters.
/// - Returns: what `body` returns, with the same gradients.
/// - Complexity: one more forward pass of the part; memory for its input instead of all its
///   intermediate values.
public func checkpointed(
  _ input: Variable, _ body: @escaping (Variable) -> Variable
) -> Variable {
  guard let tape = input.tape else { return body(input) }
  let start = tape.random
  let trial = Tape(random: start, isRecording: false)
  let output = body(Variable(input.value, on: trial))
  tape.random = trial.random
  tape.adopt(trial.updates)
  let parameters = trial.parametersRead
  let inputs = [input] + parameters.map { $0(on: tape) }
  return Variable.primitive(inputs, value: output.value) { seed in
    let again = Tape(random: start)
    let variable = again.variable(input.value)
    let gradients = again.gradients(of: body(variable), seed: seed)
    return [gradients[variable]] + parameters.map { gradients[$0.id] }
  }
}
