import LongConvolution
import Pictures

/// Poles in the upper half of the unit disc.
struct PoleChart {
  var title: String
  /// Poles with no negative imaginary part; each stands for its conjugate too.
  var poles: [ComplexNumber]
  var width = 548.0

  private static let margin = 34.0

  /// The radius of the unit circle.
  private var radius: Double { width / 2 - Self.margin }

  private var height: Double { radius + 2 * Self.margin }

  private func place(_ x: Double, _ y: Double) -> Drawing.Point {
    (width / 2 + x * radius, height - Self.margin - y * radius)
  }

  private var content: Drawing {
    var drawing = Drawing(width: width, height: height)
    func arc(_ size: Double) -> [Drawing.Point] {
      (0...90).map { step in
        let point = ComplexNumber.exponential(ComplexNumber(0, .pi * Double(step) / 90))
        return place(size * point.real, size * point.imaginary)
      }
    }
    let grid = Drawing.Stroke(ChartStyle.grid)
    drawing.add(.lines([0.25, 0.5, 0.75].map(arc), grid))
    drawing.add(.lines([[place(0, 0), place(0, 1)]], grid))
    drawing.add(.lines([arc(1), [place(-1, 0), place(1, 0)]], Drawing.Stroke(ChartStyle.axis)))
    let ink = ChartStyle.palette(0)
    for pole in poles {
      let tooltip =
        "\(NumberFormat.significant(pole.real)) ± \(NumberFormat.significant(pole.imaginary))i,"
        + " radius \(NumberFormat.significant(pole.magnitude))"
      drawing.add(
        .disc(
          place(pole.real, pole.imaginary), radius: poles.count > 400 ? 1.6 : 2.6,
          Drawing.Ink("lw-dot \(ink.name)", ink.color), ring: nil,
          tooltip: poles.count > 400 ? "" : tooltip))
    }
    let style = ChartStyle.quiet.anchored(.middle)
    for (text, x) in [("-1", -1.0), ("0", 0), ("1", 1)] {
      let point = place(x, 0)
      drawing.write(text, point.x, point.y + 18, style)
    }
    let top = place(0, 1)
    drawing.write("i", top.x, top.y - 8, style)
    return drawing
  }

  /// The chart as an element of a page.
  func svg() -> String {
    let radii = poles.map(\.magnitude)
    let range =
      "\(NumberFormat.significant(radii.min() ?? 0)) to \(NumberFormat.significant(radii.max() ?? 0))"
    return FigureFile.svg(
      content, title: title, summary: "\(poles.count) poles with radii from \(range).",
      standalone: false)
  }
}
