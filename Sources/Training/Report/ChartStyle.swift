/// Colours and the style sheet of all charts, for light and dark surroundings.
///
/// The sheet names literal colours per class instead of CSS variables, so that viewers and
/// converters with little CSS show stand-alone files correctly too.
enum ChartStyle {
  /// One colour for each appearance.
  struct Shade {
    var light: String
    var dark: String
  }

  /// The size of ordinary chart text.
  static let fontSize = 12.0

  /// The families of all text, from the reader's own system.
  static let fontFamily =
    "system-ui,-apple-system,'Segoe UI',Inter,Roboto,'Noto Sans','Liberation Sans',sans-serif"

  /// The colours of series; neighbours differ in lightness too, for colour-blind readers.
  static let series: [Shade] = [
    Shade(light: "#2563d9", dark: "#7fb0ff"), Shade(light: "#d9650b", dark: "#ffab5e"),
    Shade(light: "#15926a", dark: "#56d6a0"), Shade(light: "#7c4ddb", dark: "#c3a2ff"),
    Shade(light: "#cc3355", dark: "#ff8296"), Shade(light: "#0b8298", dark: "#5cd3e6"),
    Shade(light: "#92740c", dark: "#e5c54d"), Shade(light: "#5b6675", dark: "#b4bfcd"),
  ]

  /// The number of colours in the ramp from first to last.
  static let rampCount = 12

  /// How opaque the strongest heat cell is; text over cells is chosen to be readable at it.
  static let heatLevels = 20

  /// The style sheet of every chart.
  static let styleSheet: String = {
    var light: [(String, String)] = [
      (".lw-chart text", "fill:#1d2430"), (".lw-chart .lw-muted", "fill:#667085"),
      (".lw-grid", "stroke:#e6e9ef"), (".lw-minor", "stroke:#f2f4f7"),
      (".lw-axis", "stroke:#98a2b3"), (".lw-surface", "fill:#ffffff"),
      (".lw-ring", "stroke:#ffffff"), (".lw-chart .lw-halo", "stroke:#ffffff"),
      (".lw-heat", "color:#2358c4"), (".lw-warm", "color:#cf4b1b"),
      (".lw-chart .lw-over", "fill:#ffffff"), (".lw-frame", "stroke:#e0e4ea"),
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
      light.append((".lw-c\(index)", "color:\(shade.light)"))
      dark.append((".lw-c\(index)", "color:\(shade.dark)"))
    }
    for index in 0..<rampCount {
      let position = Double(index) / Double(rampCount - 1)
      light.append((".lw-r\(index)", "color:\(ramp(lightRamp, position))"))
      dark.append((".lw-r\(index)", "color:\(ramp(darkRamp, position))"))
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

  /// The class of a palette colour; the palette starts again after its last colour.
  static func paletteClass(_ index: Int) -> String {
    "lw-c\((index % series.count + series.count) % series.count)"
  }

  /// The class of a place in the ramp, 0 for the first and 1 for the last.
  static func rampClass(_ fraction: Double) -> String {
    let bounded = fraction.isFinite ? min(max(fraction, 0), 1) : 1
    return "lw-r\(Int((bounded * Double(rampCount - 1)).rounded()))"
  }

  private typealias Stop = (red: Double, green: Double, blue: Double)

  // Pale to saturated: on either surface the last curve stands out most.
  private static let lightRamp: [Stop] = [
    (206, 212, 224), (116, 158, 224), (66, 82, 200), (62, 20, 120),
  ]
  private static let darkRamp: [Stop] = [
    (94, 104, 126), (78, 112, 186), (112, 170, 255), (236, 240, 255),
  ]

  private static func ramp(_ stops: [Stop], _ position: Double) -> String {
    let place = position * Double(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    let share = place - Double(index)
    let (from, to) = (stops[index], stops[index + 1])
    func mixed(_ first: Double, _ second: Double) -> String {
      String(Int((first + (second - first) * share).rounded()))
    }
    return "rgb(\(mixed(from.red, to.red)),\(mixed(from.green, to.green)),"
      + "\(mixed(from.blue, to.blue)))"
  }
}
