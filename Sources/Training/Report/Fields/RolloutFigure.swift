public import Pictures

/// A figure of a prediction that is fed back step after step: its error over time, and frames.
///
/// The error has a logarithmic axis; a dashed line marks where the prediction breaks down.
public struct RolloutFigure: Sendable {
  /// The error of one model, or of one resolution, over time.
  public struct Curve: Sendable {
    /// The name in the legend.
    public var name: String
    /// The error at each time, in order; infinite or not a number after a breakdown.
    public var points: [(time: Double, error: Double)]

    /// Creates a curve.
    public init(_ name: String, points: [(time: Double, error: Double)]) {
      self.name = name
      self.points = points
    }

    /// The first time at which the error is above a bound or not finite; nil if it never is.
    ///
    /// A relative error of 1 is what a prediction of zero has.
    public func divergence(above bound: Double = 1) -> Double? {
      points.first { !($0.error <= bound) }?.time
    }
  }

  /// What the figure shows; also its name for screen readers.
  public var title: String
  /// The errors.
  public var curves: [Curve]
  /// The name of the error.
  public var errorName = "relative L²"
  /// The name of the time, with its unit.
  public var timeName = "t"
  /// The time from which the prediction has nothing to do with the truth; see
  /// ``Curve/divergence(above:)``.
  public var divergence: Double?
  /// Frames of truth, prediction and error: fields over space and time.
  ///
  /// The time is a ``FieldFigure/stripAxis`` of fields in two dimensions, and the first or second
  /// axis of fields in one.
  public var frames: FieldFigure?
  /// Whether the title is drawn; a page that has its own heading says no.
  public var showsTitle = true
  /// The largest width of the drawing, in pixels at scale one.
  public var width = 1120.0

  /// Creates a figure.
  public init(title: String, curves: [Curve] = [], frames: FieldFigure? = nil) {
    self.title = title
    self.curves = curves
    self.frames = frames
  }

  /// The figure as an SVG element, or as a complete file.
  public func svg(standalone: Bool = false) -> String {
    FigureFile.svg(drawing(), title: title, summary: summary, standalone: standalone)
  }

  /// The figure as the bytes of a PNG file.
  ///
  /// - Parameter scale: Pixels for each unit of length.
  /// - Throws: `PictureError` if the figure is too large for a picture.
  public func png(scale: Double = 2) throws(PictureError) -> [UInt8] {
    try drawing().png(scale: scale, background: ChartStyle.surface.color)
  }

  /// Writes the figure as PNG or SVG, by the end of the path; a file appears whole or not at all.
  ///
  /// - Throws: `PictureError` for another ending, `TensorFileError` if the file cannot be written.
  public func write(to path: String) throws {
    try FigureFile.write(drawing(), title: title, summary: summary, to: path)
  }

  /// The error over time as a chart.
  var chart: LineChart {
    var chart = LineChart(title: title, xLabel: timeName, yLabel: errorName, logY: true)
    chart.series = curves.map { curve in
      // What begins with no error at all has no place on a logarithmic axis.
      let points = curve.points.drop { $0.error == 0 }.map { (x: $0.time, y: $0.error) }
      return LineChart.Series(curve.name, points: points)
    }
    chart.thresholds =
      divergence.map { time in
        let text = NumberFormat.trimmed(NumberFormat.significant(time, digits: 4))
        return [(time, "diverges at \(timeName) = \(text)")]
      } ?? []
    chart.showsTitle = showsTitle
    chart.width = width
    chart.height = showsTitle ? 300 : 270
    return chart
  }

  package func drawing() -> Drawing {
    var drawing = LineChartDrawing(chart).content()
    guard var frames, !frames.rows.isEmpty else { return drawing }
    let inset = showsTitle ? 14.0 : 0
    frames.showsTitle = false
    frames.width = width - 2 * inset
    let strips = frames.drawing()
    drawing.add(strips, at: (inset, drawing.height + 14))
    drawing.height += 14 + strips.height + inset
    return drawing
  }

  private var summary: String {
    var text = LineChartDrawing(chart).summary
    if let divergence { text += " It diverges at \(NumberFormat.significant(divergence))." }
    return text
  }
}
