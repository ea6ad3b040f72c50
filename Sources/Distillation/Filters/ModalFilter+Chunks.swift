import Differentiation
import LongConvolution
public import SequenceTensor
import SpectralCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the outputs of a prompt, and the state after it, are computed; all agree up to rounding.
public enum PrefillMode: String, Sendable, Hashable, Codable, CaseIterable {
  /// Position by position: O(length·order), no memory.
  case recurrence
  /// Pieces of the prompt from a state of zero at once, then from their true states: twice the
  /// operations of the recurrence, in parallel over the length.
  case scan
  /// The outputs by a convolution with the taps, the state by sums of powers: O(length·log length)
  /// and 4·length operations a mode.
  case convolution
  /// The outputs by a convolution with the taps, the state through the companion form of each pole
  /// pair, whose state is the last two values of input/denominator, by FFT.
  ///
  /// Massaroli and others, 2023, section 3.4, take one companion form of the whole order; of
  /// clustered poles its values grow beyond all precision, of pairs they do not.
  case companion
}

extension ModalFilter {
  /// From this length on a chunk is a convolution.
  private static let shortestConvolution = 64

  /// The outputs at the next positions: of a long chunk by convolution, of a short one position by
  /// position.
  public func chunk(_ x: Tensor, _ state: inout State) -> Tensor {
    prefill(x, &state, mode: x.shape[1] < Self.shortestConvolution ? .recurrence : .convolution)
  }

  /// The outputs at the next position, `[batch, channels]` to the same.
  public func step(_ x: Tensor, _ state: inout State) -> Tensor {
    prefill(x.reshaped(x.shape[0], 1, -1), &state, mode: .recurrence)
      .reshaped(x.shape[0], channels)
  }

  /// The outputs at the next positions in one of the ways that there are, from any state.
  ///
  /// - Parameters:
  ///   - x: `[batch, length, channels]`.
  ///   - state: carried on.
  ///   - mode: the way.
  /// - Returns: `[batch, length, channels]`.
  public func prefill(_ x: Tensor, _ state: inout State, mode: PrefillMode) -> Tensor {
    require(
      x.shape.rank == 3 && x.shape[2] == channels && x.shape[0] == state.batch,
      "ModalFilter.prefill: \(x.shape) [batch, length, \(channels)] for a state of"
        + " \(state.batch) sequences")
    guard x.shape[1] > 0 else { return x }
    defer { state.position += x.shape[1] }
    switch mode {
    case .recurrence: return state.advance(x)
    case .scan: return scanned(x, &state)
    case .convolution, .companion: return convolved(x, &state, mode: mode)
    }
  }

  /// The length of a piece of a scan.
  private static let scanPiece = 128

  private func scanned(_ x: Tensor, _ state: inout State) -> Tensor {
    let (batch, length) = (x.shape[0], x.shape[1])
    let piece = Self.scanPiece
    let pieces = length / piece
    guard pieces > 1 else { return state.advance(x) }
    let whole = x.sliced(axis: 1, 0..<pieces * piece)
    // Pieces as sequences, each with the last inputs of the one before for its history.
    let rows = whole.reshaped(batch * pieces, piece, channels)
    let before = state.withHistory(whole)
    var local = initialState(batch: batch * pieces, precision: state.precision)
    if headLength > 0 {
      local.setHistory(
        .concatenated(
          (0..<batch).flatMap { b in
            (0..<pieces).map { p in
              before.sliced(axis: 0, b..<b + 1)
                .sliced(axis: 1, p * piece..<p * piece + headLength)
            }
          }, axis: 0))
    }
    var ends = local
    ends.advanceWithoutOutput(rows)
    local.setStates(state, ends, pieces: pieces, length: piece)
    let y = local.advance(rows).reshaped(batch, pieces * piece, channels)
    let final = local.selecting((0..<batch).map { $0 * pieces + pieces - 1 })
    (state.single, state.double) = (final.single, final.double)
    guard pieces * piece < length else { return y }
    let rest = state.advance(x.sliced(axis: 1, pieces * piece..<length))
    return .concatenated([y, rest], axis: 1)
  }

  private func convolved(_ x: Tensor, _ state: inout State, mode: PrefillMode) -> Tensor {
    let (batch, length) = (x.shape[0], x.shape[1])
    let inputs = state.withHistory(x)
    let delayed = inputs.sliced(axis: 1, 0..<length)
    var y = Variable(delayed).convolved(with: modalTaps(length: length, on: nil)).value
    if let head {
      let direct = Variable(inputs).convolved(with: Variable(head.value)).value
      y += direct.sliced(axis: 1, headLength..<headLength + length)
    }
    let start = state.complexStates
    let system = state.system
    let sums = ModalSum(length: length, groups: channels, modes: modes)
    if state.position > 0 {
      let count = channels * modes
      let weights = start.indices.map { index in
        let at = index % count
        return system.residues[at] * .exponential(system.exponents[at]) * start[index]
      }
      y += sums(exponents: system.exponents, weights: weights)
        .reshaped(length, batch, channels).transposed(0, 1)
    }
    let driven: [ComplexNumber]
    if mode == .companion {
      driven = companionStates(delayed)
    } else {
      let reversed = delayed.transposed(0, 1).reshaped(length, batch * channels).flipped(axis: 0)
      driven = sums.moments(exponents: system.exponents, of: reversed).zeroth
    }
    let end = start.indices.map { index in
      .exponential(system.exponents[index % (channels * modes)] * Double(length)) * start[index]
        + driven[index]
    }
    state.set(end)
    if headLength > 0 {
      state.setHistory(inputs.sliced(axis: 1, length..<length + headLength))
    }
    return y
  }

  /// The states after inputs from a state of zero, `[batch, channels, modes]`, by the companion form
  /// of each mode's pair of poles.
  ///
  /// v = u/((1 - p·z⁻¹)(1 - p̄·z⁻¹)) by FFT, and s[L] = v[L] - p̄·v[L - 1].
  private func companionStates(_ x: Tensor) -> [ComplexNumber] {
    let (batch, length) = (x.shape[0], x.shape[1])
    let (channels, modes) = (channels, modes)
    var size = 2
    while size < 2 * length { size *= 2 }
    let transform = DoubleRealTransform.plan([size])
    let poles = system.exponents.map { ComplexNumber.exponential($0) }
    var states = [ComplexNumber](repeating: .zero, count: batch * channels * modes)
    states.withUnsafeMutableBufferPointer { states in
      // Tasks write to the states of their own channel.
      nonisolated(unsafe) let states = states
      Parallel.forEach(tasks: batch * channels) { row, _ in
        let (b, c) = row.quotientAndRemainder(dividingBy: channels)
        var signal = [Double](repeating: 0, count: size)
        for t in 0..<length { signal[t] = Double(x.pointer[(b * length + t) * channels + c]) }
        let input = transform.forward(signal)
        for mode in 0..<modes {
          let pole = poles[c * modes + mode]
          // 1/D as taps, so that nothing wraps around.
          var taps = [Double](repeating: 0, count: size)
          var (last, previous) = (0.0, 0.0)
          for t in 0..<length {
            let value =
              (t == 0 ? 1 : 0) + 2 * pole.real * last - pole.squaredMagnitude * previous
            taps[t] = value
            (previous, last) = (last, value)
          }
          var product = transform.forward(taps)
          for k in 0..<product.count / 2 {
            let value =
              ComplexNumber(product[2 * k], product[2 * k + 1])
              * ComplexNumber(input[2 * k], input[2 * k + 1])
            (product[2 * k], product[2 * k + 1]) = (value.real, value.imaginary)
          }
          let v = transform.inverse(product)
          let before = length > 1 ? v[length - 2] : 0
          states[row * modes + mode] = ComplexNumber(v[length - 1]) - pole.conjugate * before
        }
      }
    }
    return states
  }
}

extension ModalFilter.State {
  /// The outputs at the next positions, one after the other.
  mutating func advance(_ x: Tensor) -> Tensor {
    if single != nil { return single?.advance(x) ?? x }
    return double?.advance(x) ?? x
  }

  /// Moves the states over inputs.
  mutating func advanceWithoutOutput(_ x: Tensor) {
    _ = single?.advance(x, wantsOutput: false)
    _ = double?.advance(x, wantsOutput: false)
  }

  /// The last K inputs, the oldest first, and after them those of `x`.
  func withHistory(_ x: Tensor) -> Tensor {
    let saved = saved
    guard saved.headLength > 0 else { return x }
    let recent = Tensor(saved.history, shape: [batch, saved.headLength, saved.channels])
    return .concatenated([recent, x], axis: 1)
  }

  /// Replaces the last inputs.
  mutating func setHistory(_ inputs: Tensor) {
    let values = inputs.elements
    single?.setHistory(values)
    double?.setHistory(values)
  }

  /// The states, `[batch, channels, modes]`.
  var complexStates: [ComplexNumber] { single?.complexStates ?? double?.complexStates ?? [] }

  /// Replaces the states.
  mutating func set(_ states: [ComplexNumber]) {
    single?.complexStates = states
    double?.complexStates = states
  }

  /// Starts pieces of sequences where those before them end.
  ///
  /// - Parameters:
  ///   - start: where the first pieces of the sequences start.
  ///   - ends: where each piece ends from a state of zero, `batch·pieces` sequences.
  ///   - pieces: of each sequence.
  ///   - length: of each piece.
  mutating func setStates(
    _ start: ModalFilter.State, _ ends: ModalFilter.State, pieces: Int, length: Int
  ) {
    let powers = system.exponents.map { ComplexNumber.exponential($0 * Double(length)) }
    let (first, local) = (start.complexStates, ends.complexStates)
    let count = powers.count
    var states = local
    for b in 0..<start.batch {
      for index in 0..<count {
        var state = first[b * count + index]
        for piece in 0..<pieces {
          let at = (b * pieces + piece) * count + index
          states[at] = state
          state = powers[index] * state + local[at]
        }
      }
    }
    set(states)
  }
}

extension ModalStates {
  /// Replaces the last inputs, `[batch, K, channels]`, the oldest first.
  mutating func setHistory(_ values: [Float]) {
    history = values.map { Scalar($0) }
    oldest = 0
  }

  /// The states, `[batch, channels, modes]`.
  var complexStates: [ComplexNumber] {
    get {
      (0..<real.count).map { index in
        let at = place(index)
        return ComplexNumber(Double(real[at]), Double(imaginary[at]))
      }
    }
    set {
      for (index, value) in newValue.enumerated() {
        let at = place(index)
        real[at] = Scalar(value.real)
        imaginary[at] = Scalar(value.imaginary)
      }
    }
  }

  /// Where the state lies whose index is that of `[batch, channels, modes]`.
  private func place(_ index: Int) -> Int {
    let (sequence, rest) = index.quotientAndRemainder(dividingBy: channels * modes)
    let (channel, mode) = rest.quotientAndRemainder(dividingBy: modes)
    return (sequence * modes + mode) * channels + channel
  }
}
