public import Differentiation
public import Layers
public import SequenceTensor

/// Hungry hungry hippos: y = W(q · S4D(shift(k) · v)), two state spaces with gates between.
///
/// q, k and v are linear maps of the input. k goes through a shift state space, with a skip term,
/// so that it remembers the last positions. The channels are heads of `headSize` channels; in each
/// head the outer products of k and v go through the diagonal state space of the head, with a skip
/// term, and are contracted with q.
///
/// Dao, Fu, Saab, Thomas, Rudra and Ré, "Hungry hungry hippos: Towards language modeling with state
/// space models", 2023, section 3; `H3` of `src/models/sequence/h3.py` in HazyResearch/safari. As
/// there, channel c of q, k and v is channel c mod headSize of head c / headSize, but the heads'
/// outputs are joined the other way round: channel j of head h becomes channel j·heads + h.
///
/// Initial values: linear maps as `Linear`, skip terms N(0, 1), filters as they say.
public struct H3: RecurrentMixer, ReferenceCompatible {
  /// To the queries.
  public var query: Linear
  /// To the keys.
  public var key: Linear
  /// To the values.
  public var value: Linear
  /// The filter of the keys.
  public var shift: ShiftFilter
  /// The skip term of the keys, `[channels]`.
  public var shiftSkip: Parameter
  /// The filter of the products, one for each head.
  public var diagonal: S4DFilter
  /// The skip term of the products, `[heads]`.
  public var diagonalSkip: Parameter
  /// From the heads' outputs to the output.
  public var output: Linear
  /// The number of channels.
  public let channels: Int
  /// The number of channels of a head.
  public let headSize: Int

  /// Creates an operator with random weights.
  ///
  /// - Parameters:
  ///   - channels: the number of channels of input and output.
  ///   - headSize: channels of a head.
  ///   - options: of the diagonal state space; its state size and maximum length are also the shift
  ///     state space's.
  ///   - random: where the weights come from.
  /// - Precondition: `headSize` divides `channels`; one causal filter for each head.
  public init(
    channels: Int, headSize: Int = 1, options: StateSpaceOptions = .safari,
    using random: inout RandomSource
  ) {
    require(
      headSize > 0 && channels > 0 && channels % headSize == 0 && options.directions == 1,
      "H3: \(channels) channels in heads of \(headSize), \(options.directions) filters for each")
    self.channels = channels
    self.headSize = headSize
    query = Linear(inputs: channels, outputs: channels, using: &random)
    key = Linear(inputs: channels, outputs: channels, using: &random)
    value = Linear(inputs: channels, outputs: channels, using: &random)
    shift = ShiftFilter(
      channels: channels, stateSize: options.stateSize, learningRate: options.learningRate,
      using: &random)
    shiftSkip = Parameter(Tensor(normal: [channels], using: &random))
    diagonal = S4DFilter(channels: channels / headSize, options: options, using: &random)
    diagonalSkip = Parameter(Tensor(normal: [channels / headSize], using: &random))
    output = Linear(inputs: channels, outputs: channels, using: &random)
  }

  private var heads: Int { channels / headSize }

  /// Applies the operator to `[batch, length, channels]`; it is causal, so the mask does nothing.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    let length = x.shape[1]
    let kept = min(length, diagonal.options.maximumLength ?? length)
    // As the original crops both filters at the maximum length.
    let shiftTaps = shift.taps(length: kept, on: x.tape)
    let memory = key(x).convolved(with: shiftTaps, skip: shiftSkip(on: x.tape))
    let taps = diagonal.taps(length: length, on: x.tape)
    let (q, v) = (query(x), value(x))
    let skip = diagonalSkip(on: x.tape)
    guard headSize > 1 else {
      return output(v.convolved(with: taps, skip: skip, preGate: memory, postGate: q))
    }
    // One filter serves the products of a head, which are neighbours.
    let products = products(memory, v)
    let spread = skip.reshaped(heads, 1) * Variable(Tensor(repeating: 1, shape: [1, area]))
    let mixed = products.convolved(with: taps, skip: spread.reshaped(-1))
    return output(contracted(mixed, q))
  }

  private var area: Int { headSize * headSize }

  /// k·vᵀ in every head: `[batch, length, heads·headSize²]`, columns by (head, k, v).
  private func products(_ k: Variable, _ v: Variable) -> Variable {
    let (batch, length) = (k.shape[0], k.shape[1])
    let outer =
      k.reshaped(batch, length, heads, headSize, 1) * v.reshaped(batch, length, heads, 1, headSize)
    return outer.reshaped(batch, length, heads * area)
  }

  /// Σ over k's channels of q·y, with the heads' channels in the original's order.
  private func contracted(_ y: Variable, _ q: Variable) -> Variable {
    let (batch, length) = (y.shape[0], y.shape[1])
    let weighted =
      y.reshaped(batch, length, heads, headSize, headSize)
      * q.reshaped(batch, length, heads, headSize, 1)
    return weighted.sum(axis: 3).transposed().reshaped(batch, length, channels)
  }

  /// Visits the linear maps, the filters and the skip terms under the original's names.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("ssm_k_D", &shiftSkip)
    body("D", &diagonalSkip)
    visit("q_proj", &query, body)
    visit("k_proj", &key, body)
    visit("v_proj", &value, body)
    visit("ssm_k_kernel.kernel", &shift, body)
    visit("kernel.kernel", &diagonal, body)
    visit("output_linear", &output, body)
  }

  /// Visits the tensors as the original stores them.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    func plain(_ name: String, _ parameter: inout Parameter) {
      let shape = parameter.value.shape
      body(ReferenceTensor(name, shape: shape, ours: shape), &parameter)
    }
    plain("ssm_k_D", &shiftSkip)
    plain("D", &diagonalSkip)
    visit("q_proj", &query, plain)
    visit("k_proj", &key, plain)
    visit("v_proj", &value, plain)
    visitReferences("ssm_k_kernel.kernel", &shift, body)
    visitReferences("kernel.kernel", &diagonal, body)
    visit("output_linear", &output, plain)
  }

  /// The states of both state spaces.
  public struct State: Sendable {
    /// Of the keys.
    package var shift: ShiftFilter.State
    /// Of the products; sequence b·headSize² + i·headSize + j for products of key i and value j.
    package var diagonal: S4DFilter.State
  }

  /// The state before the first position: zero.
  public func initialState(batch: Int) -> State {
    State(
      shift: shift.initialState(batch: batch),
      diagonal: diagonal.initialState(batch: batch * area))
  }

  /// The output at the next position.
  public func step(_ x: Tensor, _ state: inout State) -> Tensor {
    chunk(x.reshaped(x.shape[0], 1, x.shape[1]), &state).reshaped(x.shape[0], channels)
  }

  /// The outputs at the next positions.
  public func chunk(_ x: Tensor, _ state: inout State) -> Tensor {
    let (batch, length) = (x.shape[0], x.shape[1])
    let x = Variable(x)
    let k = key(x).value
    let memory = shift.chunk(k, &state.shift) + k * shiftSkip.value
    let products = products(Variable(memory), value(x)).value
      .reshaped(batch, length, heads, area)
    // Products of one kind are sequences of heads.
    let sequences = products.transposed(2, 3).transposed(1, 2)
      .reshaped(batch * area, length, heads)
    let mixed = diagonal.chunk(sequences, &state.diagonal) + sequences * diagonalSkip.value
    let back = mixed.reshaped(batch, area, length, heads).transposed(1, 2).transposed(2, 3)
      .reshaped(batch, length, heads * area)
    return output(contracted(Variable(back), query(x))).value
  }
}
