package import Pictures

extension FieldFigure {
  /// The figure as a drawing, not wider than it needs to be.
  package func drawing() -> Drawing {
    FieldFigureDrawing(self).finished()
  }

  /// The axis with a number, or one from 0 to 1.
  func axis(_ index: Int) -> Axis {
    guard !axes.indices.contains(index) else { return axes[index] }
    let names = ["x", "y", "z"]
    return Axis(names.indices.contains(index) ? names[index] : "axis \(index + 1)")
  }
}

/// Lays the rows of a figure out, one below the other.
struct FieldFigureDrawing {
  /// A field with its heading and its colours.
  struct Panel {
    /// What the field is to the sample.
    enum Role {
      case input
      case output
      case error
    }

    let role: Role
    /// The name of the field.
    let name: String
    /// The name, and for an error its size.
    let title: String
    let field: FieldFigure.Field
    let scale: ColorScale
  }

  let figure: FieldFigure
  var drawing: Drawing
  /// Where the next row begins.
  var y: Double
  /// How far to the right anything reaches.
  var right = 0.0

  /// The margin: a drawing inside a panel with a heading of its own lines up with that heading.
  var inset: Double { figure.showsTitle ? 14 : 0 }

  /// The space between panels of a row.
  static let gap = 26.0
  /// How much wider bold letters are than others.
  static let boldness = 1.17
  /// The height of a panel's heading.
  static let headHeight = 22.0

  init(_ figure: FieldFigure) {
    self.figure = figure
    drawing = Drawing(width: figure.width, height: 0)
    y = figure.showsTitle && !figure.title.isEmpty ? 38 : 4
    if figure.showsTitle {
      let title = FieldPanels.fitted(
        figure.title, width: (figure.width - 28) / Self.boldness, size: ChartStyle.title.size)
      drawing.write(title, inset, 23, ChartStyle.title)
      right = inset + SVGChart.width(of: title, size: ChartStyle.title.size) * Self.boldness
    }
  }

  func finished() -> Drawing {
    var copy = self
    for (index, row) in figure.rows.enumerated() {
      if index > 0 { copy.y += 22 }
      copy.draw(row)
    }
    if figure.rows.isEmpty { copy.writeLine("no values", ChartStyle.quiet) }
    copy.drawing.width = min(max(copy.right, 200) + inset, figure.width)
    copy.drawing.height = copy.y + (figure.showsTitle ? 12 : 4)
    return copy.drawing
  }

  private mutating func writeLine(_ text: String, _ style: Drawing.TextStyle, at x: Double = 0) {
    let weight = style.isBold ? Self.boldness : 1
    let shown = FieldPanels.fitted(text, width: (figure.width - inset - x - 14) / weight)
    drawing.write(shown, inset + x, y + 14, style)
    right = max(right, inset + x + SVGChart.width(of: shown) * weight)
    y += 20
  }

  private mutating func draw(_ row: FieldFigure.Row) {
    if !row.title.isEmpty {
      writeLine(row.title, ChartStyle.strong)
      y += 4
    }
    let panels = panels(of: row)
    let filled = panels.filter { !$0.field.values.isEmpty }
    if filled.isEmpty { writeLine("no values", ChartStyle.quiet) }
    let curves = filled.filter { $0.field.sizes.count <= 1 }
    let images = filled.filter { $0.field.sizes.count == 2 }
    let strips = filled.filter { $0.field.sizes.count > 2 }
    if !curves.isEmpty { drawCurves(curves) }
    if !curves.isEmpty, filled.count > curves.count { y += 12 }
    if !images.isEmpty { drawImages(images) }
    if !images.isEmpty, !strips.isEmpty { y += 12 }
    if !strips.isEmpty { drawStrips(strips) }
    // A chart says itself what it leaves out.
    drawNotes(images + strips)
  }

  private func panels(of row: FieldFigure.Row) -> [Panel] {
    var panels: [Panel] = []
    if let input = row.input {
      panels.append(
        Panel(
          role: .input, name: figure.inputName, title: figure.inputName, field: input,
          scale: ColorScale(rangeOf: [input])))
    }
    let shared = ColorScale(rangeOf: [row.truth, row.prediction].compactMap { $0 })
    if let truth = row.truth {
      panels.append(
        Panel(role: .output, name: "truth", title: "truth", field: truth, scale: shared))
    }
    if let prediction = row.prediction {
      panels.append(
        Panel(
          role: .output, name: figure.predictionName, title: figure.predictionName,
          field: prediction, scale: shared))
    }
    if let error = FieldError(row) {
      panels.append(
        Panel(
          role: .error, name: "error", title: error.title, field: error.field,
          scale: ColorScale(errors: error.field)))
    }
    return panels
  }

  /// Says which panels have values that are not finite, with the colour that stands for them.
  private mutating func drawNotes(_ panels: [Panel]) {
    var isExplained = false
    for panel in panels {
      let missing = panel.field.values.count { !$0.isFinite }
      // What an error misses is missing in its fields, unless only the difference is too large.
      guard missing > 0, panel.role != .error || !isExplained else { continue }
      isExplained = true
      y += 4
      drawing.add(
        .fill(Drawing.Box(x: inset, y: y + 4, width: 11, height: 11), ChartStyle.missing))
      let all = NumberFormat.grouped(panel.field.values.count)
      writeLine(
        "\(panel.name): \(NumberFormat.grouped(missing)) of \(all) values "
          + (missing == 1 ? "is" : "are") + " not finite", ChartStyle.quiet, at: 18)
    }
  }
}
