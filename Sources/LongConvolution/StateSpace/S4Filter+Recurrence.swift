import Differentiation
public import SequenceTensor

extension S4Filter {
  /// The states of every sequence and channel, and the recurrence, in time linear in the states.
  public struct State: Sendable {
    let steps: [LowRankStep]
    /// C for each channel and copy, with the conjugate states after the stored ones.
    package let output: [[[ComplexNumber]]]
    /// s for each sequence and channel, without the conjugate states.
    package var values: [[ComplexNumber]]
  }

  /// The state before the first position: zero.
  ///
  /// C is won back from C~, C = C~(1 - Ā^T)⁻¹, which is inaccurate for states that fade little over
  /// the length T.
  ///
  /// - Precondition: the filter is causal.
  /// - Complexity: O(N³ log T) for each channel.
  public func initialState(batch: Int) -> State {
    require(
      !isBidirectional, "S4Filter.initialState: a bidirectional filter is no recurrence")
    let systems = systems
    let steps = systems.map { LowRankStep($0) }
    let tuned = Int(tunedLength.value.scalar)
    var output = systems.map { system in
      system.output.map { row in row + row.map(\.conjugate) }
    }
    if tuned > 0 {
      output.withUnsafeMutableBufferPointer { output in
        nonisolated(unsafe) let output = output
        Parallel.forEach(tasks: output.count) { h, _ in
          var remainder = steps[h].matrix.power(tuned).transposed
          for index in remainder.elements.indices {
            remainder.elements[index] = -remainder.elements[index]
          }
          for n in 0..<remainder.size { remainder[n, n] += .one }
          output[h] = remainder.solve(output[h])
        }
      }
    }
    let zeros = [ComplexNumber](repeating: .zero, count: systems.first?.modes ?? 0)
    return State(
      steps: steps, output: output,
      values: Array(repeating: zeros, count: batch * inputChannels))
  }

  /// Ā and B̄ of a channel, with the conjugate states after the stored ones.
  package func discretized(
    channel: Int
  ) -> (transition: [ComplexNumber], input: [ComplexNumber]) {
    let step = LowRankStep(systems[channel])
    let input = step.discreteInput
    return (step.matrix.elements, input + input.map(\.conjugate))
  }

  /// The outputs at the next positions, one by one.
  ///
  /// The recurrence has no end: it is not cropped at the maximum length.
  public func chunk(_ x: Tensor, _ state: inout State) -> Tensor {
    let width = inputChannels
    require(
      x.shape.rank == 3 && x.shape[2] == width && state.values.count == x.shape[0] * width,
      "S4Filter.chunk: \(x.shape) [batch, length, \(width)] for a state of"
        + " \(state.values.count / width) sequences")
    let (batch, length, rows) = (x.shape[0], x.shape[1], channels)
    let (steps, output) = (state.steps, state.output)
    return Tensor(uninitialized: [batch, length, rows]) { y in
      state.values.withUnsafeMutableBufferPointer { values in
        nonisolated(unsafe) let values = values
        Parallel.forEach(tasks: batch * width) { task, _ in
          let (b, h) = task.quotientAndRemainder(dividingBy: width)
          for position in b * length..<(b + 1) * length {
            steps[h].advance(&values[task], input: Double(x.pointer[position * width + h]))
            for c in 0..<rows / width {
              let sum = zip(output[h][c], values[task]).reduce(0) { $0 + ($1.0 * $1.1).real }
              y[position * rows + c * width + h] = Float(2 * sum)
            }
          }
        }
      }
    }
  }
}
