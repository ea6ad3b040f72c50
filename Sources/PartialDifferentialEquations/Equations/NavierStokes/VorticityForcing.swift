#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What drives a two-dimensional flow, as a source of vorticity.
public enum VorticityForcing: Sendable, Equatable {
  /// Nothing.
  case none
  /// A·(sin(2π(x/Lx + y/Ly)) + cos(2π(x/Lx + y/Ly))), the forcing of Li et al. 2021 for A = 0.1.
  case diagonalWaves(amplitude: Double)
  /// The curl of the force (A·sin(m·κ·y), 0), -A·m·κ·cos(m·κ·y) with κ = 2π/Ly.
  ///
  /// Kolmogorov flow; on (0, 2π)² with A = 1 and m = 4 it is -4·cos(4y).
  case kolmogorov(amplitude: Double, mode: Int)
  /// The values of any field on the solution's grid.
  case field(GridField)

  /// The values on a grid.
  func values(on grid: SpatialGrid, place: String) throws(EquationError) -> [Double] {
    let (x, y) = (grid.axes[0], grid.axes[1])
    func phases(_ function: (Double, Double) -> Double) -> [Double] {
      let across = x.coordinates.map { 2 * Double.pi * ($0 - x.lower) / x.length }
      let along = y.coordinates.map { 2 * Double.pi * ($0 - y.lower) / y.length }
      return across.flatMap { a in along.map { function(a, $0) } }
    }
    switch self {
    case .none: return phases { _, _ in 0 }
    case .diagonalWaves(let amplitude):
      try EquationError.unlessFinite(amplitude, "\(place).forcing.amplitude")
      return phases { amplitude * (sin($0 + $1) + cos($0 + $1)) }
    case .kolmogorov(let amplitude, let mode):
      try EquationError.unlessFinite(amplitude, "\(place).forcing.amplitude")
      let wavenumber = 2 * Double.pi * Double(mode) / y.length
      return phases { -amplitude * wavenumber * cos(Double(mode) * $1) }
    case .field(let field):
      try EquationError.unless(
        field.grid == grid && field.components == 1, "\(place).forcing",
        expected: "one component on the grid \(grid.shape) of the initial field",
        got: "\(field.shape)")
      try EquationError.unlessFinite(field, "\(place).forcing")
      return field.values
    }
  }
}
