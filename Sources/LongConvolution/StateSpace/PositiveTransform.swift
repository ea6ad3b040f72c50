import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How a positive quantity, such as a step or a decay, is made from a trained parameter.
///
/// `param_transform` and `inv_transform` of `models/s4/s4.py` in state-spaces/s4.
public enum PositiveTransform: String, Sendable, Hashable, Codable, CaseIterable {
  /// The parameter itself.
  case none
  /// eᵖ.
  case exponential = "exp"
  /// max(0, p) + 10⁻⁴.
  case relu
  /// σ(p), below 1.
  case sigmoid
  /// log(1 + eᵖ).
  case softplus

  /// The quantity of a parameter.
  package func value(_ p: Double) -> Double {
    switch self {
    case .none: p
    case .exponential: exp(p)
    case .relu: max(0, p) + 1e-4
    case .sigmoid: 1 / (1 + exp(-p))
    case .softplus: max(0, p) + log1p(exp(-abs(p)))
    }
  }

  /// The derivative of the quantity by the parameter.
  package func slope(_ p: Double) -> Double {
    switch self {
    case .none: return 1
    case .exponential: return exp(p)
    case .relu: return p > 0 ? 1 : 0
    case .sigmoid:
      let value = 1 / (1 + exp(-p))
      return value * (1 - value)
    case .softplus: return 1 / (1 + exp(-p))
    }
  }

  /// The parameter for a quantity, which is raised to 10⁻⁴ first, as in the original.
  ///
  /// For `relu` that is the quantity too: the 10⁻⁴ that is added later is not taken off.
  package func parameter(of value: Double) -> Double {
    let value = max(value, 1e-4)
    switch self {
    case .none, .relu: return value
    case .exponential: return log(value)
    case .sigmoid: return log(value / (1 - value))
    case .softplus: return log(expm1(value))
    }
  }
}
