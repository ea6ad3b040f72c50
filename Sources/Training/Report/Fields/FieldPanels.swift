import Pictures

/// The panels of figures: an image with its axes and bar, and a chart with a heading.
enum FieldPanels {
  /// The most that an image is wide or high.
  static let longestSide = 340.0

  /// The space between an image and its bar.
  static let barGap = 9.0

  /// The width over the height of an image of two axes, within bounds that keep it legible.
  static func aspect(_ axes: [FieldFigure.Axis]) -> Double {
    guard axes.count == 2, !axes.contains(where: \.isTime) else { return 1.25 }
    let sides = axes.map { $0.range.upperBound - $0.range.lowerBound }
    let ratio = sides[0] / sides[1]
    return ratio.isFinite && ratio > 0 ? min(max(ratio, 0.4), 5) : 1
  }

  /// The size of the image of some aspect whose longer side is within bounds.
  static func size(
    width: Double, aspect: Double, longest: Double = longestSide
  ) -> (width: Double, height: Double) {
    let across = min(max(width, 30), longest, longest * aspect)
    return (across, max(across / aspect, 24))
  }

  /// An axis of an image that is `length` long.
  static func axis(_ axis: FieldFigure.Axis, length: Double, each: Double) -> ChartAxis {
    .linear(axis.range, target: max(2, Int(length / each)), extends: false)
  }

  /// Draws an image of values in its frame.
  static func draw(
    _ plane: FieldPlane, _ scale: ColorScale, box: Drawing.Box, in drawing: inout Drawing
  ) {
    // Two pixels for each unit of length are what the sharpest screens show.
    let limit = Int(max(box.width, box.height) * 2)
    drawing.add(.image(plane.reduced(to: limit).image(scale), box))
    drawing.add(.frame(box, Drawing.Stroke(ChartStyle.frame)))
  }

  /// Draws ticks and labels below an image.
  ///
  /// - Parameter isNarrow: Whether labels must not stand out beside the image, where another is.
  static func drawHorizontal(
    _ axis: ChartAxis, name: String, box: Drawing.Box, isNarrow: Bool = false,
    in drawing: inout Drawing
  ) {
    let bottom = box.y + box.height
    let ticks = axis.ticks.map { ($0.label, box.x + box.width * axis.position($0.value)) }
    drawing.add(
      .lines(
        ticks.map { [($0.1, bottom), ($0.1, bottom + 3.5)] }, Drawing.Stroke(ChartStyle.axis)))
    var free = -Double.infinity
    for (label, x) in ticks {
      let half = SVGChart.width(of: label) / 2
      let centre = isNarrow ? min(max(x, box.x + half), box.x + box.width - half) : x
      guard centre - half > free else { continue }
      free = centre + half + 6
      drawing.write(label, centre, bottom + 16, ChartStyle.quiet.anchored(.middle))
    }
    let label = fitted(
      LineChartDrawing.withFactor(name, axis), width: box.width + (isNarrow ? 0 : 50))
    drawing.write(
      label, box.x + box.width / 2, bottom + 32, ChartStyle.quiet.anchored(.middle))
  }

  /// Draws ticks and labels to the left of an image.
  static func drawVertical(
    _ axis: ChartAxis, name: String, box: Drawing.Box, in drawing: inout Drawing
  ) {
    let ticks = axis.ticks.map { ($0.label, box.y + box.height * (1 - axis.position($0.value))) }
    drawing.add(
      .lines(ticks.map { [(box.x - 3.5, $0.1), (box.x, $0.1)] }, Drawing.Stroke(ChartStyle.axis)))
    for (label, y) in ticks {
      drawing.write(label, box.x - 7, y + 4, ChartStyle.quiet.anchored(.end))
    }
    var style = ChartStyle.quiet.anchored(.middle)
    style.isTurned = true
    let label = fitted(LineChartDrawing.withFactor(name, axis), width: box.height + 24)
    drawing.write(label, box.x - labelWidth(axis) - 8, box.y + box.height / 2, style)
  }

  /// The width of the labels of a vertical axis, with the room to the image.
  static func labelWidth(_ axis: ChartAxis) -> Double {
    (axis.ticks.map { SVGChart.width(of: $0.label) }.max() ?? 0) + 7
  }

  /// The room that a vertical axis takes: labels, and its name turned.
  static func room(_ axis: ChartAxis, name: String) -> Double {
    let named = !LineChartDrawing.withFactor(name, axis).isEmpty
    return labelWidth(axis) + (named ? 22 : 4)
  }

  /// A text that fits into a width, shortened where it must be.
  static func fitted(_ text: String, width: Double, size: Double = 12) -> String {
    guard SVGChart.width(of: text, size: size) > width else { return text }
    var kept = Substring(text)
    while !kept.isEmpty, SVGChart.width(of: kept + "…", size: size) > width { kept.removeLast() }
    return kept + "…"
  }
}
