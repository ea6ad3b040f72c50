import Differentiation
import SequenceTensor

/// Zeros beyond the edges of a grid, in proportion to its size, so that a periodic transform can
/// work on a function that is not periodic.
///
/// Source: `DomainPadding` of neuraloperator 2.0 (`neuralop/layers/padding.py`), which pads both
/// sides; padding at the end only is what earlier versions and Li et al. (2021) do.
public struct DomainPadding: Sendable, Hashable, Codable {
  /// How many points each side gets, as parts of the axis' points (rounded to even), for each axis,
  /// or one number for all.
  public var fractions: [Double]
  /// Whether the beginning of an axis gets as many points as its end, and not none.
  public var isSymmetric: Bool

  /// Creates a padding.
  public init(_ fractions: [Double], isSymmetric: Bool = true) {
    self.fractions = fractions
    self.isSymmetric = isSymmetric
  }

  /// The points that each side of each axis of a grid gets.
  func points(of grid: Shape) -> [Int] {
    require(
      fractions.count == 1 || fractions.count == grid.rank,
      "DomainPadding: \(fractions.count) fractions for grid \(grid)")
    return grid.sizes.enumerated().map { axis, size in
      let fraction = fractions[fractions.count == 1 ? 0 : axis]
      return max(0, Int((Double(size) * fraction).rounded(.toNearestOrEven)))
    }
  }

  /// A grid with `points` at its sides, or without them if they are negative.
  func grid(_ grid: Shape, with points: [Int]) -> Shape {
    Shape(zip(grid.sizes, points).map { $0 + (isSymmetric ? 2 : 1) * $1 })
  }

  /// Pads the axes of a grid, which come after the batch.
  func padded(_ x: Variable, by points: [Int]) -> Variable {
    x.paddedGrid(before: before(points), after: points)
  }

  /// Removes a padding.
  func cropped(_ x: Variable, by points: [Int]) -> Variable {
    x.croppedGrid(before: before(points), after: points)
  }

  private func before(_ points: [Int]) -> [Int] {
    isSymmetric ? points : points.map { _ in 0 }
  }
}
