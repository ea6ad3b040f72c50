import Pictures

extension FieldFigureDrawing {
  /// The height of a panel with curves.
  static let curveHeight = 232.0
  /// Below this width of a panel, curves go on in a further line.
  static let leastCurvePanel = 250.0

  /// Draws curves, those of truth and prediction in one panel.
  mutating func drawCurves(_ panels: [Panel]) {
    let outputs = panels.filter { $0.role == .output }
    let title = outputs.map(\.name).joined(separator: " and ")
    var charts = panels.filter { $0.role == .input }.map { ($0.title, chart([$0], color: 2)) }
    if !outputs.isEmpty { charts.append((title, chart(outputs, color: 0))) }
    charts += panels.filter { $0.role == .error }.map { ($0.title, chart([$0], color: 4)) }
    let room = figure.width - 2 * inset + Self.gap
    let fitting = max(1, Int(room / (Self.leastCurvePanel + Self.gap)))
    let lines = (charts.count + fitting - 1) / fitting
    let columns = (charts.count + lines - 1) / lines
    let width = min(room / Double(columns) - Self.gap, 540)
    for (index, entry) in charts.enumerated() {
      if index > 0, index % columns == 0 { y += 30 + Self.curveHeight }
      var chart = entry.1
      (chart.width, chart.height) = (width, Self.curveHeight)
      let x = inset + Double(index % columns) * (width + Self.gap)
      drawing.write(
        FieldPanels.fitted(entry.0, width: width / Self.boldness), x, y + 13, ChartStyle.strong)
      drawing.add(LineChartDrawing(chart).content(), at: (x, y + 16))
      right = max(right, x + width)
    }
    y += 16 + Self.curveHeight
  }

  private func chart(_ panels: [Panel], color: Int) -> LineChart {
    let axis = figure.axis(0)
    var chart = LineChart(title: "", xLabel: axis.name)
    chart.showsTitle = false
    chart.series = panels.enumerated().map { index, panel in
      let count = panel.field.values.count
      let points = panel.field.values.enumerated().map { place, value in
        (x: axis.coordinate(place, of: count), y: Double(value))
      }
      return LineChart.Series(
        panels.count > 1 ? panel.name : "", points: points, style: index == 0 ? .line : .dashed,
        color: .palette(color + index))
    }
    return chart
  }
}
