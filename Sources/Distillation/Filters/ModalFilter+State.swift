import Differentiation
public import Layers
import LongConvolution
public import SequenceTensor

/// The precision that states are carried in.
public enum StatePrecision: String, Sendable, Hashable, Codable {
  /// Float: what fits the arithmetic of the rest. Rounding does not grow with time, as every pole is
  /// inside the unit circle, but with the amplification of the certificate.
  case single
  /// Double, at about twice the time: for recurrences of large amplification.
  case double
}

extension ModalFilter {
  /// The states of every sequence, mode and channel, with the recurrence that moves them.
  ///
  /// A value: a copy is a branch, as beam search needs; see also `selecting(_:)` and `saved`.
  public struct State: MeasuredState {
    /// The states, in one of two precisions: the other is `nil`.
    var single: ModalStates<Float>?
    var double: ModalStates<Double>?
    /// The modes in double precision, for chunks.
    let system: System
    /// `[K, channels]`, if there is a head.
    let head: Tensor?
    /// How many positions have been seen.
    public internal(set) var position = 0

    /// The number of sequences.
    public var batch: Int { single?.batch ?? double?.batch ?? 0 }

    /// The bytes of the states and of the last K inputs.
    public var byteCount: Int { single?.byteCount ?? double?.byteCount ?? 0 }

    /// The precision that the states are carried in.
    public var precision: StatePrecision { single == nil ? .double : .single }

    /// The state of some of the sequences, in any order and number: what is kept of a beam.
    ///
    /// - Precondition: every index is that of a sequence.
    public func selecting(_ sequences: [Int]) -> State {
      require(
        sequences.allSatisfy { (0..<batch).contains($0) },
        "ModalFilter.State.selecting: \(sequences) of \(batch) sequences")
      var result = self
      result.single = single?.selecting(sequences)
      result.double = double?.selecting(sequences)
      return result
    }

    /// The states, `[batch, channels, modes, 2]`, as StripedHyena has them for K = 0.
    public var modes: Tensor {
      let saved = saved
      let (modes, channels) = (saved.modes, saved.channels)
      let numbers = (0..<batch * channels * modes).map { index in
        let (b, c, m) = (index / (channels * modes), index / modes % channels, index % modes)
        let at = (b * modes + m) * channels + c
        return ComplexNumber(saved.real[at], saved.imaginary[at])
      }
      return Tensor(numbers, shape: [batch, channels, modes, 2])
    }

    /// What is needed to go on elsewhere, with the same filter.
    public var saved: SavedModalState {
      single.map { SavedModalState($0, position: position) }
        ?? double.map { SavedModalState($0, position: position) } ?? SavedModalState()
    }
  }

  /// The state before the first position: zero, in single precision.
  public func initialState(batch: Int) -> State { initialState(batch: batch, precision: .single) }

  /// The state before the first position: zero.
  ///
  /// - Precondition: `batch` is positive.
  public func initialState(batch: Int, precision: StatePrecision) -> State {
    require(batch > 0, "ModalFilter.initialState: \(batch) sequences")
    let system = system
    var state = State(system: system, head: head?.value)
    let head = head?.value.elements ?? []
    switch precision {
    case .single:
      state.single = ModalStates(
        system, head: head, batch: batch, modes: modes, channels: channels)
    case .double:
      state.double = ModalStates(
        system, head: head, batch: batch, modes: modes, channels: channels)
    }
    return state
  }

  /// A saved state, to go on from.
  ///
  /// - Throws: `DistillationError` if it is of a filter of another size, or holds values that are
  ///   not finite.
  public func state(restoring saved: SavedModalState, precision: StatePrecision = .single)
    throws(DistillationError) -> State
  {
    let expected = [channels, modes, headLength]
    let found = [saved.channels, saved.modes, saved.headLength]
    let count = saved.batch * modes * channels
    guard
      found == expected, saved.batch > 0, saved.position >= 0, saved.real.count == count,
      saved.imaginary.count == count,
      saved.history.count == saved.batch * headLength * channels
    else {
      throw DistillationError(
        .state, place: "saved state", expected: "[channels, modes, head] = \(expected)",
        got: "\(found) with \(saved.real.count) values for \(saved.batch) sequences")
    }
    guard (saved.real + saved.imaginary + saved.history).allSatisfy(\.isFinite) else {
      throw DistillationError(
        .state, place: "saved state", expected: "finite values", got: "others")
    }
    var state = initialState(batch: saved.batch, precision: precision)
    state.position = saved.position
    saved.restore(&state.single)
    saved.restore(&state.double)
    return state
  }
}

/// The state of a `ModalFilter`, to be kept in a file.
public struct SavedModalState: Sendable, Hashable, Codable {
  /// The number of sequences, and of positions that they have had.
  public var (batch, position) = (0, 0)
  /// The sizes of the filter.
  public var (channels, modes, headLength) = (0, 0, 0)
  /// Real parts of the states, `[batch, modes, channels]`.
  public var real: [Double] = []
  /// Imaginary parts.
  public var imaginary: [Double] = []
  /// The last K inputs, `[batch, K, channels]`, the oldest first.
  public var history: [Double] = []

  init() {}

  init<Scalar>(_ states: ModalStates<Scalar>, position: Int) {
    (batch, self.position) = (states.batch, position)
    (channels, modes, headLength) = (states.channels, states.modes, states.headLength)
    real = states.real.map { Double($0) }
    imaginary = states.imaginary.map { Double($0) }
    let (size, width, oldest) = (headLength, channels, states.oldest)
    history = (0..<batch).flatMap { b in
      (0..<size).flatMap { k in
        let row = b * size + (oldest + k) % size
        return states.history[row * width..<(row + 1) * width].map { Double($0) }
      }
    }
  }

  func restore<Scalar>(_ states: inout ModalStates<Scalar>?) {
    states?.real = real.map { Scalar($0) }
    states?.imaginary = imaginary.map { Scalar($0) }
    states?.history = history.map { Scalar($0) }
    states?.oldest = 0
  }
}
