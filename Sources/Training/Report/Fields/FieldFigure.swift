public import Pictures
import SequenceTensor

/// A figure of fields: for each sample its input, its truth, the prediction and the error.
///
/// Fields over one axis are curves, truth and prediction in one panel; over two axes images; over
/// three a strip of slices. Truth and prediction share their range of colours; the error's is
/// symmetric. What is missing is left out: without a truth there is no error. Values that are not
/// finite have a colour of their own and are counted below.
///
/// ```swift
/// var figure = FieldFigure(title: "Darcy flow", axes: [.init("x", 0...1), .init("y", 0...1)])
/// figure.rows = [FieldFigure.Row(input: permeability, truth: pressure, prediction: guess)]
/// try figure.write(to: "pressure.png")
/// ```
public struct FieldFigure: Sendable {
  /// Values on a regular grid.
  public struct Field: Sendable {
    /// The values, the last axis fastest.
    public let values: [Float]
    /// The number of points along each axis.
    public let sizes: [Int]

    /// Creates a field.
    ///
    /// - Precondition: there are as many values as the sizes say.
    public init(_ values: [Float], sizes: [Int]) {
      require(
        values.count == sizes.reduce(1, *) && sizes.allSatisfy { $0 >= 0 },
        "FieldFigure.Field: \(values.count) values for a grid of \(sizes)")
      self.values = values
      self.sizes = sizes
    }

    /// Creates a field from one channel of values that are `[x, (y, (z,)) channels]`.
    ///
    /// - Precondition: there are as many values as sizes and channels say, and the channel exists.
    public init(_ values: [Float], sizes: [Int], channels: Int, channel: Int) {
      require(
        channels > 0 && (0..<channels).contains(channel)
          && values.count == sizes.reduce(channels, *),
        "FieldFigure.Field: channel \(channel) of \(values.count) values for a grid of \(sizes) "
          + "with \(channels) channels")
      self.init(
        stride(from: channel, to: values.count, by: channels).map { values[$0] }, sizes: sizes)
    }
  }

  /// An axis of the domain.
  public struct Axis: Sendable, Hashable {
    /// The name with its unit, such as `x` or `t (s)`.
    public var name: String
    /// The first and the last coordinate.
    public var range: ClosedRange<Double>
    /// Whether the last point lies on the upper boundary and not one spacing before it.
    public var includesEnd: Bool
    /// Whether the axis is one of time: images then need not have square pixels.
    public var isTime: Bool

    /// Creates an axis.
    public init(
      _ name: String, _ range: ClosedRange<Double> = 0...1, includesEnd: Bool = false,
      isTime: Bool = false
    ) {
      self.name = name
      self.range = range
      self.includesEnd = includesEnd
      self.isTime = isTime
    }

    /// The coordinate of a point.
    func coordinate(_ index: Int, of count: Int) -> Double {
      let intervals = max(1, includesEnd ? count - 1 : count)
      let share = Double(index) / Double(intervals)
      return range.lowerBound * (1 - share) + range.upperBound * share
    }
  }

  /// The fields of one sample.
  public struct Row: Sendable {
    /// What the sample is, such as `worst: sample 17`.
    public var title: String
    /// What the operator was given, with the figure's axes or fewer of them.
    public var input: Field?
    /// What it should have given.
    public var truth: Field?
    /// What it gave.
    public var prediction: Field?

    /// Creates a row.
    ///
    /// - Precondition: truth and prediction have the same grid.
    public init(
      _ title: String = "", input: Field? = nil, truth: Field? = nil, prediction: Field? = nil
    ) {
      if let truth, let prediction {
        require(
          truth.sizes == prediction.sizes,
          "FieldFigure.Row: truth \(truth.sizes) and prediction \(prediction.sizes)")
      }
      self.title = title
      self.input = input
      self.truth = truth
      self.prediction = prediction
    }
  }

  /// What the figure shows; also its name for screen readers.
  public var title: String
  /// The axes of the fields; missing ones are x, y, z from 0 to 1.
  public var axes: [Axis]
  /// The samples, one below the other.
  public var rows: [Row]
  /// What the input is, such as `permeability`.
  public var inputName = "input"
  /// What the prediction is where there is no truth, such as `solution`.
  public var predictionName = "prediction"
  /// The axis that is cut into slices where there are three; without it, the last one.
  public var stripAxis: Int?
  /// The largest number of slices in a strip.
  public var maximumFrames = 6
  /// Whether the title is drawn; a page that has its own heading says no.
  public var showsTitle = true
  /// The largest width of the drawing, in pixels at scale one.
  public var width = 1120.0

  /// Creates a figure.
  public init(title: String, axes: [Axis] = [], rows: [Row] = []) {
    self.title = title
    self.axes = axes
    self.rows = rows
  }

  /// The figure as an SVG element, or as a complete file.
  ///
  /// Images are inside of the text.
  ///
  /// - Complexity: O(n) in the number of values.
  public func svg(standalone: Bool = false) -> String {
    FigureFile.svg(drawing(), title: title, summary: summary, standalone: standalone)
  }

  /// The figure as the bytes of a PNG file.
  ///
  /// - Parameter scale: Pixels for each unit of length.
  /// - Throws: `PictureError` if there are too many rows for a picture.
  public func png(scale: Double = 2) throws(PictureError) -> [UInt8] {
    try drawing().png(scale: scale, background: ChartStyle.surface.color)
  }

  /// Writes the figure as PNG or SVG, by the end of the path; a file appears whole or not at all.
  ///
  /// - Throws: `PictureError` for another ending, `TensorFileError` if the file cannot be written.
  public func write(to path: String) throws {
    try FigureFile.write(drawing(), title: title, summary: summary, to: path)
  }

  /// A sentence that says in words what the figure shows.
  var summary: String {
    let samples = rows.count == 1 ? "one sample" : "\(rows.count) samples"
    let errors = rows.compactMap { row in
      FieldError(row).map { "relative L² \(NumberFormat.significant($0.relative, digits: 3))" }
    }
    return "Fields of \(samples)" + (errors.isEmpty ? "" : ": " + errors.joined(separator: ", "))
      + "."
  }
}
