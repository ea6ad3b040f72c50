import Pictures

extension FieldFigureDrawing {
  /// Below this width of a panel, images go on in a further line.
  static let leastImagePanel = 190.0

  /// Draws images side by side, as many as the width allows, all of one size.
  ///
  /// They have the same axes, so that only the first of a line has labels at its left.
  mutating func drawImages(_ panels: [Panel]) {
    let room = figure.width - 2 * inset + Self.gap
    let fitting = max(1, Int(room / (Self.leastImagePanel + Self.gap)))
    let lines = (panels.count + fitting - 1) / fitting
    let columns = (panels.count + lines - 1) / lines
    let layout = ImageLayout(
      axes: [figure.axis(0), figure.axis(1)], panels: panels,
      columns: columns, width: room - Self.gap)
    for line in 0..<lines {
      if line > 0 { y += 14 }
      let shown = panels[(line * columns)..<min((line + 1) * columns, panels.count)]
      let factors = shown.contains { !$0.scale.axis(height: layout.height).factor.isEmpty }
      let top = y + Self.headHeight + (factors ? 12 : 0)
      for (column, panel) in shown.enumerated() {
        draw(panel, layout, column: column, top: top)
      }
      y = top + layout.height + (layout.axes[0].name.isEmpty ? 20 : 38)
    }
  }

  private mutating func draw(
    _ panel: Panel, _ layout: ImageLayout, column: Int, top: Double
  ) {
    let x = inset + layout.left + Double(column) * (layout.panelWidth + Self.gap)
    let box = Drawing.Box(x: x, y: top, width: layout.width, height: layout.height)
    let end = x + layout.panelWidth
    drawing.write(
      FieldPanels.fitted(panel.title, width: (end - box.x) / Self.boldness), box.x, y + 13,
      ChartStyle.strong)
    let plane = FieldPlane(
      columns: panel.field.sizes[0], rows: panel.field.sizes[1], values: panel.field.values)
    FieldPanels.draw(plane, panel.scale, box: box, in: &drawing)
    FieldPanels.drawHorizontal(
      layout.horizontal, name: layout.axes[0].name, box: box, in: &drawing)
    if column == 0 {
      FieldPanels.drawVertical(layout.vertical, name: layout.axes[1].name, box: box, in: &drawing)
    }
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
  /// The room for labels at the left of the first image.
  let left: Double
  let width: Double
  let height: Double
  /// The width of an image with its bar.
  let panelWidth: Double

  init(
    axes: [FieldFigure.Axis], panels: [FieldFigureDrawing.Panel], columns: Int, width: Double
  ) {
    self.axes = axes
    let aspect = FieldPanels.aspect(axes)
    // Labels depend on the image's size and it on their widths: a guess settles which there are.
    let count = Double(columns)
    let gaps = (count - 1) * FieldFigureDrawing.gap
    let guess = FieldPanels.size(width: (width - 40 - gaps) / count - 60, aspect: aspect)
    vertical = FieldPanels.axis(axes[1], length: guess.height, each: 30)
    left = FieldPanels.room(vertical, name: axes[1].name)
    func bars(_ height: Double) -> Double {
      FieldPanels.barGap + (panels.map { $0.scale.width(height: height) }.max() ?? 0)
    }
    let size = FieldPanels.size(
      width: (width - left - gaps) / count - bars(guess.height), aspect: aspect)
    (self.width, height) = size
    horizontal = FieldPanels.axis(axes[0], length: size.width, each: 44)
    panelWidth = size.width + bars(size.height)
  }
}
