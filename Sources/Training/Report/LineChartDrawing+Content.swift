import Pictures

extension LineChartDrawing {
  /// The chart as a drawing.
  func content() -> Drawing {
    var drawing = Drawing(width: chart.width, height: chart.height)
    if chart.showsTitle { drawing.write(chart.title, chart.inset, 23, ChartStyle.title) }
    drawGrid(in: &drawing)
    drawLabels(in: &drawing)
    legend.draw(in: &drawing)
    if !curves.contains(where: { $0.contains(where: \.y.isFinite) }) {
      drawing.write(
        "no values", (plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2,
        ChartStyle.quiet.anchored(.middle))
    }
    for threshold in chart.thresholds { draw(threshold, in: &drawing) }
    for (index, series) in chart.series.enumerated() {
      let lines = Self.lines(curves[index].map { $0.y.isFinite ? place($0.x, $0.y) : nil })
      guard !lines.isEmpty else { continue }
      drawing.add(.lines(lines, Self.stroke(of: series, index)))
      if series.style == .line, curves[index].count <= 32 { drawDots(index, in: &drawing) }
    }
    for marker in chart.markers { draw(marker, in: &drawing) }
    return drawing
  }

  /// Lines through points, with gaps where there is none.
  static func lines(_ points: [Drawing.Point?]) -> [[Drawing.Point]] {
    var lines: [[Drawing.Point]] = []
    var continues = false
    for point in points {
      guard let point else {
        continues = false
        continue
      }
      if continues { lines[lines.count - 1].append(point) } else { lines.append([point]) }
      continues = true
    }
    return lines
  }

  private func drawGrid(in drawing: inout Drawing) {
    func lines(xs: [Double], ys: [Double]) -> [[Drawing.Point]] {
      let down = xs.map { value -> [Drawing.Point] in
        let x = place(value, vertical.lower).x
        return [(x, plot.top), (x, plot.bottom)]
      }
      let across = ys.map { value -> [Drawing.Point] in
        let y = place(horizontal.lower, value).y
        return [(plot.left, y), (plot.right, y)]
      }
      return down + across
    }
    let minor = lines(
      xs: chart.logX ? horizontal.minorTicks : [], ys: chart.logY ? vertical.minorTicks : [])
    if !minor.isEmpty { drawing.add(.lines(minor, Drawing.Stroke(ChartStyle.minor))) }
    let major = lines(xs: horizontal.ticks.map(\.value), ys: vertical.ticks.map(\.value))
    if !major.isEmpty { drawing.add(.lines(major, Drawing.Stroke(ChartStyle.grid))) }
    drawing.add(
      .lines(
        [[(plot.left, plot.bottom), (plot.right, plot.bottom)]], Drawing.Stroke(ChartStyle.axis)))
  }

  private func drawLabels(in drawing: inout Drawing) {
    for tick in vertical.ticks {
      let y = place(horizontal.lower, tick.value).y
      drawing.write(tick.label, plot.left - 8, y + 4, ChartStyle.quiet.anchored(.end))
    }
    var free = -Double.infinity
    for tick in horizontal.ticks {
      let x = place(tick.value, vertical.lower).x
      let half = SVGChart.width(of: tick.label) / 2
      // A label that would touch its neighbour is left out; its grid line stays.
      guard x - half > free else { continue }
      free = x + half + 8
      drawing.write(
        tick.label, min(x, chart.width - half - 2), plot.bottom + 17,
        ChartStyle.quiet.anchored(.middle))
    }
    let top = chart.showsTitle && !chart.title.isEmpty ? 30.0 : 6
    drawing.write(
      Self.withFactor(chart.yLabel, vertical), chart.inset, top + 12, ChartStyle.quiet)
    drawing.write(
      Self.withFactor(chart.xLabel, horizontal), (plot.left + plot.right) / 2, plot.bottom + 36,
      ChartStyle.quiet.anchored(.middle))
    if omitted > 0 {
      let reason = chart.logX || chart.logY ? "not finite or not positive" : "not finite"
      drawing.write(
        "\(NumberFormat.grouped(omitted)) \(omitted == 1 ? "value is" : "values are") \(reason)"
          + " and not drawn", chart.inset, chart.height - 5, ChartStyle.quiet)
    }
  }

  private func drawDots(_ index: Int, in drawing: inout Drawing) {
    let ink = Self.ink(chart.series[index].color, index)
    let dot = Drawing.Ink("lw-dot \(ink.name)", ink.color)
    for point in curves[index] where point.y.isFinite {
      drawing.add(
        .disc(
          place(point.x, point.y), radius: 2.8, dot, ring: nil,
          tooltip: "\(NumberFormat.significant(point.x, digits: 6)): "
            + NumberFormat.significant(point.y) + chart.ySuffix))
    }
  }

  private func draw(_ threshold: (x: Double, label: String), in drawing: inout Drawing) {
    let x = place(threshold.x, vertical.lower).x
    guard x.isFinite, x >= plot.left - 0.5, x <= plot.right + 0.5 else { return }
    let ink = ChartStyle.palette(4)
    drawing.add(
      .lines(
        [[(x, plot.top), (x, plot.bottom)]],
        Drawing.Stroke(
          Drawing.Ink("lw-line lw-thin lw-dashed \(ink.name)", ink.color), width: 1.4,
          dashes: [6, 4])))
    // The text goes to the side with room.
    let width = SVGChart.width(of: threshold.label)
    let isLeft = x + 8 + width > plot.right && x - 8 - width > plot.left
    drawing.write(
      threshold.label, isLeft ? x - 6 : x + 6, plot.bottom - 8,
      ChartStyle.haloed.anchored(isLeft ? .end : .start))
  }

  private func draw(_ marker: LineChart.Marker, in drawing: inout Drawing) {
    let centre = place(marker.x, marker.y)
    guard centre.x.isFinite, centre.y.isFinite else { return }
    let ink = Self.ink(marker.color, 0)
    drawing.add(
      .disc(
        centre, radius: 5.5, Drawing.Ink("lw-dot lw-ring \(ink.name)", ink.color),
        ring: Drawing.Stroke(ChartStyle.surface, width: 2), tooltip: ""))
    // The text goes to the side with room, and below the point in the upper third.
    let half = SVGChart.width(of: marker.label) / 2 + 4
    let x = min(max(centre.x, plot.left + half), plot.right - half)
    let isHigh = centre.y - plot.top < (plot.bottom - plot.top) / 3
    drawing.write(
      marker.label, x, centre.y + (isHigh ? 22 : -13), ChartStyle.haloed.anchored(.middle))
  }
}
