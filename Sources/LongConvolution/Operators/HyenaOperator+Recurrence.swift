import Differentiation
public import Layers
public import SequenceTensor

extension HyenaOperator: RecurrentMixer where Filter: RecurrentFilter {
  /// What the short filters and the long ones carry on.
  public struct State: Sendable {
    /// The last inputs of the short filters, `[batch, taps - 1, (order + 1)·innerWidth]`.
    var recent: Tensor?
    /// The state of the long filter in each step; heads are sequences of their own.
    package var steps: [Filter.State]
    /// The state of the residual filter.
    var residual: Filter.State?
  }

  /// Whether the filter is causal, and sequences are not cut into blocks.
  public var isRecurrent: Bool { options.blockLength == nil && !filter.isBidirectional }

  /// The state before the first position.
  ///
  /// - Precondition: `isRecurrent`.
  public func initialState(batch: Int) -> State {
    require(
      isRecurrent,
      "HyenaOperator.initialState: blocks and bidirectional filters are no recurrences")
    return State(
      recent: short.initialState(batch: batch),
      steps: (1..<options.order).map { _ in
        filter.initialState(batch: batch * options.heads)
      }, residual: residual?.initialState(batch: batch))
  }

  /// The output at the next position, `[batch, channels]` to the same.
  public func step(_ x: Tensor, _ state: inout State) -> Tensor {
    chunk(x.reshaped(x.shape[0], 1, x.shape[1]), &state).reshaped(to: x.shape)
  }

  /// The outputs at the next positions.
  public func chunk(_ x: Tensor, _ state: inout State) -> Tensor {
    require(
      x.shape.rank == 3 && x.shape[2] == channels,
      "HyenaOperator.chunk: \(x.shape) is not [batch, length, \(channels)]")
    guard x.shape[1] > 0 else { return x }
    let parts = projections(x, &state)
    var v = parts[options.order]
    for step in 0..<options.order - 1 {
      let u = gated(v, by: parts[options.order - 1 - step])
      v = Variable(filtered(u.value, step, &state.steps[step]))
      if let skip {
        v = v + u * expanded(columns(of: Variable(skip.value.reshaped(1, -1)), step))
      }
      if let headMixing { v = mixed(v, Variable(headMixing.value), step) }
    }
    v = options.activation(v * parts[0])
    if let residual, var carried = state.residual {
      // Out of the state while it is moved, so that it is not copied.
      state.residual = nil
      v = v + Variable(residual.chunk(x, &carried))
      state.residual = carried
    }
    return output(v).value
  }

  /// x⁰, x¹, … and v after the short filters, which see the inputs before the chunk.
  private func projections(_ x: Tensor, _ state: inout State) -> [Variable] {
    let z = short.chunk(input(Variable(x)).value, &state.recent)
    return (0...options.order).map {
      Variable(z.sliced(axis: 2, $0 * width..<($0 + 1) * width))
    }
  }

  /// h * u with the filter of a step.
  ///
  /// The filter makes the taps of all steps; those of others see zeros.
  private func filtered(_ u: Tensor, _ step: Int, _ state: inout Filter.State) -> Tensor {
    let (batch, length, heads) = (u.shape[0], u.shape[1], options.heads)
    let (steps, perHead) = (options.order - 1, width / heads)
    // Channel v·heads + m is channel v of head m.
    var x = u
    if heads > 1 {
      x = x.reshaped(batch * length, perHead, heads).transposed()
        .reshaped(batch, length, heads, perHead)
        .transposed(1, 2).reshaped(batch * heads, length, perHead)
    }
    if steps > 1 {
      switch options.filterOrder {
      case .stacked:
        x = x.padded(axis: 2, before: step * perHead, after: (steps - 1 - step) * perHead)
      case .interleaved:
        x = x.reshaped(batch * heads, length, perHead, 1)
          .padded(axis: 3, before: step, after: steps - 1 - step)
          .reshaped(batch * heads, length, perHead * steps)
      }
    }
    var y = filter.chunk(x, &state)
    if steps > 1 {
      switch options.filterOrder {
      case .stacked: y = y.sliced(axis: 2, step * perHead..<(step + 1) * perHead)
      case .interleaved:
        y = y.reshaped(batch * heads, length, perHead, steps)
          .sliced(axis: 3, step..<step + 1).reshaped(batch * heads, length, perHead)
      }
    }
    guard heads > 1 else { return y }
    return y.reshaped(batch, heads, length, perHead).transposed(1, 2)
      .reshaped(batch * length, heads, perHead).transposed().reshaped(to: u.shape)
  }
}

extension HyenaOperator.State: MeasuredState where Filter.State: MeasuredState {
  /// The last inputs of the short filters and the states of the long ones.
  public var byteCount: Int {
    4 * (recent?.count ?? 0) + steps.reduce(residual?.byteCount ?? 0) { $0 + $1.byteCount }
  }
}
