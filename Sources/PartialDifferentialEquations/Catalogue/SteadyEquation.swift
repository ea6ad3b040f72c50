/// An equation that takes one field to another, without time.
public protocol SteadyEquation: Sendable {
  /// What the given field is.
  var inputName: String { get }
  /// What the solution is.
  var outputName: String { get }

  /// Solves the equation for a given coefficient or source.
  ///
  /// - Throws: `EquationError` if the field does not fit the equation.
  func solution(for input: GridField) throws(EquationError) -> GridField
}

extension PoissonEquation: SteadyEquation {
  /// The right side.
  public var inputName: String { "source" }
  /// The solution.
  public var outputName: String { "u" }

  /// The solution for a source.
  public func solution(for input: GridField) throws(EquationError) -> GridField {
    try solve(source: input)
  }
}

extension DarcyFlow: SteadyEquation {
  /// The coefficient.
  public var inputName: String { "permeability" }
  /// The solution.
  public var outputName: String { "pressure" }

  /// The pressure for a permeability at nodes, or at cells on the way of the published data, with
  /// a source of 1.
  public func solution(for input: GridField) throws(EquationError) -> GridField {
    if input.grid.axes.first?.points == .cells {
      return try solveAtCells(permeability: input).pressure
    }
    return try solve(permeability: input).pressure
  }
}
