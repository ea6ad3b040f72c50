/// What line charts and heat maps share: the outer element, text measures and coordinates.
enum SVGChart {
  /// The drawing inside its `svg` element, with title and description for screen readers.
  ///
  /// - Parameters:
  ///   - size: Width and height in pixels at scale one.
  ///   - title: The name that assistive software reads first.
  ///   - summary: A sentence for those who do not see the drawing.
  ///   - standalone: Whether the text is a file of its own, with its style sheet and background.
  ///   - keepsScale: Whether the drawing is never shown larger than at scale one.
  ///   - content: The drawing.
  static func document(
    size: (width: Double, height: Double), title: String, summary: String, standalone: Bool,
    keepsScale: Bool = false, content: String
  ) -> String {
    let (width, height) = (coordinate(size.width), coordinate(size.height))
    var writer = MarkupWriter()
    let body: (inout MarkupWriter) -> Void = { writer in
      writer.element("title", text: title)
      writer.element("desc", text: summary)
      if standalone {
        writer.element("style") { $0.raw(ChartStyle.styleSheet) }
        writer.empty("rect", ["class": "lw-surface", "width": width, "height": height])
      }
      writer.raw(content)
    }
    if standalone {
      writer.element(
        "svg",
        [
          "xmlns": "http://www.w3.org/2000/svg", "class": "lw-chart", "role": "img",
          "width": width, "height": height, "viewBox": "0 0 \(width) \(height)",
        ], body)
      return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + writer.output + "\n"
    }
    let attributes: KeyValuePairs = [
      "class": "lw-chart", "role": "img", "viewBox": "0 0 \(width) \(height)",
    ]
    let bounded: KeyValuePairs = [
      "class": "lw-chart", "role": "img", "viewBox": "0 0 \(width) \(height)",
      "style": "max-width:\(width)px",
    ]
    writer.element("svg", keepsScale ? bounded : attributes, body)
    return writer.output
  }

  /// A coordinate with at most one decimal place; a tenth of a pixel is below what can be seen.
  static func coordinate(_ value: Double) -> String {
    let tenths = Int((min(max(value, -1e6), 1e6) * 10).rounded())
    guard tenths % 10 != 0 else { return String(tenths / 10) }
    let magnitude = tenths.magnitude
    return "\(tenths < 0 ? "-" : "")\(magnitude / 10).\(magnitude % 10)"
  }

  /// The estimated width of text, in pixels, in a proportional font of the given size.
  static func width(of text: String, size: Double = ChartStyle.fontSize) -> Double {
    var ems = 0.0
    for scalar in text.unicodeScalars {
      switch scalar {
      case "i", "l", "j", ".", ",", ":", ";", "|", "'", " ", "!": ems += 0.3
      case "m", "w", "%", "W", "M", "@": ems += 0.88
      case "0"..."9": ems += 0.64
      case "A"..."Z": ems += 0.67
      case "\u{2E80}"...: ems += 1
      default: ems += 0.61
      }
    }
    return ems * size
  }

  /// The text cut to a number of characters, with an ellipsis where something was cut off.
  static func shortened(_ text: String, to count: Int) -> String {
    text.count > count ? text.prefix(max(count - 1, 1)) + "…" : text
  }
}
