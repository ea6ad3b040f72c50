public import Differentiation
public import SequenceTensor

/// A map between functions that are given by their values on regular grids.
///
/// The parameters do not depend on the grid: what is trained at one resolution can be applied at
/// another.
public protocol NeuralOperator: Module {
  /// Applies the operator.
  ///
  /// - Parameters:
  ///   - field: `[batch, x, (y, (z,)) channels]`.
  ///   - outputGrid: the sizes of the result's grid, as many axes as the field's; nil for the
  ///     grid that the operator gives by itself, usually the field's own.
  /// - Returns: `[batch, x', (y', (z',)) output channels]`.
  func callAsFunction(_ field: Variable, outputGrid: Shape?) -> Variable
}

extension NeuralOperator {
  /// Applies the operator on the grid that it gives by itself.
  public func callAsFunction(_ field: Variable) -> Variable { self(field, outputGrid: nil) }
}
