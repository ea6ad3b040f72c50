/// A table of numbers drawn as coloured cells, as SVG.
///
/// Values that are not negative use one colour from transparent to full; with negative values
/// among them there are two colours and zero is transparent. A cell that is not finite stays
/// empty.
public struct HeatMap: Sendable {
  /// One cell.
  public struct Cell: Sendable {
    /// The number that the colour shows.
    public var value: Double
    /// Text inside the cell, if it fits.
    public var label: String
    /// A second, smaller line of text.
    public var detail: String

    /// Creates a cell.
    public init(_ value: Double, label: String = "", detail: String = "") {
      self.value = value
      self.label = label
      self.detail = detail
    }
  }

  /// What the map shows; also its name for screen readers.
  public var title: String
  /// What the columns are.
  public var xLabel: String
  /// What the rows are.
  public var yLabel: String
  /// The rows of cells, the first at the top; short rows end with empty cells.
  public var cells: [[Cell]]
  /// The names of the rows.
  public var rowNames: [String]
  /// The names of the columns.
  public var columnNames: [String]
  /// The value with the full colour; without it, the largest magnitude among the cells.
  public var fullScale: Double?
  /// Whether a scale of the colours is drawn.
  public var showsScale = true
  /// Whether the title is drawn; a page that has its own heading says no.
  public var showsTitle = true
  /// The width of the drawing in pixels at scale one.
  public var width = 560.0
  /// The largest height of one row.
  public var maximumRowHeight = 44.0

  /// Creates a map of cells.
  public init(
    title: String, xLabel: String = "", yLabel: String = "", cells: [[Cell]],
    rowNames: [String] = [], columnNames: [String] = []
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.cells = cells
    self.rowNames = rowNames
    self.columnNames = columnNames
  }

  /// Creates a map of plain numbers.
  public init(
    title: String, xLabel: String = "", yLabel: String = "", values: [[Double]],
    rowNames: [String] = [], columnNames: [String] = []
  ) {
    self.init(
      title: title, xLabel: xLabel, yLabel: yLabel, cells: values.map { $0.map { Cell($0) } },
      rowNames: rowNames, columnNames: columnNames)
  }

  /// The map of a confusion matrix: counts, and their share of the row.
  ///
  /// - Parameters:
  ///   - counts: Row `i`, column `j`: how many examples of class `i` were taken for class `j`.
  ///   - classNames: The names of the classes; missing ones become numbers.
  public static func confusion(_ counts: [[Int]], classNames: [String] = []) -> HeatMap {
    let names = ConfusionSummary.names(counts.count, classNames)
    let cells = counts.map { row in
      let total = max(row.reduce(0, +), 1)
      return row.map { count in
        let share = Double(count) / Double(total)
        return Cell(
          share, label: count == 0 ? "" : NumberFormat.grouped(count),
          detail: count == 0 ? "" : NumberFormat.percent(share))
      }
    }
    var map = HeatMap(
      title: "Confusion matrix", xLabel: "predicted class", yLabel: "true class", cells: cells,
      rowNames: names, columnNames: names)
    map.fullScale = 1
    map.showsScale = false
    return map
  }

  /// The margin, as that of ``LineChart``.
  var inset: Double { showsTitle ? 14 : 0 }

  /// The map as an SVG element.
  ///
  /// - Parameter standalone: Whether the text is a complete file. Otherwise it is an element for
  ///   a page of ``RunReport``, which holds the style sheet.
  /// - Complexity: O(n) in the number of cells.
  public func svg(standalone: Bool = false) -> String {
    let drawing = HeatMapDrawing(self)
    return SVGChart.document(
      size: (width, drawing.height), title: title, summary: drawing.summary,
      standalone: standalone, content: drawing.content())
  }
}
