public import Differentiation
public import Layers
public import SequenceTensor

/// What goes round a part of a block.
public enum SkipKind: String, Sendable, Hashable, CaseIterable, Codable {
  /// A linear map of the channels without bias.
  case linear
  /// The values themselves.
  case identity
  /// Each channel times a number that starts at 1.
  case softGating
}

/// A connection round a part of a block.
///
/// Source: `skip_connection` of neuraloperator 2.0 (`neuralop/layers/skip_connections.py`) and
/// `_make_conv_bias` (`neuralop/layers/fno_block.py`).
public enum SkipConnection: Module {
  /// A linear map of the channels without bias.
  case linear(Linear)
  /// The values themselves.
  case identity
  /// Each channel times a number; `[channels]`, and the number of grid axes.
  case softGating(Parameter, axes: Int)
  /// A convolution with a small kernel.
  case local(LocalConvolution)

  /// Creates a connection.
  ///
  /// - Parameters:
  ///   - kind: what it is.
  ///   - inputs: the channels that go in.
  ///   - outputs: the channels that come out; as many, unless the connection is linear.
  ///   - axes: the number of grid axes.
  ///   - kernel: how many points along each axis a linear connection sees.
  ///   - random: where the initial weights come from.
  public init(
    _ kind: SkipKind, inputs: Int, outputs: Int, axes: Int, kernel: Int = 1,
    using random: inout RandomSource
  ) {
    require(
      kernel == 1 || (kernel > 1 && kind == .linear),
      "SkipConnection: a kernel of \(kernel) points of a connection that is \(kind)")
    switch kind {
    case .linear where kernel > 1:
      self = .local(
        LocalConvolution(
          inputs: inputs, outputs: outputs, axes: axes, kernel: kernel, using: &random))
    case .linear:
      self = .linear(Linear(inputs: inputs, outputs: outputs, bias: false, using: &random))
    case .identity, .softGating:
      require(
        inputs == outputs, "SkipConnection: \(kind) from \(inputs) to \(outputs) channels")
      self =
        kind == .identity
        ? .identity
        : .softGating(Parameter(Tensor(repeating: 1, shape: [inputs])), axes: axes)
    }
  }

  /// Maps `[batch, x, (y, (z,)) inputs]` to `outputs` channels.
  public func callAsFunction(_ x: Variable) -> Variable {
    switch self {
    case .linear(let map): map(x)
    case .identity: x
    case .softGating(let gate, _): x * gate(on: x.tape)
    case .local(let convolution): convolution(x)
    }
  }

  /// Visits the weight.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    switch self {
    case .linear(var map):
      visit("conv", &map, body)
      self = .linear(map)
    case .identity: break
    case .softGating(var gate, let axes):
      body("weight", &gate)
      self = .softGating(gate, axes: axes)
    case .local(var convolution):
      convolution.forEachParameter(body)
      self = .local(convolution)
    }
  }
}

extension SkipConnection: ReferenceCompatible {
  /// Visits `conv.weight` `[outputs, inputs, 1]`, or `weight` `[1, channels, 1…]` or that of a
  /// convolution.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    switch self {
    case .linear(var map):
      map.visitPointwise("conv", axes: 1, body)
      self = .linear(map)
    case .identity: break
    case .softGating(var gate, let axes):
      let channels = gate.value.count
      let shape = Shape([1, channels] + Array(repeating: 1, count: axes))
      body(ReferenceTensor("weight", shape: shape, ours: [channels]), &gate)
      self = .softGating(gate, axes: axes)
    case .local(var convolution):
      convolution.forEachReference(body)
      self = .local(convolution)
    }
  }
}
