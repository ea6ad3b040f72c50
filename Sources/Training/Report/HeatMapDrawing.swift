/// The layout of a heat map.
struct HeatMapDrawing {
  /// Larger maps join neighbouring cells: more would be finer than a screen shows.
  static let largest = (rows: 160, columns: 320)
  /// Above this number of cells no cell has its own text.
  static let mostLabelledCells = 2500

  let map: HeatMap
  let cells: [[HeatMap.Cell]]
  let columns: Int
  let rowNames: [String]
  let columnNames: [String]
  let scale: Double
  let isSigned: Bool
  let cell: (width: Double, height: Double)
  let origin: (x: Double, y: Double)
  /// Whether the names of columns are drawn at a slant because they are wide.
  let slantsNames: Bool
  let height: Double

  init(_ map: HeatMap) {
    self.map = map
    let columnCount = map.cells.map(\.count).max() ?? 0
    let rowGroup = (map.cells.count + Self.largest.rows - 1) / Self.largest.rows
    let columnGroup = (columnCount + Self.largest.columns - 1) / Self.largest.columns
    cells = Self.joined(map.cells, rowGroup, columnGroup)
    rowNames = Self.everyOf(map.rowNames, rowGroup)
    columnNames = Self.everyOf(map.columnNames, columnGroup)
    columns = columnGroup > 1 ? (columnCount + columnGroup - 1) / columnGroup : columnCount
    var largest = 0.0
    var isSigned = false
    for value in cells.lazy.joined().map(\.value) where value.isFinite {
      largest = max(largest, value.magnitude)
      if value < 0 { isSigned = true }
    }
    self.isSigned = isSigned
    scale = map.fullScale.map { $0 > 0 && $0.isFinite ? $0 : largest } ?? largest

    let nameWidth = rowNames.map { SVGChart.width(of: $0) }.max() ?? 0
    let left = map.inset + nameWidth + (nameWidth > 0 ? 8 : 0)
    let cellWidth = max((map.width - left - max(map.inset, 10)) / Double(max(columns, 1)), 0.5)
    let widest = columnNames.map { SVGChart.width(of: $0) }.max() ?? 0
    slantsNames = widest > cellWidth - 4 && columns <= 24 && widest > 24
    let titleHeight = map.showsTitle && !map.title.isEmpty ? 30.0 : 6
    let hasHead = !map.yLabel.isEmpty || map.showsScale
    origin = (left, titleHeight + (hasHead ? 26 : 4))
    cell = (cellWidth, min(max(cellWidth, 9), map.maximumRowHeight))
    let names = columnNames.isEmpty ? 0 : slantsNames ? 16 + widest * 0.64 : 20
    let bottom = origin.y + cell.height * Double(cells.count)
    height = bottom + names + (map.xLabel.isEmpty ? 8 : 26)
  }

  /// A sentence that says in words what the map shows.
  var summary: String {
    var text = "Heat map of \(map.cells.count) rows"
    if !map.yLabel.isEmpty { text += " (\(map.yLabel))" }
    text += " and \(map.cells.map(\.count).max() ?? 0) columns"
    if !map.xLabel.isEmpty { text += " (\(map.xLabel))" }
    return text + "; the full colour is \(NumberFormat.significant(scale))."
  }

  /// How strongly a value is coloured, as one of the levels; zero is not drawn.
  func level(_ value: Double) -> Int {
    guard value.isFinite, scale > 0 else { return 0 }
    let share = min(max(value / scale, -1), 1)
    return Int((share * Double(ChartStyle.heatLevels)).rounded())
  }

  /// Every how many names one fits.
  static func labelStride(_ count: Int, room: Double, each: Double) -> Int {
    let needed = Double(count) * each / max(room, 1)
    return [1, 2, 5, 10, 20, 25, 50, 100, 200].first { Double($0) >= needed } ?? max(count, 1)
  }

  private static func everyOf(_ names: [String], _ group: Int) -> [String] {
    let kept = group > 1 ? stride(from: 0, to: names.count, by: group).map { names[$0] } : names
    return kept.map { SVGChart.shortened($0, to: 18) }
  }

  /// Groups of cells, each shown by its value of largest magnitude so that no peak is lost.
  private static func joined(
    _ cells: [[HeatMap.Cell]], _ rowGroup: Int, _ columnGroup: Int
  ) -> [[HeatMap.Cell]] {
    guard rowGroup > 1 || columnGroup > 1 else { return cells }
    return stride(from: 0, to: cells.count, by: max(rowGroup, 1)).map { row in
      let rows = cells[row..<min(row + max(rowGroup, 1), cells.count)]
      let width = rows.map(\.count).max() ?? 0
      return stride(from: 0, to: width, by: max(columnGroup, 1)).map { column in
        var strongest = Double.nan
        for line in rows {
          for entry in line.dropFirst(column).prefix(max(columnGroup, 1))
          where entry.value.isFinite
            && !(strongest.magnitude >= entry.value.magnitude)
          {
            strongest = entry.value
          }
        }
        return HeatMap.Cell(strongest)
      }
    }
  }
}
