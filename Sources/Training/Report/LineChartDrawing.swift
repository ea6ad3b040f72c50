import Pictures

/// The layout of a line chart: axes, margins and cleaned curves.
struct LineChartDrawing {
  let chart: LineChart
  /// The curves with undrawable points as gaps, thinned out.
  let curves: [[Decimation.Point]]
  /// How many points cannot be drawn.
  let omitted: Int
  let horizontal: ChartAxis
  let vertical: ChartAxis
  let plot: (left: Double, top: Double, right: Double, bottom: Double)
  let legend: ChartLegend

  init(_ chart: LineChart) {
    self.chart = chart
    var omitted = 0
    let (logX, logY) = (chart.logX, chart.logY)
    let cleaned = chart.series.map { series in
      series.points.map { point -> Decimation.Point in
        if Self.isDrawable(point.x, logX), Self.isDrawable(point.y, logY) { return point }
        omitted += 1
        return (point.x, .nan)
      }
    }
    self.omitted = omitted
    let shown = cleaned.flatMap { points in
      [Self.range(points.lazy.filter(\.y.isFinite).map(\.x))].compactMap { $0 }
    }
    let thresholds = chart.thresholds.map(\.x).filter { Self.isDrawable($0, logX) }
    let xs = Self.range(shown.flatMap { [$0.lowerBound, $0.upperBound] } + thresholds)
    var ys = Self.range(cleaned.lazy.joined().map(\.y).filter(\.isFinite))
    if chart.startsAtZero, !logY, let range = ys {
      ys = min(0, range.lowerBound)...max(0, range.upperBound)
    }
    let finite = cleaned.lazy.joined().filter(\.y.isFinite).map(\.x)
    let columns = Int(chart.width / 85)
    horizontal =
      logX
      ? .logarithmic(
        xs, target: columns + 2, extends: false, powersOfTwo: finite.allSatisfy(Self.isPowerOfTwo))
      : .linear(
        xs, target: columns, extends: false,
        wholeNumbers: finite.allSatisfy { $0 == $0.rounded() })
    vertical =
      logY
      ? .logarithmic(ys, target: 6, suffix: chart.ySuffix)
      : .linear(ys, target: max(3, Int(chart.height / 55)), suffix: chart.ySuffix)
    curves = zip(chart.series, cleaned).map { series, points in
      // A faint curve is noise: more points than pixels would make it a solid band.
      let limit = series.style == .faint ? Int(chart.width) : chart.maximumPoints
      return Decimation.extremes(points, limit: min(limit, chart.maximumPoints))
    }

    let labelWidth = vertical.ticks.map { SVGChart.width(of: $0.label) }.max() ?? 0
    let left = max(labelWidth + 8 + chart.inset, 24)
    let right = chart.width - max(chart.inset, 10)
    let titleHeight = chart.showsTitle && !chart.title.isEmpty ? 30.0 : 6
    let yLabelWidth = SVGChart.width(of: Self.withFactor(chart.yLabel, vertical))
    legend = ChartLegend(
      chart.series.indices.filter { !chart.series[$0].name.isEmpty }
        .map { (chart.series[$0].name, Self.stroke(of: chart.series[$0], $0)) },
      right: right, width: right - chart.inset, reserved: yLabelWidth + 24, top: titleHeight)
    let bottom = chart.height - (chart.xLabel.isEmpty ? 26 : 44) - (omitted > 0 ? 16 : 0)
    plot = (left, min(titleHeight + legend.height + 12, bottom - 20), right, bottom)
  }

  /// A sentence that says in words what the chart shows.
  var summary: String {
    var text = "Line chart of \(chart.yLabel.isEmpty ? "values" : chart.yLabel)"
    if !chart.xLabel.isEmpty { text += " against \(chart.xLabel)" }
    for series in chart.series where !series.name.isEmpty {
      let finite = series.points.lazy.filter { $0.y.isFinite }
      guard let first = finite.first, let last = finite.last else {
        text += "; \(series.name): no values"
        continue
      }
      text += "; \(series.name): from \(NumberFormat.significant(first.y))"
      text += " to \(NumberFormat.significant(last.y))"
    }
    return text + "."
  }

  /// Where a point of the data lies in the drawing.
  func place(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    (
      plot.left + horizontal.position(x) * (plot.right - plot.left),
      plot.bottom - vertical.position(y) * (plot.bottom - plot.top)
    )
  }

  /// The axis label with the factor that its ticks leave out.
  static func withFactor(_ label: String, _ axis: ChartAxis) -> String {
    axis.factor.isEmpty ? label : label.isEmpty ? axis.factor : "\(label), \(axis.factor)"
  }

  /// How a curve is drawn.
  static func stroke(of series: LineChart.Series, _ index: Int) -> Drawing.Stroke {
    let ink = ink(series.color, index)
    // Once the palette begins again, dashes tell the curves apart.
    let style = series.style == .line && index >= ChartStyle.series.count ? .dashed : series.style
    func stroke(_ name: String) -> Drawing.Stroke {
      Drawing.Stroke(Drawing.Ink("lw-line\(name) \(ink.name)", ink.color), width: 2)
    }
    var result: Drawing.Stroke
    switch style {
    case .line: result = stroke("")
    case .thin:
      result = stroke(" lw-thin")
      result.width = 1.4
    case .faint:
      result = stroke(" lw-faint")
      (result.width, result.opacity) = (1, 0.28)
    case .dashed:
      result = stroke(" lw-dashed")
      result.dashes = [6, 4]
    }
    return result
  }

  /// The ink of a colour.
  static func ink(_ color: LineChart.Color, _ index: Int) -> Drawing.Ink {
    switch color {
    case .automatic: ChartStyle.palette(index)
    case .palette(let chosen): ChartStyle.palette(chosen)
    case .graded(let fraction): ChartStyle.ramp(fraction)
    }
  }

  private static func isDrawable(_ value: Double, _ logarithmic: Bool) -> Bool {
    // Differences of larger numbers could overflow.
    value.magnitude < 1e300 && (!logarithmic || value > 1e-290)
  }

  private static func isPowerOfTwo(_ value: Double) -> Bool {
    value >= 1 && value.significand == 1
  }

  private static func range(_ values: some Sequence<Double>) -> ClosedRange<Double>? {
    var range: ClosedRange<Double>?
    for value in values {
      guard let known = range else {
        range = value...value
        continue
      }
      range = min(known.lowerBound, value)...max(known.upperBound, value)
    }
    return range
  }
}
