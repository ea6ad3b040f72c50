public import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The components of several distributions, one after the other.
public struct StackedFields: RandomField {
  /// The distributions, drawn from in this order.
  public var parts: [any RandomField]

  /// Creates a distribution of all components together.
  public init(_ parts: [any RandomField]) { self.parts = parts }

  /// Draws one field.
  public func sample(
    on grid: SpatialGrid, using random: inout RandomSource
  ) throws(EquationError) -> GridField {
    var components: [[Double]] = []
    for part in parts {
      let field = try part.sample(on: grid, using: &random)
      for component in 0..<field.components { components.append(field.component(component)) }
    }
    return GridField(grid: grid, componentValues: components)
  }
}

/// Round patches of a second substance in a first one, the start of `GrayScottSystem`.
///
/// With the share p of the patches at a point, u = 1 - p/2 and v = p/4. A patch has p = 1 around a
/// uniform random centre, falling to 0 as tanh over a quarter of its radius, and repeats
/// itself with the period of the domain.
public struct SubstancePatches: RandomField, Hashable, Codable {
  /// The number of patches.
  public var count: Int
  /// Their radius as a part of the shortest axis.
  public var radius: Double

  /// Creates a distribution.
  public init(count: Int = 8, radius: Double = 0.06) { (self.count, self.radius) = (count, radius) }

  /// Draws one field of two substances.
  public func sample(
    on grid: SpatialGrid, using random: inout RandomSource
  ) throws(EquationError) -> GridField {
    let place = "SubstancePatches"
    try grid.check(place, ranks: 1...3, points: Set(SpatialGrid.Points.allCases))
    try EquationError.unless(
      count >= 0, "\(place).count", expected: "0 or above", got: "\(count)")
    try EquationError.unlessPositive(radius, "\(place).radius")
    let centres = (0..<count).map { _ in
      grid.axes.map { random.uniform(from: $0.lower, to: $0.upper) }
    }
    let size = radius * (grid.axes.map(\.length).min() ?? 1)
    let shares = grid.points.map { point in
      centres.reduce(0) { share, centre in
        var square = 0.0
        for (axis, place) in grid.axes.enumerated() {
          let distance = abs(point[axis] - centre[axis])
          let nearest = min(distance, place.length - distance)
          square += nearest * nearest
        }
        return max(share, 0.5 - 0.5 * tanh((square.squareRoot() - size) / (0.25 * size)))
      }
    }
    return GridField(
      grid: grid, componentValues: [shares.map { 1 - 0.5 * $0 }, shares.map { 0.25 * $0 }])
  }
}
