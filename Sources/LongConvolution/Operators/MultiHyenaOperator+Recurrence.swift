import Differentiation
public import Layers
public import SequenceTensor

extension MultiHyenaOperator: RecurrentMixer where Filter: RecurrentFilter {
  /// What the short filters and the long ones carry on.
  public struct State: Sendable {
    /// The last inputs of the short filters, `[batch, taps - 1, 3·channels]`.
    var recent: Tensor?
    /// The states of the long filters; every pair of channels of a head is a sequence of its own.
    var filter: Filter.State
  }

  /// Whether the filter does not look into the future.
  public var isRecurrent: Bool { !filter.isBidirectional }

  /// The state before the first position.
  public func initialState(batch: Int) -> State {
    let size = channels / filter.channels
    return State(
      recent: short.initialState(batch: batch),
      filter: filter.initialState(batch: batch * size * size))
  }

  /// The output at the next position, `[batch, channels]` to the same.
  public func step(_ x: Tensor, _ state: inout State) -> Tensor {
    chunk(x.reshaped(x.shape[0], 1, x.shape[1]), &state).reshaped(to: x.shape)
  }

  /// The outputs at the next positions.
  public func chunk(_ x: Tensor, _ state: inout State) -> Tensor {
    let (batch, length) = (x.shape[0], x.shape[1])
    let heads = filter.channels
    let size = channels / heads
    let z = short.chunk(input(Variable(x)).value, &state.recent)
    // Sequence (b, i, j) is the product of channels i and j of every head.
    let products = Tensor(uninitialized: [batch * size * size, length, heads]) { u in
      forEachPair(batch: batch, length: length, heads: heads) { at, position, head, i, j in
        let row = z.pointer + position * 3 * channels + head * size
        u[at] = row[channels + i] * row[2 * channels + j]
      }
    }
    var convolved = filter.chunk(products, &state.filter)
    convolved += products * skip.value
    var sums = Tensor(zeros: [batch, length, channels])
    let y = sums.mutablePointer()
    forEachPair(batch: batch, length: length, heads: heads) { at, position, head, i, j in
      let query = z.pointer[position * 3 * channels + head * size + i]
      y[position * channels + head * size + j] += query * convolved.pointer[at]
    }
    return output(Variable(sums)).value
  }

  /// Calls `body` with the place of every head's product of two channels at every position.
  @inline(__always)
  private func forEachPair(
    batch: Int, length: Int, heads: Int,
    _ body: (_ at: Int, _ position: Int, _ head: Int, _ i: Int, _ j: Int) -> Void
  ) {
    let size = channels / heads
    for b in 0..<batch {
      for i in 0..<size {
        for j in 0..<size {
          let sequence = (b * size + i) * size + j
          for l in 0..<length {
            for head in 0..<heads {
              body((sequence * length + l) * heads + head, b * length + l, head, i, j)
            }
          }
        }
      }
    }
  }
}

extension MultiHyenaOperator.State: MeasuredState where Filter.State: MeasuredState {
  /// The last inputs of the short filters and the states of the long ones.
  public var byteCount: Int { 4 * (recent?.count ?? 0) + filter.byteCount }
}

extension MultiHyenaOperator: FilterReplaceable {
  /// The operator with another filter.
  public func replacingFilters<New: LongFilter, Failure: Error>(
    _ replacement: (any LongFilter) throws(Failure) -> New
  ) throws(Failure) -> any FilterReplaceable {
    MultiHyenaOperator<New>(self, filter: try replacement(filter))
  }
}
