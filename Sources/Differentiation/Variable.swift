public import SequenceTensor

/// A tensor in a computation, with its place on a tape if it is to be differentiated.
///
/// Without a tape a variable is just its value, and functions of it record nothing: inference is
/// the same code as training.
public struct Variable {
  /// The value.
  public let value: Tensor
  /// The tape of the computation, if there is one.
  public let tape: Tape?
  /// The place of its gradient on the tape; `nil` for a constant.
  let slot: Int?

  /// A constant, on a tape only so that what is computed from it finds the tape.
  public init(_ value: Tensor, on tape: Tape? = nil) {
    self.value = value
    self.tape = tape
    slot = nil
  }

  init(_ value: Tensor, tape: Tape, slot: Int?) {
    self.value = value
    self.tape = tape
    self.slot = slot
  }

  /// The shape of the value.
  public var shape: Shape { value.shape }

  /// Whether a gradient will be asked for.
  public var needsGradient: Bool { slot != nil }

  /// The same value as a constant: gradients stop here.
  public var detached: Variable { Variable(value, on: tape) }

  /// Records a primitive of one's own: a value computed from other variables, and how the
  /// gradient of the value is pulled back to them.
  ///
  /// ```swift
  /// func squared(_ x: Variable) -> Variable {
  ///   Variable.primitive([x], value: x.value * x.value) { dy in [dy * x.value * 2] }
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - inputs: what the value was computed from.
  ///   - value: the result.
  ///   - pullback: takes the gradient of a scalar loss with respect to the value, which has the
  ///     value's shape, and returns for each input its gradient, of the input's shape, or `nil`
  ///     for none. Called at most once; gradients of constants are ignored.
  ///   - operation: its name in a profile; by default that of the calling function.
  ///   - arithmetic: floating-point operations of the forward computation, for a profile.
  public static func primitive(
    _ inputs: [Variable], value: Tensor, operation: StaticString = #function,
    arithmetic: Double = 0, pullback: @escaping (Tensor) -> [Tensor?]
  ) -> Variable {
    guard let tape = inputs.lazy.compactMap(\.tape).first else { return Variable(value) }
    for input in inputs {
      require(
        input.tape == nil || input.tape === tape, "Variable.primitive: inputs on different tapes")
    }
    guard inputs.contains(where: \.needsGradient) else { return Variable(value, on: tape) }
    return tape.record(
      inputs, value: value, operation: operation, arithmetic: arithmetic, pullback: pullback)
  }
}
