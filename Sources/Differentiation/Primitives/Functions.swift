import LaneKernels
import SequenceTensor

extension Variable {
  /// sin(x), absolute error about 1e-7.
  public func sine() -> Variable {
    elementwise({ lanes.sine($0, $1, $2) }, { lanes.sine_pullback($0, $1, $2, $3) })
  }

  /// tanh(x).
  public func tanh() -> Variable {
    elementwise({ lanes.tanh($0, $1, $2) }, { lanes.tanh_pullback($0, $1, $2, $3) })
  }

  /// eˣ.
  public func exponential() -> Variable {
    let y = value.mapped { lanes.exponential($0, $1, $2) }
    return Self.primitive([self], value: y) { [$0 * y] }
  }

  /// σ(x) = 1/(1 + e⁻ˣ).
  public func sigmoid() -> Variable {
    let y = value.mapped { lanes.sigmoid($0, $1, $2) }
    return Self.primitive([self], value: y) { [$0 * (y - y * y)] }
  }

  /// f(x) in double precision, an element at a time: for small tensors, such as the parameters of
  /// a filter, where one's own function is worth more than its speed.
  ///
  /// - Parameters:
  ///   - function: f.
  ///   - derivative: f′.
  public func mapped(
    _ function: (Double) -> Double, derivative: @escaping (Double) -> Double
  ) -> Variable {
    let y = Tensor(value.elements.map { Float(function(Double($0))) }, shape: shape)
    return Self.primitive([self], value: y) { [value] dy in
      [
        Tensor(
          zip(value.elements, dy.elements).map { Float(derivative(Double($0)) * Double($1)) },
          shape: value.shape)
      ]
    }
  }

  /// A function by a kernel, and the kernel that multiplies a gradient by its derivative at x.
  func elementwise(
    _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void,
    _ pullback:
      @escaping (
        UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
      ) -> Void, operation: StaticString = #function
  ) -> Variable {
    Self.primitive([self], value: value.mapped(kernel), operation: operation) { [value] dy in
      [
        Tensor(uninitialized: value.shape) { dx in
          Parallel.forEachRange(value.count, grain: Parallel.elementGrain) { range in
            let at = range.lowerBound
            pullback(dx + at, value.pointer + at, dy.pointer + at, range.count)
          }
        }
      ]
    }
  }
}
