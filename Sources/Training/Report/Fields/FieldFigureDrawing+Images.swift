import Pictures

extension FieldFigureDrawing {
  /// Below this width of a panel, images go on in a further line.
  static let leastImagePanel = 190.0

  /// Draws images side by side, as many as the width allows, all of one size.
  mutating func drawImages(_ panels: [Panel]) {
    let room = figure.width - 2 * inset + Self.gap
    let fitting = max(1, Int(room / (Self.leastImagePanel + Self.gap)))
    let lines = (panels.count + fitting - 1) / fitting
    let columns = (panels.count + lines - 1) / lines
    let layout = ImageLayout(
      axes: [figure.axis(0), figure.axis(1)], panels: panels,
      width: room / Double(columns) - Self.gap)
    for line in 0..<lines {
      if line > 0 { y += 14 }
      let shown = panels[(line * columns)..<min((line + 1) * columns, panels.count)]
      let factors = shown.contains { !$0.scale.axis(height: layout.height).factor.isEmpty }
      let top = y + Self.headHeight + (factors ? 12 : 0)
      for (column, panel) in shown.enumerated() {
        draw(panel, layout, x: inset + Double(column) * (layout.panelWidth + Self.gap), top: top)
      }
      y = top + layout.height + (layout.axes[0].name.isEmpty ? 20 : 38)
    }
  }

  private mutating func draw(_ panel: Panel, _ layout: ImageLayout, x: Double, top: Double) {
    let box = Drawing.Box(x: x + layout.left, y: top, width: layout.width, height: layout.height)
    let end = x + layout.panelWidth
    drawing.write(
      FieldPanels.fitted(panel.title, width: (end - box.x) / Self.boldness), box.x, y + 13,
      ChartStyle.strong)
    let plane = FieldPlane(
      columns: panel.field.sizes[0], rows: panel.field.sizes[1], values: panel.field.values)
    FieldPanels.draw(plane, panel.scale, box: box, in: &drawing)
    FieldPanels.drawHorizontal(
      layout.horizontal, name: layout.axes[0].name, box: box, in: &drawing)
    FieldPanels.drawVertical(layout.vertical, name: layout.axes[1].name, box: box, in: &drawing)
    panel.scale.drawBar(
      in: &drawing, x: box.x + box.width + FieldPanels.barGap, y: top, height: box.height)
    right = max(right, end)
  }
}

/// The size of the images of a row and of what is around each.
private struct ImageLayout {
  let axes: [FieldFigure.Axis]
  let horizontal: ChartAxis
  let vertical: ChartAxis
  /// The room for labels at the left.
  let left: Double
  let width: Double
  let height: Double
  /// The width of labels, image and bar together.
  let panelWidth: Double

  init(axes: [FieldFigure.Axis], panels: [FieldFigureDrawing.Panel], width: Double) {
    self.axes = axes
    let aspect = FieldPanels.aspect(axes)
    // Labels depend on the image's size and it on their widths: a guess settles which there are.
    let guess = FieldPanels.size(width: width - 110, aspect: aspect)
    vertical = FieldPanels.axis(axes[1], length: guess.height, each: 38)
    left = FieldPanels.room(vertical, name: axes[1].name)
    func bars(_ height: Double) -> Double {
      FieldPanels.barGap + (panels.map { $0.scale.width(height: height) }.max() ?? 0)
    }
    let size = FieldPanels.size(width: width - left - bars(guess.height), aspect: aspect)
    (self.width, height) = size
    horizontal = FieldPanels.axis(axes[0], length: size.width, each: 52)
    panelWidth = left + size.width + bars(size.height)
  }
}
