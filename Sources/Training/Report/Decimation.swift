/// Thins out long curves for drawing.
package enum Decimation {
  /// A point of a curve.
  package typealias Point = (x: Double, y: Double)

  /// At most `limit` points that keep the first, the last and every local extreme of the curve.
  ///
  /// The curve is cut into equal runs; of each the lowest and the highest finite point stay, in
  /// their order. A run without a finite point leaves one gap.
  package static func extremes(_ points: [Point], limit: Int) -> [Point] {
    let limit = max(limit, 4)
    guard points.count > limit else { return points }
    let runs = (limit - 2) / 2
    let inner = points.count - 2
    var kept = [points[0]]
    kept.reserveCapacity(limit)
    for run in 0..<runs {
      let range = (1 + run * inner / runs)..<(1 + (run + 1) * inner / runs)
      var lowest: Int?
      var highest: Int?
      for index in range where points[index].y.isFinite {
        if lowest.map({ points[index].y < points[$0].y }) ?? true { lowest = index }
        if highest.map({ points[index].y > points[$0].y }) ?? true { highest = index }
      }
      guard let lowest, let highest else {
        kept.append((points[range.lowerBound].x, .nan))
        continue
      }
      kept.append(points[min(lowest, highest)])
      if lowest != highest { kept.append(points[max(lowest, highest)]) }
    }
    kept.append(points[points.count - 1])
    return kept
  }

  /// The mean of the finite values in a centred window around every point.
  ///
  /// Towards the ends the window shrinks to a fifth so that the curve keeps its
  /// length, hardly lags and does not end in a single noisy value.
  package static func smoothed(_ points: [Point], window: Int) -> [Point] {
    let half = max(window, 1) / 2
    var sums = [0.0]
    var counts = [0]
    sums.reserveCapacity(points.count + 1)
    counts.reserveCapacity(points.count + 1)
    for (index, point) in points.enumerated() {
      sums.append(sums[index] + (point.y.isFinite ? point.y : 0))
      counts.append(counts[index] + (point.y.isFinite ? 1 : 0))
    }
    return points.indices.map { index in
      let reach = max(min(half, index, points.count - 1 - index), half / 5)
      let first = max(index - reach, 0)
      let end = min(index + reach + 1, points.count)
      let count = counts[end] - counts[first]
      return (points[index].x, count > 0 ? (sums[end] - sums[first]) / Double(count) : .nan)
    }
  }

  /// At most `limit` elements, evenly spaced, with the first and the last among them.
  package static func evenly<Element>(_ elements: [Element], limit: Int) -> [Element] {
    guard elements.count > limit, limit > 1 else { return elements }
    return (0..<limit).map { elements[$0 * (elements.count - 1) / (limit - 1)] }
  }
}
