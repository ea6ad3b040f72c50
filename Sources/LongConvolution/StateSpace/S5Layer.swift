public import Differentiation
public import Layers
public import SequenceTensor

/// A layer of S5: the state space, a nonlinearity and a gate, without normalisation and residual.
///
/// With x = S5(u) and x′ = gelu(x): x′, W₁x′·σ(W₂x′), x′·σ(W₂x′) or x·σ(W₂x′), as
/// `S5Options.Gating` says. `SequenceLayer` of `s5/layers.py` in lindermanlab/S5 inside a
/// `ResidualBlock`; its gelu is the approximation by tanh. Dropout sets values to zero for all
/// positions of a channel together, as there.
///
/// Initial values: `Linear`'s (PyTorch's), where the original has Flax's.
public struct S5Layer: RecurrentMixer {
  /// The state space.
  public var states: S5
  /// W₁.
  public var first: Linear?
  /// W₂.
  public var gate: Linear?

  /// Creates a layer with random weights.
  public init(
    channels: Int, options: S5Options = S5Options(), using random: inout RandomSource
  ) {
    states = S5(channels: channels, options: options, using: &random)
    let gating = options.gating
    first =
      gating == .full ? Linear(inputs: channels, outputs: channels, using: &random) : nil
    gate =
      gating == .gelu ? nil : Linear(inputs: channels, outputs: channels, using: &random)
  }

  /// Applies the layer to `[batch, length, channels]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    gated(states(x, mask: mask))
  }

  private func gated(_ x: Variable) -> Variable {
    let dropout = { (x: Variable) in x.dropout(states.options.dropout, .channel) }
    let active = dropout(x.approximateGelu())
    guard let gate else { return active }
    let open = gate(active).sigmoid()
    switch states.options.gating {
    case .gelu: return active
    case .full: return dropout((first?(active) ?? active) * open)
    case .half: return dropout(active * open)
    case .halfOnGate: return dropout(x * open)
    }
  }

  /// Visits `seq` (the state space), `out1` and `out2`, under the original's names.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("seq", &states, body)
    visit("out1", &first, body)
    visit("out2", &gate, body)
  }

  /// The state before the first position: zero.
  public func initialState(batch: Int) -> S5.State { states.initialState(batch: batch) }

  /// The output at the next position.
  public func step(_ x: Tensor, _ state: inout S5.State) -> Tensor {
    gated(Variable(states.step(x, &state))).value
  }

  /// The outputs at the next positions.
  public func chunk(_ x: Tensor, _ state: inout S5.State) -> Tensor {
    gated(Variable(states.chunk(x, &state))).value
  }
}

extension Variable {
  /// ½x(1 + tanh(√(2/π)(x + 0.044715x³))), within 5·10⁻⁴ of `gelu()`.
  func approximateGelu() -> Variable {
    let inner = (self + self * self * self * 0.044715) * Float((2 / Double.pi).squareRoot())
    return self * (inner.tanh() + Variable(Tensor(scalar: 1))) * 0.5
  }
}
