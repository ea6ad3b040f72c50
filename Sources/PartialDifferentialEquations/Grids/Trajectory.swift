public import SequenceTensor

/// A solution at several times.
public struct Trajectory: Sendable, Equatable {
  /// The points.
  public let grid: SpatialGrid
  /// What each component is, as `u` or `vorticity`.
  public let componentNames: [String]
  /// The times of the frames.
  public let times: [Double]
  /// The values, `[time, x, (y, (z,)) components]` in row-major order.
  public let values: [Double]

  /// Creates a trajectory from its frames.
  ///
  /// - Precondition: a frame for each time, on the grid, with the components.
  public init(
    grid: SpatialGrid, componentNames: [String], times: [Double], values: [Double]
  ) {
    require(
      values.count == times.count * grid.pointCount * componentNames.count,
      "Trajectory: \(values.count) values for \(times.count) frames of grid \(grid.shape) with "
        + "\(componentNames.count) components")
    self.grid = grid
    self.componentNames = componentNames
    self.times = times
    self.values = values
  }

  /// `[time, x, (y, (z,)) components]`.
  public var shape: Shape { Shape([times.count] + grid.shape.sizes + [componentNames.count]) }

  /// The solution at one of the times.
  public subscript(frame: Int) -> GridField {
    let count = grid.pointCount * componentNames.count
    return GridField(
      grid: grid, components: componentNames.count,
      values: Array(values[frame * count..<(frame + 1) * count]))
  }
}
