public import Differentiation
public import SequenceTensor

/// An operator that works on a coarser grid than its fields have.
///
/// Fields are brought to the grid of the operator inside, and its result to the grid that is asked for:
/// between walls by means of the points near each coarse one and back by cubic convolution, periodic
/// ones by the frequencies that both grids have. The work no longer grows with the resolution but for
/// these two maps, and what the operator sees of a field hardly depends on the grid it came on. The
/// price is detail that only the finer grid has, such as kinks of the result where coefficients jump.
///
/// The idea is that of coarse grids in multigrid methods; U-shaped operators (`UShapedNeuralOperator`)
/// coarsen inside instead, in steps.
public struct CoarseGridOperator<Inner: NeuralOperator>: NeuralOperator {
  /// The operator on the coarse grid.
  public var inner: Inner
  /// The coarse grid, `[x, (y, (z))]`.
  public let grid: Shape
  /// Whether fields are periodic; else their grids begin and end at walls.
  public let isPeriodic: Bool

  /// Creates an operator.
  ///
  /// - Precondition: each axis has two points or more.
  public init(_ inner: Inner, grid: Shape, isPeriodic: Bool) {
    require(
      (1...3).contains(grid.rank) && grid.sizes.allSatisfy { $0 > 1 },
      "CoarseGridOperator: grid \(grid) is not 1 to 3 axes of 2 points or more")
    (self.inner, self.grid, self.isPeriodic) = (inner, grid, isPeriodic)
  }

  /// Applies the operator.
  ///
  /// - Parameters:
  ///   - field: `[batch, x, (y, (z,)) channels]`.
  ///   - outputGrid: the grid of the result; nil for the field's.
  public func callAsFunction(_ field: Variable, outputGrid: Shape?) -> Variable {
    require(
      field.shape.rank == grid.rank + 2 && outputGrid.map { $0.rank == grid.rank } ?? true,
      "CoarseGridOperator: field \(field.shape) is not [batch, \(grid.rank) axes, channels], or"
        + " another grid \(outputGrid.map { "\($0)" } ?? "")")
    let fine = outputGrid ?? Shape(Array(field.shape.sizes[1...grid.rank]))
    guard isPeriodic else {
      return inner(field.averaged(onto: grid), outputGrid: nil).interpolated(onto: fine)
    }
    return inner(field.truncated(onto: grid), outputGrid: nil).truncated(onto: fine)
  }

  /// Visits the parameters of the operator inside.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    inner.forEachParameter(body)
  }
}
