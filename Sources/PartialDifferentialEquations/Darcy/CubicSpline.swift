/// Interpolation by cubic splines whose third derivative has no jump at the second and the last
/// but one knot ("not a knot").
enum CubicSpline {
  /// The field on other points of the same domain, by splines along one axis after the other.
  static func resampled(_ field: GridField, on grid: SpatialGrid) -> GridField {
    let (from, to) = (field.grid.axes, grid.axes)
    // Along the second axis, row by row, then along the first.
    var rows: [[Double]] = []
    for row in 0..<from[0].count {
      let values = Array(field.values[row * from[1].count..<(row + 1) * from[1].count])
      rows.append(interpolate(values, from[1], at: to[1].coordinates))
    }
    var result = [Double](repeating: 0, count: to[0].count * to[1].count)
    let targets = to[0].coordinates
    for column in 0..<to[1].count {
      let values = interpolate(rows.map { $0[column] }, from[0], at: targets)
      for (row, value) in values.enumerated() { result[row * to[1].count + column] = value }
    }
    return GridField(grid: grid, values: result)
  }

  /// The spline through values at the equally spaced points of an axis, 4 or more, at other
  /// places; beyond the first and the last point its outermost cubics go on.
  static func interpolate(
    _ values: [Double], _ axis: SpatialGrid.Axis, at places: [Double]
  ) -> [Double] {
    let first = axis.coordinates[0]
    let moments = moments(values)
    let last = values.count - 2
    return places.map { place in
      let position = (place - first) / axis.spacing
      let piece = min(last, max(0, Int(position.rounded(.down))))
      let t = position - Double(piece)
      let (a, b) = (values[piece], values[piece + 1])
      let (m, n) = (moments[piece], moments[piece + 1])
      let s = 1 - t
      return s * a + t * b + ((s * s * s - s) * m + (t * t * t - t) * n) / 6
    }
  }

  /// The second derivatives at the points for a spacing of 1.
  ///
  /// Inside m[i-1] + 4m[i] + m[i+1] = 6(y[i-1] - 2y[i] + y[i+1]). At the ends
  /// m[0] = 2m[1] - m[2], which turns the first of these into 6m[1] = 6(…).
  private static func moments(_ y: [Double]) -> [Double] {
    let count = y.count
    func curvature(_ index: Int) -> Double { y[index - 1] - 2 * y[index] + y[index + 1] }
    var moments = [Double](repeating: 0, count: count)
    moments[1] = curvature(1)
    moments[count - 2] = curvature(count - 2)
    // A tridiagonal system for those between, by elimination.
    if count > 4 {
      let unknown = count - 4
      var factor = [Double](repeating: 0, count: unknown)
      var right = [Double](repeating: 0, count: unknown)
      for index in 0..<unknown {
        var value = 6 * curvature(index + 2)
        if index == 0 { value -= moments[1] }
        if index == unknown - 1 { value -= moments[count - 2] }
        let pivot = 4 - (index > 0 ? factor[index - 1] : 0)
        factor[index] = 1 / pivot
        right[index] = (value - (index > 0 ? right[index - 1] : 0)) / pivot
      }
      for index in stride(from: unknown - 1, through: 0, by: -1) {
        let next = index == unknown - 1 ? 0 : moments[index + 3]
        moments[index + 2] = right[index] - factor[index] * next
      }
    }
    moments[0] = 2 * moments[1] - moments[2]
    moments[count - 1] = 2 * moments[count - 2] - moments[count - 3]
    return moments
  }
}
