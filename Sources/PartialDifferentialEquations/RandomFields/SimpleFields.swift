public import SequenceTensor

/// A constant with a uniform random value, the initial field of `DiffusionSorption` in PDEBench.
public struct UniformConstant: RandomField, Hashable, Codable {
  /// The least value.
  public var lower: Double
  /// The largest value.
  public var upper: Double

  /// Creates a distribution.
  public init(from lower: Double = 0, to upper: Double = 0.2) {
    (self.lower, self.upper) = (lower, upper)
  }

  /// Draws one field.
  public func sample(
    on grid: SpatialGrid, using random: inout RandomSource
  ) throws(EquationError) -> GridField {
    try EquationError.unless(
      lower <= upper && lower.isFinite && upper.isFinite, "UniformConstant",
      expected: "finite bounds in order", got: "\(lower) to \(upper)")
    let value = random.uniform(from: lower, to: upper)
    return GridField(grid: grid, values: Array(repeating: value, count: grid.pointCount))
  }
}

/// Water at rest, deeper inside a circle of random radius around the middle of the domain: the
/// initial field of `ShallowWater` in PDEBench.
public struct RadialDamBreak: RandomField, Hashable, Codable {
  /// The depth inside.
  public var innerDepth: Double
  /// The depth outside.
  public var outerDepth: Double
  /// The least and the largest radius.
  public var radii: [Double]

  /// Creates a distribution.
  public init(innerDepth: Double = 2, outerDepth: Double = 1, radii: [Double] = [0.3, 0.7]) {
    (self.innerDepth, self.outerDepth, self.radii) = (innerDepth, outerDepth, radii)
  }

  /// Draws one field of depth and two momenta.
  public func sample(
    on grid: SpatialGrid, using random: inout RandomSource
  ) throws(EquationError) -> GridField {
    let place = "RadialDamBreak"
    try grid.check(place, ranks: 2...2, points: [.cells])
    try EquationError.unless(
      radii.count == 2 && radii[0] >= 0 && radii[0] <= radii[1], "\(place).radii",
      expected: "two radii in order", got: "\(radii)")
    try EquationError.unlessPositive(innerDepth, "\(place).innerDepth")
    try EquationError.unlessPositive(outerDepth, "\(place).outerDepth")
    let radius = random.uniform(from: radii[0], to: radii[1])
    let middle = grid.axes.map { 0.5 * ($0.lower + $0.upper) }
    let depth = grid.points.map { point in
      let (x, y) = (point[0] - middle[0], point[1] - middle[1])
      return x * x + y * y <= radius * radius ? innerDepth : outerDepth
    }
    let rest = [Double](repeating: 0, count: depth.count)
    return GridField(grid: grid, componentValues: [depth, rest, rest])
  }
}
