import LaneKernels
import SequenceTensor

/// A nonlinearity between layers, applied elementwise unless it says otherwise.
public enum Activation: String, Sendable, Hashable, CaseIterable, Codable {
  /// No nonlinearity.
  case identity
  /// x·Φ(x), exact (not the tanh approximation).
  case gelu
  /// x·σ(x), also called swish.
  case silu
  /// max(0, x).
  case relu
  /// max(0, x)².
  case squaredReLU = "sqrelu"
  /// tanh(x).
  case tanh
  /// σ(x) = 1/(1 + e⁻ˣ).
  case sigmoid
  /// x above 0, eˣ - 1 below.
  case elu
  /// log(1 + eˣ).
  case softplus
  /// The gated linear unit a·σ(b) of the two halves a, b of the channels; halves their number.
  case glu

  /// How many times as many channels go in as come out.
  public var inputFactor: Int { self == .glu ? 2 : 1 }

  /// Applies the nonlinearity.
  public func callAsFunction(_ x: Variable) -> Variable {
    switch self {
    case .identity: x
    case .gelu: x.gelu()
    case .silu: x.silu()
    case .relu: x.relu()
    case .squaredReLU: x.squaredReLU()
    case .tanh: x.tanh()
    case .sigmoid: x.sigmoid()
    case .elu: x.elu()
    case .softplus: x.softplus()
    case .glu: x.glu()
    }
  }
}

extension Variable {
  /// x·Φ(x), exact.
  public func gelu() -> Variable {
    elementwise({ lanes.gelu($0, $1, $2) }, { lanes.gelu_pullback($0, $1, $2, $3) })
  }

  /// x·σ(x).
  public func silu() -> Variable {
    elementwise({ lanes.silu($0, $1, $2) }, { lanes.silu_pullback($0, $1, $2, $3) })
  }

  /// max(0, x).
  public func relu() -> Variable {
    elementwise({ lanes.relu($0, $1, $2) }, { lanes.relu_pullback($0, $1, $2, $3) })
  }

  /// max(0, x)².
  public func squaredReLU() -> Variable {
    elementwise({ lanes.squared_relu($0, $1, $2) }, { lanes.squared_relu_pullback($0, $1, $2, $3) })
  }

  /// x above 0, eˣ - 1 below: the exponential linear unit with α = 1.
  public func elu() -> Variable {
    elementwise({ lanes.elu($0, $1, $2) }, { lanes.elu_pullback($0, $1, $2, $3) })
  }

  /// log(1 + eˣ).
  public func softplus() -> Variable {
    elementwise({ lanes.softplus($0, $1, $2) }, { lanes.softplus_pullback($0, $1, $2, $3) })
  }

  /// The gated linear unit a·σ(b) of the halves a, b of the last axis.
  ///
  /// - Returns: a variable with half as many channels.
  /// - Precondition: the number of channels is even.
  public func glu() -> Variable {
    let width = shape.last / 2
    require(shape.last == 2 * width, "Variable.glu: odd number of channels in \(shape)")
    let rows = shape.rows
    let grain = max(1, Parallel.elementGrain / max(1, 2 * width))
    let result = Tensor(uninitialized: shape.replacing(axis: -1, with: width)) { y in
      Parallel.forEachRange(rows, grain: grain) { range in
        let at = range.lowerBound * width
        lanes.glu(y + at, value.pointer + 2 * at, range.count, width)
      }
    }
    return Self.primitive([self], value: result) { [value] dy in
      [
        Tensor(uninitialized: value.shape) { dx in
          Parallel.forEachRange(rows, grain: grain) { range in
            let at = range.lowerBound * width
            lanes.glu_pullback(
              dx + 2 * at, value.pointer + 2 * at, dy.pointer + at, range.count, width)
          }
        }
      ]
    }
  }
}
