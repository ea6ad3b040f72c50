/// Poisson's equation -Δu = f in 1 to 3 dimensions.
///
/// Solved by the eigenfunctions of the Laplacian in O(n log n). With periodic or Neumann boundaries
/// u has mean 0, and the mean of f, for which there is no solution, is left out.
public struct PoissonEquation: Sendable, Hashable, Codable {
  /// How the Laplacian is taken.
  public enum Laplacian: String, Sendable, Hashable, Codable, CaseIterable {
    /// Of the modes themselves: exact for fields that the modes represent.
    case spectral
    /// By central differences of second order, the five-point formula in two dimensions.
    case differences
  }

  /// What holds at the boundary; `.dirichlet` and `.neumann` take nodes or cells.
  public var boundary: BoundaryCondition
  /// How the Laplacian is taken.
  public var laplacian: Laplacian

  /// Creates the equation.
  public init(boundary: BoundaryCondition = .dirichlet, laplacian: Laplacian = .spectral) {
    (self.boundary, self.laplacian) = (boundary, laplacian)
  }

  /// Solves the equation.
  ///
  /// - Parameter source: f; its values on the boundary do not matter under `.dirichlet` on nodes.
  /// - Throws: `EquationError` if the grid does not fit the boundary condition or a value is not
  ///   finite.
  public func solve(source: GridField) throws(EquationError) -> GridField {
    try source.check("PoissonEquation", ranks: 1...3, points: boundary.points, components: 1)
    let transform = ModeTransform(source.grid, boundary)
    let eigenvalues =
      laplacian == .spectral ? transform.squaredWavenumbers : transform.differenceEigenvalues
    let inverse = transform.diagonal(eigenvalues.map { $0 == 0 ? 0 : transform.scale / $0 })
    let spectrum = DoubleBuffer(count: transform.coefficientCount)
    let values = DoubleBuffer(count: source.grid.pointCount)
    withQuickSmallNumbers {
      transform.analyse(source.values, into: spectrum.pointer)
      inverse.multiply(spectrum.pointer, into: spectrum.pointer)
      transform.synthesise(destroying: spectrum.pointer, into: values.pointer)
    }
    return GridField(grid: source.grid, values: values.array)
  }
}
