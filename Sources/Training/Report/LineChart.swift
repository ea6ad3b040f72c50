public import Pictures

/// A chart of one or several curves, drawn as SVG.
///
/// ```swift
/// var chart = LineChart(title: "Time of a convolution", xLabel: "length", yLabel: "time (ms)")
/// chart.series = [LineChart.Series("FFT", points: [(1024, 0.1), (2048, 0.2)])]
/// chart.logX = true
/// let file = chart.svg(standalone: true)
/// ```
///
/// A point that is not finite, or not positive on a logarithmic axis, is a gap in its curve; a
/// note under the chart counts such points. Curves of more than ``maximumPoints`` points are
/// thinned out so that every peak stays.
public struct LineChart: Sendable {
  /// One curve.
  public struct Series: Sendable {
    /// The name in the legend; without a name the curve is not in the legend.
    public var name: String
    /// The points, in drawing order.
    public var points: [(x: Double, y: Double)]
    /// How the curve is drawn.
    public var style: Style
    /// The colour of the curve.
    public var color: Color

    /// Creates a curve.
    public init(
      _ name: String, points: [(x: Double, y: Double)], style: Style = .line,
      color: Color = .automatic
    ) {
      self.name = name
      self.points = points
      self.style = style
      self.color = color
    }
  }

  /// How a curve is drawn.
  public enum Style: Sendable {
    /// A full line; the points are marked too if they are few.
    case line
    /// A thinner line without marked points, for many curves in one chart.
    case thin
    /// A faint line, for raw measurements behind a smoothed curve.
    case faint
    /// A dashed line, for references.
    case dashed
  }

  /// The colour of a curve or marker.
  public enum Color: Sendable, Equatable {
    /// The palette colour of the curve's place among the curves.
    case automatic
    /// A colour of the palette by its index.
    case palette(Int)
    /// A place on the ramp from a first (0) to a last (1) curve.
    case graded(Double)
  }

  /// A point that stands out, such as the best one.
  public struct Marker: Sendable {
    /// Where the marker is on the horizontal axis.
    public var x: Double
    /// Where the marker is on the vertical axis.
    public var y: Double
    /// The text beside the marker.
    public var label: String
    /// The colour, that of the marked curve as a rule.
    public var color: Color

    /// Creates a marker.
    public init(x: Double, y: Double, label: String, color: Color = .palette(0)) {
      self.x = x
      self.y = y
      self.label = label
      self.color = color
    }
  }

  /// What the chart shows; also its name for screen readers.
  public var title: String
  /// The quantity, with its unit, on the horizontal axis.
  public var xLabel: String
  /// The quantity, with its unit, on the vertical axis.
  public var yLabel: String
  /// Whether the horizontal axis is logarithmic.
  public var logX: Bool
  /// Whether the vertical axis is logarithmic.
  public var logY: Bool
  /// The curves, drawn in this order.
  public var series: [Series]
  /// Points to mark.
  public var markers: [Marker] = []
  /// Places of the horizontal axis that a dashed line marks, such as a breakdown, with a text.
  public var thresholds: [(x: Double, label: String)] = []
  /// A unit after every label of the vertical axis, such as `%`.
  public var ySuffix = ""
  /// Whether a linear vertical axis begins at zero even if no value is near it.
  public var startsAtZero = false
  /// Whether the title is drawn; a page that has its own heading says no.
  public var showsTitle = true
  /// The width of the drawing in pixels at scale one.
  public var width = 560.0
  /// The height of the drawing in pixels at scale one.
  public var height = 300.0
  /// The largest number of points drawn for one curve.
  public var maximumPoints = 1500

  /// Creates a chart.
  ///
  /// - Parameters:
  ///   - title: What the chart shows.
  ///   - xLabel: The quantity on the horizontal axis, with its unit.
  ///   - yLabel: The quantity on the vertical axis, with its unit.
  ///   - series: The curves.
  ///   - logX: Whether the horizontal axis is logarithmic.
  ///   - logY: Whether the vertical axis is logarithmic.
  public init(
    title: String, xLabel: String = "", yLabel: String = "", series: [Series] = [],
    logX: Bool = false, logY: Bool = false
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.logX = logX
    self.logY = logY
  }

  /// The margin: a drawing inside a panel with a heading of its own lines up with that heading.
  var inset: Double { showsTitle ? 14 : 0 }

  /// The chart as an SVG element.
  ///
  /// - Parameter standalone: Whether the text is a complete file. Otherwise it is an element for
  ///   a page of ``RunReport``, which holds the style sheet.
  /// - Complexity: O(n) in the number of points.
  public func svg(standalone: Bool = false) -> String {
    let drawing = LineChartDrawing(self)
    return SVGChart.document(
      size: (width, height), title: title, summary: drawing.summary, standalone: standalone,
      content: drawing.content().markup())
  }

  /// The chart as the bytes of a PNG file.
  ///
  /// - Parameter scale: Pixels for each unit of length.
  /// - Throws: `PictureError` if the chart is empty or too large.
  /// - Complexity: O(n) in the number of points, and O(m) in the number of pixels.
  public func png(scale: Double = 2) throws(PictureError) -> [UInt8] {
    try LineChartDrawing(self).content().png(
      scale: scale, background: ChartStyle.surface.color)
  }
}
