public import Differentiation
public import SequenceTensor

/// Any neural operator, for programs whose operator is chosen at run time.
///
/// The parameters are those of the operator inside, under their own names.
public struct AnyNeuralOperator: NeuralOperator {
  /// The operator inside.
  public var inner: any NeuralOperator

  /// Wraps an operator.
  public init(_ inner: any NeuralOperator) { self.inner = inner }

  /// Applies the operator inside.
  public func callAsFunction(_ field: Variable, outputGrid: Shape?) -> Variable {
    inner(field, outputGrid: outputGrid)
  }

  /// Visits the parameters of the operator inside.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    inner.forEachParameter(body)
  }
}
