import Differentiation
import Layers
import SequenceTensor

/// Which normalisation stands between the layers of a network that makes a kernel.
public enum KernelNormalizationKind: String, Sendable, Hashable, CaseIterable, Codable {
  /// None.
  case none
  /// Each unit over the positions, with running statistics for inference.
  case batch = "BatchNorm"
  /// All units and positions together, which the authors call "LayerNorm" (a `GroupNorm` of one
  /// group with ε = 10⁻¹²).
  case layer = "LayerNorm"
}

/// A normalisation of `[positions, units]`.
enum KernelNormalization: Module {
  case batch(BatchNorm)
  case layer(LayerNorm)

  /// A normalisation of a kind; `nil` for none.
  init?(_ kind: KernelNormalizationKind, units: Int) {
    switch kind {
    case .none: return nil
    case .batch: self = .batch(BatchNorm(channels: units))
    case .layer: self = .layer(LayerNorm(channels: units, epsilon: 1e-12))
    }
  }

  func callAsFunction(_ x: Variable) -> Variable {
    switch self {
    case .batch(let norm):
      return norm(x.reshaped(1, x.shape[0], x.shape[1]), mask: nil).reshaped(to: x.shape)
    case .layer(let norm):
      let count = x.value.count
      let whole = x.reshaped(1, count).layerNormalized(
        gain: Variable(Tensor(repeating: 1, shape: [count])),
        bias: Variable(Tensor(zeros: [count])), epsilon: norm.epsilon)
      return whole.reshaped(to: x.shape) * norm.gain(on: x.tape) + norm.bias(on: x.tape)
    }
  }

  /// Lets running statistics count on a tape too.
  mutating func freezeStatistics() {
    guard case .batch(var norm) = self else { return }
    norm.isFrozen = true
    self = .batch(norm)
  }

  mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    switch self {
    case .batch(var norm):
      norm.forEachParameter(body)
      self = .batch(norm)
    case .layer(var norm):
      norm.forEachParameter(body)
      self = .layer(norm)
    }
  }

  /// PyTorch's tensors under `name`; those of the authors' `LayerNorm` lie one level deeper.
  mutating func forEachReference(
    _ name: String, _ body: (ReferenceTensor, inout Parameter) -> Void
  ) {
    let place = if case .layer = self { "\(name).layer_norm" } else { name }
    forEachParameter { part, parameter in
      let shape = parameter.value.shape
      body(ReferenceTensor("\(place).\(part)", shape: shape, ours: shape), &parameter)
    }
  }
}
