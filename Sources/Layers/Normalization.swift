public import Differentiation
import SequenceTensor

/// Normalisation of each position over its channels, with gain and bias.
public struct LayerNorm: Layer {
  /// `[channels]`, starts at 1.
  public var gain: Parameter
  /// `[channels]`, starts at 0.
  public var bias: Parameter
  /// Added to the variance.
  public let epsilon: Float

  /// Creates the layer.
  public init(channels: Int, epsilon: Float = 1e-5) {
    gain = .unit(channels)
    bias = .zero(channels)
    self.epsilon = epsilon
  }

  /// Normalises `[…, channels]`.
  public func callAsFunction(_ x: Variable) -> Variable {
    x.layerNormalized(gain: gain(on: x.tape), bias: bias(on: x.tape), epsilon: epsilon)
  }

  /// Visits `weight` (the gain) and `bias`, under PyTorch's names.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("weight", &gain)
    body("bias", &bias)
  }
}

/// Division of each position by the root mean square of its channels, with gain.
///
/// Zhang and Sennrich, "Root mean square layer normalization", 2019.
public struct RMSNorm: Layer {
  /// `[channels]`, starts at 1.
  public var gain: Parameter
  /// Added to the mean of squares.
  public let epsilon: Float

  /// Creates the layer.
  public init(channels: Int, epsilon: Float = 1e-5) {
    gain = .unit(channels)
    self.epsilon = epsilon
  }

  /// Normalises `[…, channels]`.
  public func callAsFunction(_ x: Variable) -> Variable {
    x.rmsNormalized(gain: gain(on: x.tape), epsilon: epsilon)
  }

  /// Visits `weight`, the gain.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("weight", &gain)
  }
}

/// Normalisation of each channel over batch and length, with running statistics for inference.
///
/// Padding is left out of the statistics (the original code of S4 counts it). The running variance
/// is the unbiased one, as in PyTorch.
public struct BatchNorm: Module {
  /// `[channels]`, starts at 1.
  public var gain: Parameter
  /// `[channels]`, starts at 0.
  public var bias: Parameter
  /// `[channels]`, a buffer.
  public var runningMean: Parameter
  /// `[channels]`, a buffer.
  public var runningVariance: Parameter
  /// The weight of a new batch in the running statistics.
  public let momentum: Float
  /// Added to the variance.
  public let epsilon: Float
  /// Whether the running statistics count, and stay, on a tape too: for training on top of a
  /// finished model, and to differentiate inference.
  public var isFrozen = false

  /// Creates the layer.
  public init(channels: Int, momentum: Float = 0.1, epsilon: Float = 1e-5) {
    gain = .unit(channels)
    bias = .zero(channels)
    runningMean = Parameter(Tensor(zeros: [channels]), .buffer)
    runningVariance = Parameter(Tensor(repeating: 1, shape: [channels]), .buffer)
    self.momentum = momentum
    self.epsilon = epsilon
  }

  /// Normalises `[batch, length, channels]`: on a tape by the statistics of the batch, which also
  /// update the running ones, without a tape or frozen by the running ones.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    guard let tape = x.tape, !isFrozen else {
      let deviations = runningVariance.value.elements.map { ($0 + epsilon).squareRoot() }
      let scale = gain(on: x.tape) / Variable(Tensor(deviations))
      let shift = bias(on: x.tape) - Variable(runningMean.value) * scale
      return (x * scale + shift).masked(mask)
    }
    let (y, moments) = x.batchNormalized(
      gain: gain(on: tape), bias: bias(on: tape), mask: mask, epsilon: epsilon)
    let unbiased = Float(moments.count) / Float(max(1, moments.count - 1))
    tape.update(
      runningMean, to: runningMean.value * (1 - momentum) + moments.mean * momentum)
    tape.update(
      runningVariance,
      to: runningVariance.value * (1 - momentum) + moments.variance * (momentum * unbiased))
    return y
  }

  /// Visits gain, bias and running statistics under PyTorch's names.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("weight", &gain)
    body("bias", &bias)
    body("running_mean", &runningMean)
    body("running_var", &runningVariance)
  }
}

extension Parameter {
  /// Gains start at one, biases at zero, and neither decays.
  static func unit(_ channels: Int) -> Parameter {
    Parameter(Tensor(repeating: 1, shape: [channels]), ParameterOptions(weightDecay: 0))
  }

  static func zero(_ channels: Int) -> Parameter {
    Parameter(Tensor(zeros: [channels]), ParameterOptions(weightDecay: 0))
  }
}

/// Which normalisation a block uses.
public enum NormalizationKind: String, Sendable, Hashable, CaseIterable, Codable {
  /// Over the channels of a position.
  case layer
  /// By the root mean square of the channels of a position.
  case rms
  /// Each channel over batch and length.
  case batch
}

/// A normalisation chosen at run time.
public enum Normalization: Module {
  /// Over the channels of a position.
  case layer(LayerNorm)
  /// By the root mean square of the channels of a position.
  case rms(RMSNorm)
  /// Each channel over batch and length.
  case batch(BatchNorm)

  /// Creates a normalisation of a kind.
  public init(_ kind: NormalizationKind, channels: Int) {
    switch kind {
    case .layer: self = .layer(LayerNorm(channels: channels))
    case .rms: self = .rms(RMSNorm(channels: channels))
    case .batch: self = .batch(BatchNorm(channels: channels))
    }
  }

  /// Normalises `[batch, length, channels]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    switch self {
    case .layer(let norm): norm(x)
    case .rms(let norm): norm(x)
    case .batch(let norm): norm(x, mask: mask)
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
    case .layer(var norm):
      norm.forEachParameter(body)
      self = .layer(norm)
    case .rms(var norm):
      norm.forEachParameter(body)
      self = .rms(norm)
    case .batch(var norm):
      norm.forEachParameter(body)
      self = .batch(norm)
    }
  }
}
