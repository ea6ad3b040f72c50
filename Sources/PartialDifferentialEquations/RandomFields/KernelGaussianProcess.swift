public import SequenceTensor
internal import SpectralCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Gaussian processes on an interval with a covariance that depends on the distance.
///
/// The functions that DeepONets are trained on (Lu et al. 2021: length 0.2). Drawn as L·ξ with the
/// Cholesky factor L of the covariance of all points, in O(n³) once for a grid and O(n²) a sample;
/// 1e-10 is added to the diagonal, without which the matrix has no factor in double precision.
public struct KernelGaussianProcess: RandomField, Hashable, Codable {
  /// The covariance of two points at the distance d, one for a length l.
  public enum Kernel: String, Sendable, Hashable, Codable, CaseIterable {
    /// exp(-d²/(2l²)).
    case squaredExponential
    /// exp(-2·sin²(π·d/length of the interval)/l²), periodic.
    case periodic
  }

  /// The covariance.
  public var kernel: Kernel
  /// l, above 0; a length for `.squaredExponential`, a pure number for `.periodic`.
  public var length: Double
  /// What functions are multiplied by.
  public var deviation: Double

  /// Creates a distribution.
  public init(
    kernel: Kernel = .squaredExponential, length: Double = 0.2, deviation: Double = 1
  ) {
    (self.kernel, self.length, self.deviation) = (kernel, length, deviation)
  }

  private struct Key: Hashable {
    let kernel: Kernel
    let length: Double
    let axis: SpatialGrid.Axis
  }

  /// The rows of a lower triangle, one after the other.
  private static let factors = PlanCache<Key, [Double]>()

  /// Draws one function.
  public func sample(
    on grid: SpatialGrid, using random: inout RandomSource
  ) throws(EquationError) -> GridField {
    let place = "KernelGaussianProcess"
    try grid.check(place, ranks: 1...1, points: [.periodic, .nodes, .cells], fewest: 1)
    try EquationError.unlessPositive(length, "\(place).length")
    try EquationError.unlessNotNegative(deviation, "\(place).deviation")
    let axis = grid.axes[0]
    try EquationError.unless(
      axis.count <= 4096, "\(place).grid", expected: "at most 4096 points", got: "\(axis.count)")
    let factor = Self.factors.value(for: Key(kernel: kernel, length: length, axis: axis)) {
      choleskyFactor(axis)
    }
    let noise = (0..<axis.count).map { _ in random.normal() }
    let values = (0..<axis.count).map { row in
      let start = row * (row + 1) / 2
      return deviation * (0...row).reduce(0) { $0 + factor[start + $1] * noise[$1] }
    }
    return GridField(grid: grid, values: values)
  }

  private func covariance(_ distance: Double, _ period: Double) -> Double {
    switch kernel {
    case .squaredExponential: return exp(-distance * distance / (2 * length * length))
    case .periodic:
      let sine = sin(Double.pi * distance / period)
      return exp(-2 * sine * sine / (length * length))
    }
  }

  private func choleskyFactor(_ axis: SpatialGrid.Axis) -> [Double] {
    let count = axis.count
    var factor = [Double](repeating: 0, count: count * (count + 1) / 2)
    factor.withUnsafeMutableBufferPointer { factor in
      for row in 0..<count {
        let rowStart = row * (row + 1) / 2
        for column in 0...row {
          let columnStart = column * (column + 1) / 2
          var sum = covariance(Double(row - column) * axis.spacing, axis.length)
          if row == column { sum += 1e-10 }
          for inner in 0..<column { sum -= factor[rowStart + inner] * factor[columnStart + inner] }
          factor[rowStart + column] =
            row == column ? max(sum, 1e-12).squareRoot() : sum / factor[columnStart + column]
        }
      }
    }
    return factor
  }
}
