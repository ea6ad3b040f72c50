public import Differentiation
public import Layers
public import SequenceTensor

/// Which normalisation a block of a neural operator uses.
public enum GridNormalizationKind: String, Sendable, Hashable, CaseIterable, Codable {
  /// Each channel of each grid.
  case instance
  /// Groups of channels of each grid, with gain and bias.
  case group
  /// Each channel over the batch, with gain, bias and running statistics.
  case batch
  /// Each channel of each grid, with gain and bias that depend on an embedding, such as of time.
  case adaptive
}

/// A normalisation of grids.
///
/// Source: `InstanceNorm`, `BatchNorm` and `AdaIN` of neuraloperator 2.0
/// (`neuralop/layers/normalization_layers.py`) and `torch.nn.GroupNorm`. ε is 1e-5 in all.
public enum GridNormalization: Module {
  /// Each channel of each grid.
  case instance
  /// Groups of channels of each grid.
  case group(GroupNormalizationLayer)
  /// Each channel over the batch.
  case batch(BatchNorm)
  /// Each channel of each grid, with gain and bias from an embedding.
  case adaptive(AdaptiveNormalization)

  /// Creates a normalisation.
  ///
  /// - Parameters:
  ///   - kind: which.
  ///   - channels: the channels of the grid.
  ///   - groups: the groups of channels.
  ///   - features: the numbers of an embedding.
  ///   - random: where initial weights come from.
  public init(
    _ kind: GridNormalizationKind, channels: Int, groups: Int = 1, features: Int = 1,
    using random: inout RandomSource
  ) {
    switch kind {
    case .instance: self = .instance
    case .group: self = .group(GroupNormalizationLayer(channels: channels, groups: groups))
    case .batch: self = .batch(BatchNorm(channels: channels))
    case .adaptive:
      self = .adaptive(
        AdaptiveNormalization(features: features, channels: channels, using: &random))
    }
  }

  /// Normalises `[batch, x, (y, (z,)) channels]`.
  ///
  /// - Parameter embedding: `[features]`, which an adaptive one needs.
  public func callAsFunction(_ x: Variable, embedding: Variable?) -> Variable {
    switch self {
    case .instance: x.groupNormalized(groups: x.shape.last)
    case .group(let norm):
      x.groupNormalized(
        groups: norm.groups, gain: norm.gain(on: x.tape), bias: norm.bias(on: x.tape))
    case .batch(let norm): norm(x, mask: nil)
    case .adaptive(let norm): norm(x, embedding: embedding)
    }
  }

  /// Lets a batch normalisation go by its running statistics on a tape too; others have none.
  public mutating func freezeStatistics() {
    guard case .batch(var norm) = self else { return }
    norm.isFrozen = true
    self = .batch(norm)
  }

  /// Visits the parameters of the one that was chosen.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    switch self {
    case .instance: break
    case .group(var norm):
      norm.forEachParameter(body)
      self = .group(norm)
    case .batch(var norm):
      visit("norm", &norm, body)
      self = .batch(norm)
    case .adaptive(var norm):
      norm.forEachParameter(body)
      self = .adaptive(norm)
    }
  }
}

extension GridNormalization: ReferenceCompatible {
  /// Visits the original's tensors, which are named and shaped as ours.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    forEachParameter { name, parameter in
      let shape = parameter.value.shape
      body(ReferenceTensor(name, shape: shape, ours: shape), &parameter)
    }
  }
}

/// Gain and bias of a normalisation of groups of channels.
public struct GroupNormalizationLayer: Module {
  /// `[channels]`, starts at 1.
  public var gain: Parameter
  /// `[channels]`, starts at 0.
  public var bias: Parameter
  /// The number of groups.
  public let groups: Int

  /// Creates the layer.
  public init(channels: Int, groups: Int) {
    require(
      groups > 0 && channels % groups == 0,
      "GroupNormalizationLayer: \(groups) groups of \(channels) channels")
    gain = Parameter(
      Tensor(repeating: 1, shape: [channels]), ParameterOptions(weightDecay: 0))
    bias = Parameter(Tensor(zeros: [channels]), ParameterOptions(weightDecay: 0))
    self.groups = groups
  }

  /// Visits `weight`, the gain, and `bias`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("weight", &gain)
    body("bias", &bias)
  }
}

/// A normalisation of each channel whose gain and bias are W₂·GELU(W₁·e + b₁) + b₂ of an embedding e.
public struct AdaptiveNormalization: Module {
  /// W₁ and b₁, to 512 numbers.
  public var inner: Linear
  /// W₂ and b₂, to the gains and then the biases.
  public var outer: Linear

  /// Creates the layer.
  public init(features: Int, channels: Int, using random: inout RandomSource) {
    inner = Linear(inputs: features, outputs: 512, using: &random)
    outer = Linear(inputs: 512, outputs: 2 * channels, using: &random)
  }

  /// Normalises `[batch, …, channels]`.
  ///
  /// - Precondition: there is an embedding.
  func callAsFunction(_ x: Variable, embedding: Variable?) -> Variable {
    guard let embedding else {
      preconditionFailure("AdaptiveNormalization: no embedding is set")
    }
    let row = embedding.reshaped(1, embedding.value.count)
    let numbers = outer(inner(row).gelu()).reshaped(2, -1)
    let channels = numbers.shape[1]
    return x.groupNormalized(
      groups: channels, gain: numbers.sliced(axis: 0, 0..<1).reshaped(channels),
      bias: numbers.sliced(axis: 0, 1..<2).reshaped(channels))
  }

  /// Visits `mlp.0` and `mlp.2`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("mlp.0", &inner, body)
    visit("mlp.2", &outer, body)
  }
}
