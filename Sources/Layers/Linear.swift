public import Differentiation
public import SequenceTensor

/// An affine map of the last axis: y = x·Wᵀ + b.
///
/// Initialised as in PyTorch: weight and bias uniform in ±1/√inputs.
public struct Linear: Layer {
  /// W, `[outputs, inputs]`.
  public var weight: Parameter
  /// b, `[outputs]`.
  public var bias: Parameter?

  /// Creates a layer with random weights.
  ///
  /// - Precondition: both sizes are positive.
  public init(
    inputs: Int, outputs: Int, bias: Bool = true, using random: inout RandomSource
  ) {
    require(inputs > 0 && outputs > 0, "Linear: \(inputs) inputs, \(outputs) outputs")
    let bound = 1 / Float(inputs).squareRoot()
    weight = Parameter(
      Tensor(uniform: [outputs, inputs], from: -bound, to: bound, using: &random))
    self.bias =
      bias
      ? Parameter(
        Tensor(uniform: [outputs], from: -bound, to: bound, using: &random),
        ParameterOptions(weightDecay: 0)) : nil
  }

  /// Maps `[…, inputs]` to `[…, outputs]`.
  public func callAsFunction(_ x: Variable) -> Variable {
    x.linear(weight: weight(on: x.tape), bias: bias?(on: x.tape))
  }

  /// Visits `weight`, then `bias`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("weight", &weight)
    bias.forEachValue { body("bias", &$0) }
  }
}

extension Optional where Wrapped == Parameter {
  /// Calls `body` with the parameter, if there is one.
  public mutating func forEachValue(_ body: (inout Parameter) -> Void) {
    guard var parameter = self else { return }
    body(&parameter)
    self = parameter
  }
}
