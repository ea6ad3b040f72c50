public import Differentiation
public import Layers
public import SequenceTensor

/// The filter of a shift state space: a memory of the last N inputs.
///
/// The state moves on by one place each position, so tap l is Σᵢ Cᵢ₊ₗ·Bᵢ for l < N and zero
/// beyond.
///
/// Dao, Fu, Saab, Thomas, Rudra and Ré, "Hungry hungry hippos: Towards language modeling with state
/// space models", 2023, section 3; `SSKernelShift` of HazyResearch/safari.
///
/// Initial values: B = (1, 0, …), C uniform in ±1/√(copies·N), PyTorch's Kaiming initialisation.
///
/// Cost: O(N²) for each row of C.
public struct ShiftFilter: RecurrentFilter, ReferenceLayerFilter {
  /// H, the number of input channels.
  public let inputChannels: Int
  /// N, the number of states.
  public let stateSize: Int
  /// How many filters each input channel has.
  public let copies: Int
  /// B, `[H, N]`.
  public var input: Parameter
  /// C, `[copies, H, N]`.
  public var output: Parameter

  /// Creates a filter that starts as random taps.
  ///
  /// - Parameters:
  ///   - channels: H.
  ///   - stateSize: N.
  ///   - copies: how many filters each input channel has.
  ///   - learningRate: of B, which does not decay; 0 freezes it.
  ///   - random: where C comes from.
  /// - Precondition: sizes are positive.
  public init(
    channels: Int, stateSize: Int = 64, copies: Int = 1, learningRate: Float? = nil,
    using random: inout RandomSource
  ) {
    require(
      channels > 0 && stateSize > 0 && copies > 0,
      "ShiftFilter: \(channels) channels, \(stateSize) states, \(copies) copies")
    inputChannels = channels
    self.stateSize = stateSize
    self.copies = copies
    var first = Tensor(zeros: [channels, stateSize])
    for channel in 0..<channels { first[channel, 0] = 1 }
    input = Parameter(
      first,
      ParameterOptions(
        learningRate: learningRate, weightDecay: 0, isTrainable: learningRate != 0))
    let bound = 1 / Float(copies * stateSize).squareRoot()
    output = Parameter(
      Tensor(
        uniform: [copies, channels, stateSize], from: -bound, to: bound, using: &random))
  }

  /// H·copies.
  public var channels: Int { inputChannels * copies }

  /// There are no future taps.
  public var isBidirectional: Bool { false }

  /// There are N taps, and zeros beyond.
  public var lengthSemantics: LengthSemantics { .crop }

  /// The taps for a sequence of a length.
  public func taps(length: Int, on tape: Tape?) -> Variable {
    let (b, c) = (input(on: tape), output(on: tape))
    let (rows, width, states) = (channels, inputChannels, stateSize)
    let kept = min(length, states)
    let (bs, cs) = (b.value.pointer, c.value.pointer)
    let taps = Tensor(uninitialized: [kept, rows]) { taps in
      for row in 0..<rows {
        for lag in 0..<kept {
          var sum = 0.0
          for i in 0..<states - lag {
            sum += Double(bs[row % width * states + i]) * Double(cs[row * states + i + lag])
          }
          taps[lag * rows + row] = Float(sum)
        }
      }
    }
    let variable = Variable.primitive([b, c], value: taps) { [bv = b.value, cv = c.value] dy in
      var ofB = Tensor(zeros: bv.shape)
      var ofC = Tensor(zeros: cv.shape)
      let (db, dc) = (ofB.mutablePointer(), ofC.mutablePointer())
      for row in 0..<rows {
        for lag in 0..<kept {
          let gradient = dy.pointer[lag * rows + row]
          for i in 0..<states - lag {
            let (at, to) = (row % width * states + i, row * states + i + lag)
            db[at] += gradient * cv.pointer[to]
            dc[to] += gradient * bv.pointer[at]
          }
        }
      }
      return [ofB, ofC]
    }
    return variable.padded(axis: 0, after: length - kept)
  }

  /// Visits `B` and `C`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("B", &input)
    body("C", &output)
  }

  /// Visits `B` and `C`, which are the original's as they are.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    forEachParameter { name, parameter in
      let shape = parameter.value.shape
      body(ReferenceTensor(name, shape: shape, ours: shape), &parameter)
    }
  }

  /// The shape of the original's `D`.
  public var referenceSkipShape: Shape { [copies, inputChannels] }

  /// The states, newest first, and B and C.
  public struct State: Sendable {
    /// B.
    let input: Tensor
    /// C.
    let output: Tensor
    /// s, `[batch, H, N]`.
    package var values: Tensor
  }

  /// The state before the first position: zero.
  public func initialState(batch: Int) -> State {
    State(
      input: input.value, output: output.value,
      values: Tensor(zeros: [batch, inputChannels, stateSize]))
  }

  /// The outputs at the next positions, one by one: s ← shift(s) + B·x, y = C·s.
  public func chunk(_ x: Tensor, _ state: inout State) -> Tensor {
    let (width, states, rows) = (inputChannels, stateSize, channels)
    require(
      x.shape.rank == 3 && x.shape[2] == width && state.values.shape[0] == x.shape[0],
      "ShiftFilter.chunk: \(x.shape) [batch, length, \(width)] for a state of"
        + " \(state.values.shape[0]) sequences")
    let (batch, length) = (x.shape[0], x.shape[1])
    let (b, c) = (state.input.pointer, state.output.pointer)
    let values = state.values.mutablePointer()
    return Tensor(uninitialized: [batch, length, rows]) { y in
      for sequence in 0..<batch {
        for h in 0..<width {
          let s = values + (sequence * width + h) * states
          for position in sequence * length..<(sequence + 1) * length {
            let u = x.pointer[position * width + h]
            for i in stride(from: states - 1, to: 0, by: -1) {
              s[i] = s[i - 1] + b[h * states + i] * u
            }
            s[0] = b[h * states] * u
            for row in stride(from: h, to: rows, by: width) {
              var sum = 0.0
              for i in 0..<states { sum += Double(c[row * states + i]) * Double(s[i]) }
              y[position * rows + row] = Float(sum)
            }
          }
        }
      }
    }
  }
}
