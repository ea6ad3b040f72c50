public import SequenceTensor

/// The points of a box in 1 to 3 dimensions at which a field is known.
public struct SpatialGrid: Sendable, Hashable, Codable {
  /// Where the points of an axis lie.
  public enum Points: String, Sendable, Hashable, Codable, CaseIterable {
    /// At `lower + i·h`, h = length / n; the upper end is the lower one of the next period.
    case periodic
    /// At `lower + i·h`, h = length / (n - 1): both ends are points.
    case nodes
    /// At `lower + (i + 1/2)·h`, h = length / n: the centres of n cells.
    case cells
  }

  /// One axis.
  public struct Axis: Sendable, Hashable, Codable {
    /// The first coordinate of the domain.
    public var lower: Double
    /// The last coordinate of the domain.
    public var upper: Double
    /// The number of points.
    public var count: Int
    /// Where the points lie.
    public var points: Points

    /// Creates an axis.
    public init(lower: Double = 0, upper: Double = 1, count: Int, points: Points = .periodic) {
      (self.lower, self.upper, self.count, self.points) = (lower, upper, count, points)
    }

    /// The length of the domain along this axis.
    public var length: Double { upper - lower }

    /// The distance of neighbouring points.
    public var spacing: Double { length / Double(points == .nodes ? max(1, count - 1) : count) }

    /// The coordinates of all points.
    public var coordinates: [Double] {
      let shift = points == .cells ? 0.5 : 0
      return (0..<count).map { lower + (Double($0) + shift) * spacing }
    }
  }

  /// The axes, first to last.
  public var axes: [Axis]

  /// Creates a grid from its axes.
  public init(axes: [Axis]) { self.axes = axes }

  /// Creates a grid with the same domain and points along each axis.
  public init(
    _ counts: [Int], lower: Double = 0, upper: Double = 1, points: Points = .periodic
  ) {
    axes = counts.map { Axis(lower: lower, upper: upper, count: $0, points: points) }
  }

  /// The number of axes.
  public var rank: Int { axes.count }
  /// The sizes of the grid.
  public var shape: Shape { Shape(axes.map(\.count)) }
  /// The number of points.
  public var pointCount: Int { axes.reduce(1) { $0 * $1.count } }
  /// The smallest distance of neighbouring points.
  public var smallestSpacing: Double { axes.map(\.spacing).min() ?? 1 }

  /// The coordinates of every point in row-major order.
  public var points: [[Double]] {
    axes.reduce([[]]) { points, axis in
      let coordinates = axis.coordinates
      return points.flatMap { point in coordinates.map { point + [$0] } }
    }
  }

  /// Throws unless the grid is one that an equation can be solved on.
  func check(
    _ place: String, ranks: ClosedRange<Int>, points: Set<Points>, fewest: Int = 3
  ) throws(EquationError) {
    try EquationError.unless(
      ranks.contains(rank), "\(place).grid",
      expected: ranks.count == 1 ? "\(ranks.lowerBound) axes" : "\(ranks) axes", got: "\(rank)")
    for (index, axis) in axes.enumerated() {
      let here = "\(place).grid.axes[\(index)]"
      try EquationError.unless(
        points.contains(axis.points), here,
        expected: "points of \(points.map(\.rawValue).sorted().joined(separator: " or "))",
        got: axis.points.rawValue)
      try EquationError.unless(
        axis.count >= fewest, here, expected: "\(fewest) points or more", got: "\(axis.count)")
      try EquationError.unless(
        axis.length > 0 && axis.length.isFinite, here, expected: "a finite length above 0",
        got: "\(axis.lower) to \(axis.upper)")
    }
    try EquationError.unless(
      Set(axes.map(\.points)).count == 1, "\(place).grid",
      expected: "the same kind of points along each axis",
      got: axes.map(\.points.rawValue).joined(separator: ", "))
  }
}

/// What holds at the ends of a domain.
public enum BoundaryCondition: String, Sendable, Hashable, Codable, CaseIterable {
  /// The field repeats itself.
  case periodic
  /// The field is zero.
  case dirichlet
  /// The derivative across the boundary is zero; nothing flows out.
  case neumann

  /// The points that a grid may have under this condition.
  public var points: Set<SpatialGrid.Points> {
    self == .periodic ? [.periodic] : [.nodes, .cells]
  }
}
