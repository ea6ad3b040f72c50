import Pictures

/// Colours and the style sheet of all charts, for light and dark surroundings.
///
/// Each ink is a class of the sheet with its light colour, which drawings without a sheet use. The
/// sheet names literal colours per class instead of CSS variables, so that viewers and converters
/// with little CSS show stand-alone files correctly too.
enum ChartStyle {
  /// One colour for each appearance.
  struct Shade {
    var light: Color
    var dark: Color

    init(light: UInt32, dark: UInt32) {
      self.light = Color(light)
      self.dark = Color(dark)
    }
  }

  /// The size of ordinary chart text.
  static let fontSize = 12.0

  /// The families of all text, from the reader's own system.
  static let fontFamily =
    "system-ui,-apple-system,'Segoe UI',Inter,Roboto,'Noto Sans','Liberation Sans',sans-serif"

  /// The colours of series; neighbours differ in lightness too, for colour-blind readers.
  static let series: [Shade] = [
    Shade(light: 0x2563d9, dark: 0x7fb0ff), Shade(light: 0xd9650b, dark: 0xffab5e),
    Shade(light: 0x15926a, dark: 0x56d6a0), Shade(light: 0x7c4ddb, dark: 0xc3a2ff),
    Shade(light: 0xcc3355, dark: 0xff8296), Shade(light: 0x0b8298, dark: 0x5cd3e6),
    Shade(light: 0x92740c, dark: 0xe5c54d), Shade(light: 0x5b6675, dark: 0xb4bfcd),
  ]

  /// The number of colours in the ramp from first to last.
  static let rampCount = 12

  /// How opaque the strongest heat cell is; text over cells is chosen to be readable at it.
  static let heatLevels = 20

  /// The inks of texts, lines and surfaces.
  static let ink = Drawing.Ink("lw-ink", Color(0x1d2430))
  static let muted = Drawing.Ink("lw-muted", Color(0x667085))
  static let grid = Drawing.Ink("lw-grid", Color(0xe6e9ef))
  static let minor = Drawing.Ink("lw-minor", Color(0xf2f4f7))
  static let axis = Drawing.Ink("lw-axis", Color(0x98a2b3))
  static let frame = Drawing.Ink("lw-frame", Color(0xe0e4ea))
  static let surface = Drawing.Ink("lw-surface", Color(0xffffff))
  static let missing = Drawing.Ink("lw-missing", ColorMap.missing)

  /// The styles of texts.
  static let title = Drawing.TextStyle(ink, size: 15, isBold: true)
  static let strong = Drawing.TextStyle(ink, size: fontSize, isBold: true)
  static let plain = Drawing.TextStyle(ink, size: fontSize)
  static let quiet = Drawing.TextStyle(muted, size: fontSize)
  static let small = Drawing.TextStyle(muted, size: 10)
  static let haloed = Drawing.TextStyle(
    ink, size: fontSize, isBold: true, halo: surface.color)

  /// The style sheet of every chart.
  static let styleSheet: String = {
    var light: [(String, String)] = [
      (".lw-chart text", "fill:\(ink.color.hex)"),
      (".lw-chart .lw-muted", "fill:\(muted.color.hex)"),
      (".lw-grid", "stroke:\(grid.color.hex)"), (".lw-minor", "stroke:\(minor.color.hex)"),
      (".lw-axis", "stroke:\(axis.color.hex)"), (".lw-surface", "fill:\(surface.color.hex)"),
      (".lw-ring", "stroke:\(surface.color.hex)"),
      (".lw-chart .lw-halo", "stroke:\(surface.color.hex)"),
      (".lw-heat", "color:#2358c4"), (".lw-warm", "color:#cf4b1b"),
      (".lw-chart .lw-over", "fill:#ffffff"), (".lw-frame", "stroke:\(frame.color.hex)"),
      (".lw-missing", "fill:\(missing.color.hex)"),
    ]
    var dark: [(String, String)] = [
      (".lw-chart text", "fill:#e6eaf1"), (".lw-chart .lw-muted", "fill:#97a3b6"),
      (".lw-grid", "stroke:#272e3a"), (".lw-minor", "stroke:#1f252f"),
      (".lw-axis", "stroke:#5d6879"), (".lw-surface", "fill:#161a22"),
      (".lw-ring", "stroke:#161a22"), (".lw-chart .lw-halo", "stroke:#161a22"),
      (".lw-heat", "color:#5b93ff"), (".lw-warm", "color:#ff8a50"),
      (".lw-chart .lw-over", "fill:#08101f"), (".lw-frame", "stroke:#2b3341"),
    ]
    for (index, shade) in series.enumerated() {
      light.append((".lw-c\(index)", "color:\(shade.light.hex)"))
      dark.append((".lw-c\(index)", "color:\(shade.dark.hex)"))
    }
    for index in 0..<rampCount {
      let position = Double(index) / Double(rampCount - 1)
      light.append((".lw-r\(index)", "color:\(ramp(lightRamp, position).hex)"))
      dark.append((".lw-r\(index)", "color:\(ramp(darkRamp, position).hex)"))
    }
    func rules(_ list: [(String, String)]) -> String {
      list.map { "\($0.0){\($0.1)}" }.joined()
    }
    return """
      .lw-chart text{font:\(Int(fontSize))px \(fontFamily);font-variant-numeric:tabular-nums}
      .lw-chart .lw-title{font-size:15px;font-weight:600}
      .lw-chart .lw-strong{font-weight:600}
      .lw-chart .lw-small{font-size:10px}
      .lw-chart .lw-halo{paint-order:stroke;stroke-width:4px;stroke-linejoin:round;font-weight:600}
      .lw-line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round;\
      stroke-linecap:round}
      .lw-faint{stroke-width:1;stroke-opacity:.28}
      .lw-thin{stroke-width:1.4}
      .lw-dashed{stroke-dasharray:6 4}
      .lw-dot{fill:currentColor}
      .lw-ring{stroke-width:2}
      .lw-grid,.lw-minor,.lw-axis,.lw-frame{fill:none;stroke-width:1}
      \(rules(light))
      @media (prefers-color-scheme:dark){\(rules(dark))}
      """
  }()

  /// A palette colour; the palette starts again after its last colour.
  static func palette(_ index: Int) -> Drawing.Ink {
    let place = (index % series.count + series.count) % series.count
    return Drawing.Ink("lw-c\(place)", series[place].light)
  }

  /// The colour of a place in the ramp, 0 for the first and 1 for the last.
  static func ramp(_ fraction: Double) -> Drawing.Ink {
    let bounded = fraction.isFinite ? min(max(fraction, 0), 1) : 1
    let place = Int((bounded * Double(rampCount - 1)).rounded())
    return Drawing.Ink("lw-r\(place)", ramp(lightRamp, Double(place) / Double(rampCount - 1)))
  }

  private typealias Stop = (red: Double, green: Double, blue: Double)

  // Pale to saturated: on either surface the last curve stands out most.
  private static let lightRamp: [Stop] = [
    (206, 212, 224), (116, 158, 224), (66, 82, 200), (62, 20, 120),
  ]
  private static let darkRamp: [Stop] = [
    (94, 104, 126), (78, 112, 186), (112, 170, 255), (236, 240, 255),
  ]

  private static func ramp(_ stops: [Stop], _ position: Double) -> Color {
    let place = position * Double(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    let share = place - Double(index)
    let (from, to) = (stops[index], stops[index + 1])
    func mixed(_ first: Double, _ second: Double) -> UInt8 {
      UInt8((first + (second - first) * share).rounded())
    }
    return Color(
      red: mixed(from.red, to.red), green: mixed(from.green, to.green),
      blue: mixed(from.blue, to.blue))
  }
}
