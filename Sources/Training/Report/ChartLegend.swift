import Pictures

/// The legend above a chart: right-aligned in one row if it fits, else in rows of its own.
struct ChartLegend {
  private var entries: [(name: String, stroke: Drawing.Stroke, x: Double, y: Double)] = []
  /// The height that the label of the vertical axis and the legend take together.
  private(set) var height = 16.0

  /// Lays the legend out.
  ///
  /// - Parameters:
  ///   - items: Names and the strokes of their curves.
  ///   - right: The right edge.
  ///   - width: The width of a full row.
  ///   - reserved: The width at the left of the first row that belongs to the axis label.
  ///   - top: The top of the first row.
  init(
    _ items: [(name: String, stroke: Drawing.Stroke)], right: Double, width: Double,
    reserved: Double,
    top: Double
  ) {
    guard items.count > 1 else { return }
    let named = items.map { (SVGChart.shortened($0.name, to: 40), $0.stroke) }
    let widths = named.map { SVGChart.width(of: $0.0) + 42 }
    let total = widths.reduce(0, +)
    if total + reserved <= width {
      place(named, widths, from: right - total + 14, limit: right + 20, y: top + 8)
    } else {
      place(named, widths, from: right - width, limit: right + 14, y: top + 26)
    }
    height = (entries.last?.y ?? top) - top + 8
  }

  private mutating func place(
    _ items: [(String, Drawing.Stroke)], _ widths: [Double], from start: Double, limit: Double,
    y: Double
  ) {
    var (x, y) = (start, y)
    for (item, width) in zip(items, widths) {
      if x + width > limit, x > start { (x, y) = (start, y + 18) }
      entries.append((item.0, item.1, x, y))
      x += width
    }
  }

  /// Draws the legend.
  func draw(in drawing: inout Drawing) {
    for entry in entries {
      drawing.add(.lines([[(entry.x, entry.y), (entry.x + 18, entry.y)]], entry.stroke))
      drawing.write(entry.name, entry.x + 24, entry.y + 4, ChartStyle.plain)
    }
  }
}
