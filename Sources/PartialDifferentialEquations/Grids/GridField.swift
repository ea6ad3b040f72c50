public import SequenceTensor

/// The values of one or several functions on a grid, in double precision.
public struct GridField: Sendable, Equatable {
  /// The points.
  public let grid: SpatialGrid
  /// The number of functions.
  public let components: Int
  /// The values, `[x, (y, (z,)) components]` in row-major order.
  public var values: [Double]

  /// Creates a field from its values.
  ///
  /// - Precondition: one value for each point and component.
  public init(grid: SpatialGrid, components: Int = 1, values: [Double]) {
    require(
      values.count == grid.pointCount * components,
      "GridField: \(values.count) values for grid \(grid.shape) and \(components) components")
    (self.grid, self.components, self.values) = (grid, components, values)
  }

  /// Creates a field of one component from a function of the coordinates.
  public init(grid: SpatialGrid, _ function: ([Double]) -> Double) {
    self.init(grid: grid, values: grid.points.map(function))
  }

  /// Creates a field from functions that are known on the same grid.
  ///
  /// - Precondition: one value for each point in every component.
  public init(grid: SpatialGrid, componentValues: [[Double]]) {
    let points = grid.pointCount
    require(
      componentValues.allSatisfy { $0.count == points },
      "GridField: components of \(componentValues.map(\.count)) values for grid \(grid.shape)")
    let values = (0..<points).flatMap { point in componentValues.map { $0[point] } }
    self.init(grid: grid, components: componentValues.count, values: values)
  }

  /// `[x, (y, (z,)) components]`.
  public var shape: Shape { Shape(grid.shape.sizes + [components]) }

  /// The values of one function in row-major order.
  public func component(_ index: Int) -> [Double] {
    stride(from: index, to: values.count, by: components).map { values[$0] }
  }

  /// The largest absolute value, 0 for no values.
  public var largestMagnitude: Double { values.reduce(0) { max($0, abs($1)) } }

  /// A field with every value mapped.
  public func mapped(_ transform: (Double) -> Double) -> GridField {
    GridField(grid: grid, components: components, values: values.map(transform))
  }

  /// The values at every `stride`-th point along each axis, as published data are thinned out.
  ///
  /// A grid of nodes must have a multiple of `stride` intervals, any other a multiple of `stride`
  /// points; the centres of cells have no coarser grid within them.
  ///
  /// - Throws: `EquationError` if the grid has no such coarser grid.
  public func thinned(by stride: Int) throws(EquationError) -> GridField {
    var coarse = grid
    for (index, axis) in grid.axes.enumerated() {
      let intervals = axis.points == .nodes ? axis.count - 1 : axis.count
      let fits = stride >= 1 && axis.points != .cells && intervals % max(1, stride) == 0
      try EquationError.unless(
        fits || stride == 1, "GridField.thinned", expected: "a divisor of \(intervals) intervals",
        got: "\(stride) on \(axis.points.rawValue)")
      coarse.axes[index].count = intervals / stride + (axis.points == .nodes ? 1 : 0)
    }
    var thinned: [Double] = []
    thinned.reserveCapacity(coarse.pointCount * components)
    var offsets = [0]
    for (fine, axis) in zip(grid.axes, coarse.axes) {
      offsets = offsets.flatMap { base in
        (0..<axis.count).map { base * fine.count + $0 * stride }
      }
    }
    for point in offsets {
      thinned += values[point * components..<(point + 1) * components]
    }
    return GridField(grid: coarse, components: components, values: thinned)
  }
}
