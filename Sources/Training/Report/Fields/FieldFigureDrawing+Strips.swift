import Pictures

extension FieldFigureDrawing {
  /// Some slices of a field, evenly spaced, with what each is called.
  private struct Strip {
    let panel: Panel
    let slices: [(label: String, plane: FieldPlane)]
    /// The two axes of each slice.
    let axes: [FieldFigure.Axis]
  }

  /// The least width of a slice with the space beside it.
  private static let leastSlice = 80.0

  /// The most that a slice is wide or high: a strip is one of several below each other.
  private static let longestSlice = 210.0

  /// Draws each field as a row of slices, one below the other, with one bar each.
  mutating func drawStrips(_ panels: [Panel]) {
    // Narrower slices would show nothing.
    let limit = min(figure.maximumFrames, Int((figure.width - 110) / Self.leastSlice))
    let strips = panels.map { strip($0, limit: max(limit, 1)) }
    let axes = strips[0].axes
    let count = Double(strips.map(\.slices.count).max() ?? 1)
    let aspect = FieldPanels.aspect(axes)
    let between = 10.0
    let guess = FieldPanels.size(
      width: (figure.width - 110) / count - between, aspect: aspect, longest: Self.longestSlice)
    let vertical = FieldPanels.axis(axes[1], length: guess.height, each: 30)
    let left = FieldPanels.room(vertical, name: axes[1].name)
    let bar = strips.map { $0.panel.scale.width(height: guess.height) }.max() ?? 0
    let room = figure.width - 2 * inset - left - FieldPanels.barGap - bar - between * (count - 1)
    let size = FieldPanels.size(width: room / count, aspect: aspect, longest: Self.longestSlice)
    let horizontal = FieldPanels.axis(axes[0], length: size.width, each: 44)
    var labels: [String] = []
    for (index, strip) in strips.enumerated() {
      let frames = Double(strip.slices.count)
      let width = frames * size.width + (frames - 1) * between
      drawing.write(
        FieldPanels.fitted(strip.panel.title, width: max(width, 120) / Self.boldness), inset + left,
        y + 13,
        ChartStyle.strong)
      y += Self.headHeight
      // Strips of the same slices need their names only once.
      let own = strip.slices.map(\.label)
      let namesSlices = own != labels
      labels = own
      if namesSlices { y += 14 }
      for (place, slice) in strip.slices.enumerated() {
        let x = inset + left + Double(place) * (size.width + between)
        let box = Drawing.Box(x: x, y: y, width: size.width, height: size.height)
        if namesSlices {
          drawing.write(
            FieldPanels.fitted(slice.label, width: size.width), x + size.width / 2, y - 7,
            ChartStyle.quiet.anchored(.middle))
        }
        FieldPanels.draw(slice.plane, strip.panel.scale, box: box, in: &drawing)
        if place == 0 {
          FieldPanels.drawVertical(vertical, name: axes[1].name, box: box, in: &drawing)
        }
        if index == strips.count - 1 {
          FieldPanels.drawHorizontal(
            horizontal, name: axes[0].name, box: box, isNarrow: true, in: &drawing)
        }
      }
      let end = inset + left + width + FieldPanels.barGap
      strip.panel.scale.drawBar(in: &drawing, x: end, y: y, height: size.height)
      right = max(right, end + strip.panel.scale.width(height: size.height), inset + left + 120)
      y += size.height + 10
    }
    y += axes[0].name.isEmpty ? 10 : 28
  }

  /// The slices of a field over three axes or more; of further axes the middle is taken.
  private func strip(_ panel: Panel, limit: Int) -> Strip {
    let sizes = panel.field.sizes
    let cut = figure.stripAxis.flatMap { sizes.indices.contains($0) ? $0 : nil } ?? sizes.count - 1
    let kept = Array(sizes.indices.filter { $0 != cut }.prefix(2))
    var steps = [Int](repeating: 1, count: sizes.count)
    for axis in stride(from: sizes.count - 2, through: 0, by: -1) {
      steps[axis] = steps[axis + 1] * sizes[axis + 1]
    }
    let middle = sizes.indices.filter { $0 != cut && !kept.contains($0) }
      .reduce(0) { $0 + sizes[$1] / 2 * steps[$1] }
    let axis = figure.axis(cut)
    let places = Decimation.evenly(
      Array(0..<sizes[cut]), limit: limit)
    let slices = places.prefix(limit).map { place in
      let start = middle + place * steps[cut]
      var values: [Float] = []
      values.reserveCapacity(sizes[kept[0]] * sizes[kept[1]])
      for column in 0..<sizes[kept[0]] {
        for row in 0..<sizes[kept[1]] {
          values.append(
            panel.field.values[start + column * steps[kept[0]] + row * steps[kept[1]]])
        }
      }
      let coordinate = NumberFormat.trimmed(
        NumberFormat.significant(axis.coordinate(place, of: sizes[cut]), digits: 3))
      return (
        "\(axis.name) = \(coordinate)",
        FieldPlane(columns: sizes[kept[0]], rows: sizes[kept[1]], values: values)
      )
    }
    return Strip(panel: panel, slices: slices, axes: kept.map { figure.axis($0) })
  }
}
