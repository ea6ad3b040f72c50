public import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Gaussian random fields N(m, σ²(-Δ + τ²)^-γ) in 1 to 3 dimensions.
///
/// u = m + Σ σ·(|k|² + τ²)^(-γ/2)·ξ_k·φ_k with standard normal ξ and the orthonormal eigenfunctions φ
/// of the Laplacian (Karhunen–Loève). On intervals this is `GRF1.m`, in the plane the fields of
/// `random_fields.py` (periodic) and `GRF.m` (Neumann) of Li et al. 2021. The coefficients are
/// drawn in an order that does not depend on the grid: a sample on a finer grid is the same
/// function with further modes.
public struct GaussianRandomField: RandomField, Hashable, Codable {
  /// σ, 0 or above.
  public var scale: Double
  /// γ: the power of the inverse operator, twice the decay of the coefficients.
  public var exponent: Double
  /// τ, 0 or above: one over the length of correlation.
  public var inverseLength: Double
  /// Which eigenfunctions: of the periodic, Dirichlet or Neumann Laplacian.
  public var boundary: BoundaryCondition
  /// m; `.dirichlet` takes 0.
  public var mean: Double
  /// Whether the constant function takes part, as in none of the originals.
  public var includesConstant: Bool

  /// Creates a distribution.
  public init(
    scale: Double, exponent: Double, inverseLength: Double,
    boundary: BoundaryCondition = .periodic, mean: Double = 0, includesConstant: Bool = false
  ) {
    (self.scale, self.exponent, self.inverseLength) = (scale, exponent, inverseLength)
    (self.boundary, self.mean, self.includesConstant) = (boundary, mean, includesConstant)
  }

  /// N(0, 625(-Δ + 25)^-2), initial fields of Burgers' equation (Li and others, 2021).
  public static let burgersOfPaper = GaussianRandomField(scale: 25, exponent: 2, inverseLength: 5)
  /// N(0, 49²(-Δ + 49)^-2.5), those of their script.
  public static let burgersOfScript = GaussianRandomField(
    scale: 49, exponent: 2.5, inverseLength: 7)
  /// N(0, 625²(-Δ + 25)^-4), the initial fields of Burgers' equation for DeepONets in Wang et al.,
  /// "Learning the solution operator of parametric partial differential equations", 2021.
  public static let burgersOfDeepONet = GaussianRandomField(
    scale: 625, exponent: 4, inverseLength: 5)
  /// N(0, 7³(-Δ + 49)^-2.5), initial vorticity (Li and others, 2021).
  public static let vorticity = GaussianRandomField(
    scale: pow(7, 1.5), exponent: 2.5, inverseLength: 7)
  /// N(0, 9(-Δ + 9)^-2) with zero flux, what the coefficients of Darcy flow come from.
  public static let permeability = GaussianRandomField(
    scale: 3, exponent: 2, inverseLength: 3, boundary: .neumann)

  /// Draws one function; the order of the draws is that of the modes.
  public func sample(
    on grid: SpatialGrid, using random: inout RandomSource
  ) throws(EquationError) -> GridField {
    let place = "GaussianRandomField"
    try EquationError.unlessNotNegative(scale, "\(place).scale")
    try EquationError.unlessFinite(exponent, "\(place).exponent")
    try EquationError.unlessNotNegative(inverseLength, "\(place).inverseLength")
    try EquationError.unlessFinite(mean, "\(place).mean")
    try grid.check(place, ranks: 1...3, points: boundary.points)
    let shift = inverseLength * inverseLength
    let field = ModeSeries(grid, boundary).values { mode, square in
      if square == 0 {
        let constant = includesConstant && shift > 0 ? random.normal() : 0
        return (mean + (constant == 0 ? 0 : scale * pow(shift, -exponent / 2) * constant), 0)
      }
      let deviation = scale * pow(square + shift, -exponent / 2)
      let cosine = random.normal()
      return (
        deviation * cosine, boundary == .periodic ? deviation * random.normal() : 0
      )
    }
    return field
  }
}
