import Differentiation

/// The nonlinearity of a network that makes a kernel, by its name in the originals.
public enum KernelActivation: String, Sendable, Hashable, CaseIterable, Codable {
  /// sin(ω·x): a sinusoidal representation network, Sitzmann et al., 2020.
  case sine = "Sine"
  /// max(0, x).
  case relu = "ReLU"
  /// max(0, x) + 0.01·min(0, x).
  case leakyReLU = "LeakyReLU"
  /// x·σ(x), also called SiLU.
  case swish = "Swish"
  /// x·Φ(x), exact.
  case gelu = "GELU"
  /// tanh(x).
  case tanh = "Tanh"
  /// σ(x).
  case sigmoid = "Sigmoid"
  /// x above 0, eˣ - 1 below.
  case elu = "ELU"
  /// log(1 + eˣ).
  case softplus = "Softplus"
  /// x.
  case identity = "Identity"

  /// Applies the nonlinearity; ω is the network's.
  func callAsFunction(_ x: Variable) -> Variable {
    switch self {
    case .sine: x.sine()
    case .relu: x.relu()
    case .leakyReLU: x.relu() + (x * -1).relu() * -0.01
    case .swish: x.silu()
    case .gelu: x.gelu()
    case .tanh: x.tanh()
    case .sigmoid: x.sigmoid()
    case .elu: x.elu()
    case .softplus: x.softplus()
    case .identity: x
    }
  }
}
