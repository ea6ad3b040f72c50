import Differentiation
public import SequenceTensor

extension S4DFilter {
  /// The states of every sequence, channel and pole, and the recurrence s ← Ā·s + B̄·u, y = C·s.
  public struct State: Sendable {
    /// log Ā, `[H, N]`.
    let exponents: [ComplexNumber]
    /// Ā, `[H, N]`.
    package let transition: [ComplexNumber]
    /// B̄ = κB, `[H, N]`.
    package let input: [ComplexNumber]
    /// C, `[copies, H, N]`, without the factor for the conjugate states.
    package let output: [ComplexNumber]
    /// s, `[batch, H, N]`.
    package var values: [ComplexNumber]
  }

  /// The state before the first position: zero.
  ///
  /// DSS normalises its states over a length, so there the recurrence is that of the maximum
  /// length, and equals the convolution of sequences of that length.
  ///
  /// - Precondition: the filter is causal, and has a maximum length if it is DSS.
  public func initialState(batch: Int) -> State {
    require(
      !isBidirectional, "S4DFilter.initialState: a bidirectional filter is no recurrence")
    require(
      options.discretization != .softmax || options.maximumLength != nil,
      "S4DFilter.initialState: DSS needs a maximum length to normalise by")
    let system = system
    let (exponents, gains) = system.discretized(length: options.maximumLength ?? 1)
    return State(
      exponents: exponents, transition: exponents.map { .exponential($0) },
      input: gains.indices.map { index in
        gains[index] * system.input(index / system.modes, index % system.modes)
      }, output: system.outputs,
      values: Array(repeating: .zero, count: batch * exponents.count))
  }

  /// From this length on a chunk is a convolution.
  private static let shortestConvolution = 64

  /// The outputs at the next positions: a long chunk by a convolution and what the state adds to
  /// it, a short one position by position.
  ///
  /// The recurrence has no end: it is not cropped at the maximum length.
  public func chunk(_ x: Tensor, _ state: inout State) -> Tensor {
    let modes = options.storedStates
    require(
      x.shape.rank == 3 && x.shape[2] == inputChannels
        && state.values.count == x.shape[0] * inputChannels * modes,
      "S4DFilter.chunk: \(x.shape) [batch, length, \(inputChannels)] for a state of"
        + " \(state.values.count / (inputChannels * modes)) sequences")
    return x.shape[1] < Self.shortestConvolution
      ? positions(x, &state) : convolution(x, &state)
  }

  /// Position by position.
  private func positions(_ x: Tensor, _ state: inout State) -> Tensor {
    let (batch, length, width) = (x.shape[0], x.shape[1], inputChannels)
    let (modes, copies) = (options.storedStates, options.copies)
    let factor = options.discretization.conjugateFactor
    let (transition, input, output) = (state.transition, state.input, state.output)
    return Tensor(uninitialized: [batch, length, copies * width]) { y in
      state.values.withUnsafeMutableBufferPointer { values in
        nonisolated(unsafe) let values = values
        Parallel.forEach(tasks: batch) { b, _ in
          for h in 0..<width {
            let at = (b * width + h) * modes
            for l in 0..<length {
              let u = Double(x.pointer[(b * length + l) * width + h])
              for n in 0..<modes {
                values[at + n] =
                  transition[h * modes + n] * values[at + n] + input[h * modes + n] * u
              }
              for c in 0..<copies {
                var sum = 0.0
                for n in 0..<modes {
                  let weight = output[(c * width + h) * modes + n]
                  sum += (weight * values[at + n]).real
                }
                y[(b * length + l) * copies * width + c * width + h] = Float(factor * sum)
              }
            }
          }
        }
      }
    }
  }

  /// y = K * x + Re Σ C·Ā^(l+1)·s, and s ← Ā^L·s + Σ Ā^(L-1-l)·B̄·xₗ.
  private func convolution(_ x: Tensor, _ state: inout State) -> Tensor {
    let (batch, length, width) = (x.shape[0], x.shape[1], inputChannels)
    let (modes, copies) = (options.storedStates, options.copies)
    let factor = options.discretization.conjugateFactor
    let sums = ModalSum(length: length, groups: width, modes: modes)
    let count = width * modes
    let taps = sums(
      exponents: state.exponents,
      weights: state.output.indices.map {
        state.output[$0] * state.input[$0 % count] * factor
      })
    let repeated =
      copies > 1 ? .concatenated(Array(repeating: x, count: copies), axis: -1) : x
    let convolved = Variable(repeated).convolved(with: Variable(taps)).value
    // Rows are (sequence, copy, channel).
    let carried = sums(
      exponents: state.exponents,
      weights: (0..<batch * copies * count).map { index in
        let (b, rest) = index.quotientAndRemainder(dividingBy: copies * count)
        let at = rest % count
        return state.output[rest] * state.transition[at] * state.values[b * count + at] * factor
      }
    ).reshaped(length, batch, copies * width).transposed(0, 1)
    let reversed = x.transposed(0, 1).reshaped(length, batch * width).flipped(axis: 0)
    let driven = sums.moments(exponents: state.exponents, of: reversed).zeroth
    for index in state.values.indices {
      let at = index % count
      state.values[index] =
        .exponential(state.exponents[at] * Double(length)) * state.values[index]
        + state.input[at] * driven[index]
    }
    return convolved + carried
  }
}
