package import Pictures

/// Which colour a value has: a range and a map, with the bar that explains them.
package struct ColorScale {
  /// The value of the first colour.
  package let lower: Double
  /// The value of the last colour.
  package let upper: Double
  package let map: ColorMap

  /// A scale from the least to the greatest finite value of some fields.
  package init(rangeOf fields: [FieldFigure.Field]) {
    var (least, most) = (Double.infinity, -Double.infinity)
    for value in fields.lazy.flatMap(\.values) where value.isFinite {
      least = min(least, Double(value))
      most = max(most, Double(value))
    }
    map = .sequential
    if least > most { (least, most) = (0, 1) }
    // A constant lies in the middle of a range that is wide enough to have ticks.
    let margin = least == most ? (most == 0 ? 1 : most.magnitude * 0.1) : 0
    (lower, upper) = (least - margin, most + margin)
  }

  /// A scale of errors, symmetric around zero.
  package init(errors field: FieldFigure.Field) {
    let most = field.values.lazy.filter(\.isFinite).map { Double($0.magnitude) }.max() ?? 0
    map = .diverging
    (lower, upper) = most > 0 ? (-most, most) : (-1, 1)
  }

  /// The colour of a value.
  package func color(_ value: Float) -> Color {
    value.isFinite ? map[(Double(value) - lower) / (upper - lower)] : ColorMap.missing
  }

  /// The axis of a bar of some height.
  func axis(height: Double) -> ChartAxis {
    .linear(lower...upper, target: max(2, Int(height / 22)), extends: false)
  }

  /// The width of a bar's colours.
  static let barWidth = 11.0

  /// The width of the bar with its labels.
  func width(height: Double) -> Double {
    let labels = axis(height: height).ticks.map { SVGChart.width(of: $0.label) }.max() ?? 0
    return Self.barWidth + 7 + labels
  }

  /// Draws the bar with its labels; a factor that they leave out stands above them.
  func drawBar(in drawing: inout Drawing, x: Double, y: Double, height: Double) {
    let bar = Drawing.Box(x: x, y: y, width: Self.barWidth, height: height)
    let last = map.colors.count - 1
    drawing.add(
      .image(PixelImage(width: 1, height: last + 1) { _, row in map.colors[last - row] }, bar))
    let axis = axis(height: height)
    let ticks = axis.ticks.map { tick -> (label: String, y: Double) in
      (tick.label, y + height * (1 - axis.position(tick.value)))
    }
    drawing.add(
      .lines(
        ticks.map { [(bar.x + bar.width, $0.y), (bar.x + bar.width + 3.5, $0.y)] },
        Drawing.Stroke(ChartStyle.axis)))
    drawing.add(.frame(bar, Drawing.Stroke(ChartStyle.frame)))
    for tick in ticks {
      drawing.write(tick.label, bar.x + bar.width + 7, tick.y + 4, ChartStyle.quiet)
    }
    drawing.write(axis.factor, bar.x, y - 8, ChartStyle.quiet)
  }
}
