extension LineChartDrawing {
  /// The drawing inside the `svg` element.
  func content() -> String {
    var writer = MarkupWriter()
    if chart.showsTitle, !chart.title.isEmpty {
      writer.element(
        "text", ["class": "lw-title", "x": SVGChart.coordinate(chart.inset), "y": "23"],
        text: chart.title)
    }
    writeGrid(to: &writer)
    writeLabels(to: &writer)
    legend.write(to: &writer)
    if !curves.contains(where: { $0.contains(where: \.y.isFinite) }) {
      writeText(
        "no values", (plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2,
        anchor: "middle", to: &writer)
    }
    for (index, series) in chart.series.enumerated() {
      let path = Self.path(curves[index].map { $0.y.isFinite ? place($0.x, $0.y) : nil })
      guard !path.isEmpty else { continue }
      writer.empty("path", ["class": Self.lineClass(series, index), "d": path])
      if series.style == .line, curves[index].count <= 32 { writeDots(index, to: &writer) }
    }
    for marker in chart.markers { write(marker, to: &writer) }
    return writer.output
  }

  /// Path data through points, with gaps where there is none.
  ///
  /// A point between two gaps gets a line of no length, which round caps draw as a dot.
  static func path(_ points: [(x: Double, y: Double)?]) -> String {
    var data = ""
    var length = 0
    for point in points {
      guard let point else {
        if length == 1 { data += "h0" }
        length = 0
        continue
      }
      data += length == 0 ? "M" : length == 1 ? "L" : " "
      data += SVGChart.coordinate(point.x) + " " + SVGChart.coordinate(point.y)
      length += 1
    }
    return length == 1 ? data + "h0" : data
  }

  private func writeGrid(to writer: inout MarkupWriter) {
    let (left, right) = (SVGChart.coordinate(plot.left), SVGChart.coordinate(plot.right))
    let (top, bottom) = (SVGChart.coordinate(plot.top), SVGChart.coordinate(plot.bottom))
    func lines(xs: [Double], ys: [Double]) -> String {
      let down = xs.map {
        "M\(SVGChart.coordinate(place($0, vertical.lower).x)) \(top)V\(bottom)"
      }
      let across = ys.map {
        "M\(left) \(SVGChart.coordinate(place(horizontal.lower, $0).y))H\(right)"
      }
      return (down + across).joined()
    }
    let minor = lines(
      xs: chart.logX ? horizontal.minorTicks : [], ys: chart.logY ? vertical.minorTicks : [])
    if !minor.isEmpty { writer.empty("path", ["class": "lw-minor", "d": minor]) }
    let major = lines(xs: horizontal.ticks.map(\.value), ys: vertical.ticks.map(\.value))
    if !major.isEmpty { writer.empty("path", ["class": "lw-grid", "d": major]) }
    writer.empty("path", ["class": "lw-axis", "d": "M\(left) \(bottom)H\(right)"])
  }

  private func writeLabels(to writer: inout MarkupWriter) {
    for tick in vertical.ticks {
      let y = place(horizontal.lower, tick.value).y
      writeText(tick.label, plot.left - 8, y + 4, anchor: "end", to: &writer)
    }
    var free = -Double.infinity
    for tick in horizontal.ticks {
      let x = place(tick.value, vertical.lower).x
      let half = SVGChart.width(of: tick.label) / 2
      // A label that would touch its neighbour is left out; its grid line stays.
      guard x - half > free else { continue }
      free = x + half + 8
      writeText(
        tick.label, min(x, chart.width - half - 2), plot.bottom + 17, anchor: "middle",
        to: &writer)
    }
    let top = chart.showsTitle && !chart.title.isEmpty ? 30.0 : 6
    writeText(
      Self.withFactor(chart.yLabel, vertical), chart.inset, top + 12, anchor: "start", to: &writer)
    writeText(
      Self.withFactor(chart.xLabel, horizontal), (plot.left + plot.right) / 2, plot.bottom + 36,
      anchor: "middle", to: &writer)
    if omitted > 0 {
      let reason = chart.logX || chart.logY ? "not finite or not positive" : "not finite"
      writeText(
        "\(NumberFormat.grouped(omitted)) \(omitted == 1 ? "value is" : "values are") \(reason)"
          + " and not drawn", chart.inset, chart.height - 5, anchor: "start", to: &writer)
    }
  }

  private func writeText(
    _ text: String, _ x: Double, _ y: Double, anchor: String, to writer: inout MarkupWriter
  ) {
    guard !text.isEmpty else { return }
    writer.element(
      "text",
      [
        "class": "lw-muted", "x": SVGChart.coordinate(x), "y": SVGChart.coordinate(y),
        "text-anchor": anchor,
      ], text: text)
  }

  private func writeDots(_ index: Int, to writer: inout MarkupWriter) {
    let color = Self.colorClass(chart.series[index].color, index)
    writer.element("g", ["class": "lw-dot \(color)"]) { writer in
      for point in curves[index] where point.y.isFinite {
        let centre = place(point.x, point.y)
        writer.element(
          "circle",
          ["cx": SVGChart.coordinate(centre.x), "cy": SVGChart.coordinate(centre.y), "r": "2.8"]
        ) { writer in
          writer.element(
            "title",
            text: "\(NumberFormat.significant(point.x, digits: 6)): "
              + NumberFormat.significant(point.y) + chart.ySuffix)
        }
      }
    }
  }

  private func write(_ marker: LineChart.Marker, to writer: inout MarkupWriter) {
    let centre = place(marker.x, marker.y)
    guard centre.x.isFinite, centre.y.isFinite else { return }
    writer.empty(
      "circle",
      [
        "class": "lw-dot lw-ring \(Self.colorClass(marker.color, 0))",
        "cx": SVGChart.coordinate(centre.x), "cy": SVGChart.coordinate(centre.y), "r": "5.5",
      ])
    guard !marker.label.isEmpty else { return }
    // The text goes to the side with room, and below the point in the upper third.
    let half = SVGChart.width(of: marker.label) / 2 + 4
    let x = min(max(centre.x, plot.left + half), plot.right - half)
    let isHigh = centre.y - plot.top < (plot.bottom - plot.top) / 3
    writer.element(
      "text",
      [
        "class": "lw-halo", "x": SVGChart.coordinate(x),
        "y": SVGChart.coordinate(centre.y + (isHigh ? 22 : -13)), "text-anchor": "middle",
      ], text: marker.label)
  }
}
