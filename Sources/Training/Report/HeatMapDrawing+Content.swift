extension HeatMapDrawing {
  /// The drawing inside the `svg` element.
  func content() -> String {
    var writer = MarkupWriter()
    let hasTitle = map.showsTitle && !map.title.isEmpty
    if hasTitle {
      writer.element(
        "text", ["class": "lw-title", "x": SVGChart.coordinate(map.inset), "y": "23"],
        text: map.title)
    }
    let head = (hasTitle ? 30.0 : 6) + 12
    if !map.yLabel.isEmpty {
      writer.element(
        "text",
        ["class": "lw-muted", "x": SVGChart.coordinate(map.inset), "y": SVGChart.coordinate(head)],
        text: map.yLabel)
    }
    if map.showsScale, scale > 0 { writeScale(y: head, to: &writer) }
    if cells.lazy.joined().allSatisfy({ !$0.value.isFinite }) {
      writer.element(
        "text",
        [
          "class": "lw-muted", "x": SVGChart.coordinate(map.inset),
          "y": SVGChart.coordinate(origin.y + 16),
        ],
        text: "no values")
    }
    let count = cells.reduce(0) { $0 + $1.count }
    let hasText = cells.contains { $0.contains { !$0.label.isEmpty } }
    if hasText, count <= Self.mostLabelledCells {
      writeLabelledCells(to: &writer)
    } else {
      writePlainCells(to: &writer)
    }
    if !cells.isEmpty, columns > 0 {
      writer.empty(
        "rect",
        [
          "class": "lw-frame", "x": SVGChart.coordinate(origin.x),
          "y": SVGChart.coordinate(origin.y),
          "width": SVGChart.coordinate(cell.width * Double(columns)),
          "height": SVGChart.coordinate(cell.height * Double(cells.count)),
        ])
    }
    writeNames(to: &writer)
    return writer.output
  }

  /// The cells of one level as one path: a tenth of the text of single rectangles.
  private func writePlainCells(to writer: inout MarkupWriter) {
    var paths: [Int: String] = [:]
    let (width, height) = (SVGChart.coordinate(cell.width), SVGChart.coordinate(cell.height))
    for (row, line) in cells.enumerated() {
      let y = SVGChart.coordinate(origin.y + Double(row) * cell.height)
      for (column, entry) in line.enumerated() {
        let level = level(entry.value)
        guard level != 0 else { continue }
        let x = SVGChart.coordinate(origin.x + Double(column) * cell.width)
        paths[level, default: ""] += "M\(x) \(y)h\(width)v\(height)h-\(width)z"
      }
    }
    for (level, path) in paths.sorted(by: { $0.key < $1.key }) {
      writer.empty(
        "path",
        [
          "class": heatClass(level), "fill-opacity": opacity(level), "d": path,
          "shape-rendering": "crispEdges",
        ])
    }
  }

  private func writeLabelledCells(to writer: inout MarkupWriter) {
    let labels = cells.lazy.joined().map { SVGChart.width(of: $0.label) }
    let details = cells.lazy.joined().map { SVGChart.width(of: $0.detail, size: 10) }
    let showsLabels = (labels.max() ?? 0) + 4 <= cell.width && cell.height >= 15
    let showsDetails = showsLabels && (details.max() ?? 0) + 4 <= cell.width && cell.height >= 32
    for (row, line) in cells.enumerated() {
      for (column, entry) in line.enumerated() {
        let level = level(entry.value)
        guard level != 0 || !entry.label.isEmpty else { continue }
        let x = origin.x + Double(column) * cell.width
        let y = origin.y + Double(row) * cell.height
        writer.element("g") { writer in
          writer.element("title", text: tooltip(row, column, entry))
          writer.empty(
            "rect",
            [
              "class": heatClass(level), "fill-opacity": opacity(level),
              "x": SVGChart.coordinate(x + 1), "y": SVGChart.coordinate(y + 1), "rx": "3",
              "width": SVGChart.coordinate(max(cell.width - 2, 0.5)),
              "height": SVGChart.coordinate(max(cell.height - 2, 0.5)),
            ])
          guard showsLabels else { return }
          let ink = level.magnitude > ChartStyle.heatLevels * 11 / 20 ? " lw-over" : ""
          let centre = SVGChart.coordinate(x + cell.width / 2)
          let middle = y + cell.height / 2 + (showsDetails ? -2 : 4)
          writer.element(
            "text",
            [
              "class": "lw-strong\(ink)", "x": centre, "y": SVGChart.coordinate(middle),
              "text-anchor": "middle",
            ], text: entry.label)
          guard showsDetails else { return }
          writer.element(
            "text",
            [
              "class": "lw-small\(ink)", "x": centre, "y": SVGChart.coordinate(middle + 14),
              "text-anchor": "middle",
            ], text: entry.detail)
        }
      }
    }
  }

  private func tooltip(_ row: Int, _ column: Int, _ entry: HeatMap.Cell) -> String {
    let rowName = row < rowNames.count ? rowNames[row] : "row \(row)"
    let columnName = column < columnNames.count ? columnNames[column] : "column \(column)"
    let detail = entry.detail.isEmpty ? "" : " (\(entry.detail))"
    return "\(rowName) → \(columnName): \(entry.label)\(detail)"
  }

  private func writeNames(to writer: inout MarkupWriter) {
    let bottom = origin.y + cell.height * Double(cells.count)
    let rowStride = Self.labelStride(
      rowNames.count, room: cell.height * Double(cells.count), each: 12)
    for (row, name) in rowNames.prefix(cells.count).enumerated() where row % rowStride == 0 {
      writer.element(
        "text",
        [
          "class": "lw-muted", "x": SVGChart.coordinate(origin.x - 8), "text-anchor": "end",
          "y": SVGChart.coordinate(origin.y + (Double(row) + 0.5) * cell.height + 4),
        ], text: name)
    }
    let widest = columnNames.map { SVGChart.width(of: $0) }.max() ?? 0
    let columnStride = Self.labelStride(
      columnNames.count, room: cell.width * Double(columns), each: slantsNames ? 14 : widest + 8)
    for (column, name) in columnNames.prefix(columns).enumerated()
    where column % columnStride == 0 {
      let x = SVGChart.coordinate(origin.x + (Double(column) + 0.5) * cell.width)
      let y = SVGChart.coordinate(bottom + 16)
      if slantsNames {
        writer.element(
          "text",
          [
            "class": "lw-muted", "x": x, "y": y, "text-anchor": "end",
            "transform": "rotate(-40 \(x) \(y))",
          ], text: name)
      } else {
        writer.element(
          "text", ["class": "lw-muted", "x": x, "y": y, "text-anchor": "middle"], text: name)
      }
    }
    guard !map.xLabel.isEmpty else { return }
    writer.element(
      "text",
      [
        "class": "lw-muted", "x": SVGChart.coordinate(origin.x + cell.width * Double(columns) / 2),
        "y": SVGChart.coordinate(height - 8), "text-anchor": "middle",
      ], text: map.xLabel)
  }

  private func writeScale(y: Double, to writer: inout MarkupWriter) {
    let levels = isSigned ? [-20, -15, -10, -5, 0, 5, 10, 15, 20] : [0, 4, 8, 12, 16, 20]
    let high = NumberFormat.trimmed(NumberFormat.significant(scale, digits: 3))
    let swatch = 14.0
    var x = map.width - max(map.inset, 10) - SVGChart.width(of: high)
    let text = { (writer: inout MarkupWriter, x: Double, anchor: String, text: String) in
      writer.element(
        "text",
        [
          "class": "lw-muted", "x": SVGChart.coordinate(x), "y": SVGChart.coordinate(y),
          "text-anchor": anchor,
        ], text: text)
    }
    text(&writer, x, "start", high)
    x -= 6 + swatch * Double(levels.count)
    text(&writer, x - 6, "end", isSigned ? "-" + high : "0")
    for (index, level) in levels.enumerated() where level != 0 {
      writer.empty(
        "rect",
        [
          "class": heatClass(level), "fill-opacity": opacity(level),
          "x": SVGChart.coordinate(x + Double(index) * swatch),
          "y": SVGChart.coordinate(y - 10), "width": SVGChart.coordinate(swatch), "height": "11",
        ])
    }
    writer.empty(
      "rect",
      [
        "class": "lw-frame", "x": SVGChart.coordinate(x), "y": SVGChart.coordinate(y - 10),
        "width": SVGChart.coordinate(swatch * Double(levels.count)), "height": "11",
      ])
  }

  private func heatClass(_ level: Int) -> String {
    level < 0 ? "lw-dot lw-warm" : "lw-dot lw-heat"
  }

  private func opacity(_ level: Int) -> String {
    NumberFormat.trimmed(
      NumberFormat.fixed(Double(level.magnitude) / Double(ChartStyle.heatLevels), places: 2))
  }
}
