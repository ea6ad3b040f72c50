import Differentiation
public import Layers
public import SequenceTensor

/// A filter whose convolution is also a recurrence over a state of fixed size.
///
/// A layer around such a filter can go on from where it stopped; see `RecurrentMixer`.
public protocol RecurrentFilter: LongFilter {
  /// What is carried from one position to the next.
  ///
  /// It also holds the recurrence made from the parameters when the state was made: parameters
  /// that change later have no effect on it.
  associatedtype State: Sendable

  /// The channels of `x` in `chunk(_:_:)`: as many as the taps have, or fewer of a filter that makes
  /// several copies of its inputs itself.
  var inputChannels: Int { get }

  /// The state before the first position.
  ///
  /// - Precondition: the filter does not look into the future.
  func initialState(batch: Int) -> State

  /// The convolution at the next positions.
  ///
  /// - Parameters:
  ///   - x: `[batch, length, input channels]`.
  ///   - state: carried on.
  /// - Returns: `[batch, length, channels]`: as many channels as the taps have, all inputs of the
  ///   first copy before those of the second.
  func chunk(_ x: Tensor, _ state: inout State) -> Tensor
}

extension RecurrentFilter {
  /// As many as the taps have.
  public var inputChannels: Int { channels }
}

extension LongConvolution: RecurrentMixer where Filter: RecurrentFilter {
  /// The filter's state.
  public typealias State = Filter.State

  /// Whether the filter does not look into the future.
  public var isRecurrent: Bool { !filter.isBidirectional }

  /// The state before the first position.
  public func initialState(batch: Int) -> State { filter.initialState(batch: batch) }

  /// The output at the next position, `[batch, channels]` to the same or as many as go out.
  public func step(_ x: Tensor, _ state: inout State) -> Tensor {
    let y = chunk(x.reshaped(x.shape[0], 1, x.shape[1]), &state)
    return y.reshaped(y.shape[0], y.shape[2])
  }

  /// The outputs at the next positions.
  public func chunk(_ x: Tensor, _ state: inout State) -> Tensor {
    let copies = filter.channels / channels
    let repeated =
      copies > 1 ? .concatenated(Array(repeating: x, count: copies), axis: -1) : x
    let y = filter.chunk(filter.inputChannels == filter.channels ? repeated : x, &state)
    return finished(Variable(y + repeated * skip.value)).value
  }
}
