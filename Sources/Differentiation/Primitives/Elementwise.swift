import SequenceTensor

extension Variable {
  /// The elementwise sum, with broadcasting.
  public static func + (a: Variable, b: Variable) -> Variable {
    primitive([a, b], value: a.value + b.value) { [sa = a.shape, sb = b.shape] dy in
      [dy.summed(to: sa), dy.summed(to: sb)]
    }
  }

  /// The elementwise difference, with broadcasting.
  public static func - (a: Variable, b: Variable) -> Variable {
    primitive([a, b], value: a.value - b.value) { [sa = a.shape, sb = b.shape] dy in
      [dy.summed(to: sa), (-dy).summed(to: sb)]
    }
  }

  /// The elementwise product, with broadcasting.
  public static func * (a: Variable, b: Variable) -> Variable {
    primitive([a, b], value: a.value * b.value) {
      [x = a.value, y = b.value, na = a.needsGradient, nb = b.needsGradient] dy in
      [na ? (dy * y).summed(to: x.shape) : nil, nb ? (dy * x).summed(to: y.shape) : nil]
    }
  }

  /// The elementwise quotient, with broadcasting.
  public static func / (a: Variable, b: Variable) -> Variable {
    primitive([a, b], value: a.value / b.value) { [x = a.value, y = b.value] dy in
      let dx = dy / y
      return [dx.summed(to: x.shape), (-(dx * x) / y).summed(to: y.shape)]
    }
  }

  /// Every element times a number.
  public static func * (a: Variable, factor: Float) -> Variable {
    primitive([a], value: a.value * factor) { [$0 * factor] }
  }

  /// The sum of all elements, of shape `[]`.
  public func sum() -> Variable {
    Self.primitive([self], value: Tensor(scalar: value.sum())) { [shape] dy in
      [Tensor(repeating: dy.scalar, shape: shape)]
    }
  }

  /// The mean of all elements, of shape `[]`.
  public func mean() -> Variable { sum() * (1 / Float(max(1, value.count))) }

  /// The sum over one axis, which is left out of the result.
  public func sum(axis: Int) -> Variable {
    let axis = shape.resolved(axis)
    return Self.primitive([self], value: value.sum(axis: axis)) { [shape] dy in
      let kept = dy.reshaped(to: shape.replacing(axis: axis, with: 1))
      return [Tensor(zeros: shape) + kept]
    }
  }

  /// exp(-rate·log t) for row t + 1 of `rows`: `[rows, channels]` from rates `[channels]`.
  ///
  /// The power-law decay (t + 1)^-rate of SGConv's learnable modes.
  public static func powerDecay(rate: Variable, rows: Int) -> Variable {
    let channels = rate.value.count
    let logs = (0..<rows).map { RandomSource.naturalLogarithm(Double($0 + 1)) }
    let value = Tensor(uninitialized: [rows, channels]) { y in
      for t in 0..<rows {
        for c in 0..<channels {
          y[t * channels + c] = Float(exp(-Double(rate.value.pointer[c]) * logs[t]))
        }
      }
    }
    return primitive([rate], value: value) { dy in
      let weights = Tensor(logs.map { Float(-$0) }, shape: [rows, 1])
      return [(dy * value * weights).summedRows().reshaped(to: rate.shape)]
    }
  }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
