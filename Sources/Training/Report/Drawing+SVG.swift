import Pictures

extension Drawing {
  /// The elements as SVG, without the outer element; classes are those of ``ChartStyle``.
  ///
  /// Images are part of the text, so that the page needs no other file.
  func markup() -> String {
    var writer = MarkupWriter()
    for element in elements { element.write(to: &writer) }
    return writer.output
  }
}

extension Drawing.Element {
  fileprivate func write(to writer: inout MarkupWriter) {
    switch self {
    case .lines(let lines, let stroke):
      let data = lines.map(Self.path).joined()
      if !data.isEmpty { writer.empty("path", ["class": stroke.ink.name, "d": data]) }
    case .frame(let box, let stroke): writeRectangle(box, stroke.ink, to: &writer)
    case .fill(let box, let ink): writeRectangle(box, ink, to: &writer)
    case .disc(let centre, let radius, let ink, _, let tooltip):
      let attributes: KeyValuePairs = [
        "class": ink.name, "cx": SVGChart.coordinate(centre.x),
        "cy": SVGChart.coordinate(centre.y), "r": SVGChart.coordinate(radius),
      ]
      if tooltip.isEmpty {
        writer.empty("circle", attributes)
      } else {
        writer.element("circle", attributes) { $0.element("title", text: tooltip) }
      }
    case .text(let text, let point, let style): write(text, point, style, to: &writer)
    case .image(let image, let box): write(image, box, to: &writer)
    }
  }

  /// Path data through points; a single point is a line of no length, which round caps show.
  private static func path(_ points: [Drawing.Point]) -> String {
    guard let first = points.first else { return "" }
    let start = "M\(SVGChart.coordinate(first.x)) \(SVGChart.coordinate(first.y))"
    guard points.count > 1 else { return start + "h0" }
    return start + "L"
      + points.dropFirst().map {
        "\(SVGChart.coordinate($0.x)) \(SVGChart.coordinate($0.y))"
      }.joined(separator: " ")
  }

  private func writeRectangle(
    _ box: Drawing.Box, _ ink: Drawing.Ink, to writer: inout MarkupWriter
  ) {
    writer.empty(
      "rect",
      [
        "class": ink.name, "x": SVGChart.coordinate(box.x), "y": SVGChart.coordinate(box.y),
        "width": SVGChart.coordinate(box.width), "height": SVGChart.coordinate(box.height),
      ])
  }

  private func write(
    _ text: String, _ point: Drawing.Point, _ style: Drawing.TextStyle,
    to writer: inout MarkupWriter
  ) {
    var classes = [style.ink.name]
    if style.halo != nil {
      classes.append("lw-halo")
    } else if style.isBold {
      classes.append(style.size > ChartStyle.fontSize ? "lw-title" : "lw-strong")
    }
    if style.size < ChartStyle.fontSize { classes.append("lw-small") }
    let (x, y) = (SVGChart.coordinate(point.x), SVGChart.coordinate(point.y))
    let place: KeyValuePairs = [
      "class": classes.joined(separator: " "), "x": x, "y": y, "text-anchor": style.anchor.rawValue,
    ]
    let turned: KeyValuePairs = [
      "class": classes.joined(separator: " "), "x": x, "y": y, "text-anchor": style.anchor.rawValue,
      "transform": "rotate(-90 \(x) \(y))",
    ]
    writer.element("text", style.isTurned ? turned : place, text: text)
  }

  private func write(
    _ image: PixelImage, _ box: Drawing.Box, to writer: inout MarkupWriter
  ) {
    // An image without pixels shows nothing.
    guard let address = try? image.dataAddress() else { return }
    let isEnlarged = Double(image.width) <= box.width && Double(image.height) <= box.height
    writer.empty(
      "image",
      [
        "x": SVGChart.coordinate(box.x), "y": SVGChart.coordinate(box.y),
        "width": SVGChart.coordinate(box.width), "height": SVGChart.coordinate(box.height),
        "preserveAspectRatio": "none",
        "style": isEnlarged ? "image-rendering:pixelated" : "image-rendering:auto",
        "href": address,
      ])
  }
}
