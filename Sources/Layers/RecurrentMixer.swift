public import SequenceTensor

/// A mixer that can also go on from where it stopped, a position or a chunk at a time.
///
/// For inference: nothing is recorded. The whole sequence at once, in chunks of any lengths, and
/// position by position give the same outputs up to rounding.
public protocol RecurrentMixer: SequenceMixer {
  /// What is carried from one position to the next: a value, so a copy is a branch.
  associatedtype State: Sendable

  /// Whether the mixer, with its settings, can be carried from one position to the next at all.
  var isRecurrent: Bool { get }

  /// The state before the first position.
  ///
  /// - Precondition: `isRecurrent`.
  func initialState(batch: Int) -> State

  /// The output at the next position.
  ///
  /// - Parameters:
  ///   - x: `[batch, channels]`.
  ///   - state: carried on.
  /// - Returns: `[batch, channels]`.
  func step(_ x: Tensor, _ state: inout State) -> Tensor

  /// The outputs at the next positions.
  ///
  /// - Parameters:
  ///   - x: `[batch, length, channels]`.
  ///   - state: carried on.
  /// - Returns: `[batch, length, channels]`.
  func chunk(_ x: Tensor, _ state: inout State) -> Tensor
}

extension RecurrentMixer {
  /// Most are, whatever their settings.
  public var isRecurrent: Bool { true }

  /// Position by position.
  public func chunk(_ x: Tensor, _ state: inout State) -> Tensor {
    let steps = (0..<x.shape[1]).map { position in
      let row = x.sliced(axis: 1, position..<position + 1)
      let y = step(row.reshaped(x.shape[0], x.shape[2]), &state)
      return y.reshaped(y.shape[0], 1, y.shape[1])
    }
    return .concatenated(steps, axis: 1)
  }
}

/// A state that knows how much memory it takes.
public protocol MeasuredState: Sendable {
  /// The bytes that are carried from one position to the next, without what belongs to the model.
  var byteCount: Int { get }
}
