import Foundation
import Longwave

/// The chart of `bench conv`: nanoseconds a point against the length, with the machine's bound.
struct ConvolutionChart {
  private let records: [ConvolutionRecord]
  private let roofline: Roofline?

  init(_ records: [ConvolutionRecord], _ roofline: Roofline?) {
    self.records = records
    self.roofline = roofline
  }

  /// Throws before a long measurement what would be thrown after it.
  static func checkFolder(of path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
    guard exists, isFolder.boolValue, FileManager.default.isWritableFile(atPath: folder) else {
      throw RunError(
        place: path, expected: "a folder to write the chart in",
        got: exists ? "\(folder), which cannot be written in" : "no folder \(folder)")
    }
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw RunError(place: path, expected: "a file to write the chart to", got: "a folder")
    }
  }

  func write(to path: String) throws {
    try AtomicFile.write(chart.svg(standalone: true), to: path)
  }

  private var chart: LineChart {
    let environment = RunEnvironment.self
    var chart = LineChart(
      title: "Causal convolution with a filter as long as its input",
      xLabel: "length · \(environment.processor) · \(Parallel.threadCount) threads · "
        + Parallel.instructionSet,
      yLabel: "ns a point", logX: true, logY: true)
    (chart.width, chart.height) = (760, 460)
    chart.series = [
      series("Longwave", .fixedFilter, \.ours, .line, 0),
      series("FFTW", .fixedFilter, \.fftw, .line, 1),
      series("Longwave with gradients", .withGradients, \.ours, .thin, 0),
      series("FFTW with gradients", .withGradients, \.fftw, .thin, 1),
    ].filter { !$0.points.isEmpty }
    if let roofline {
      chart.series.append(
        LineChart.Series(
          "bound", points: lengths.map { (Double($0), roofline.bound(length: $0)) },
          style: .dashed, color: .palette(7)))
    }
    return chart
  }

  private var lengths: [Int] { Set(records.map(\.shape.length)).sorted() }

  /// The geometric mean over the shapes of each length.
  private func series(
    _ name: String, _ task: ConvolutionTask,
    _ times: KeyPath<ConvolutionRecord, [ConvolutionTask: Double]>, _ style: LineChart.Style,
    _ color: Int
  ) -> LineChart.Series {
    let points = lengths.compactMap { length -> (x: Double, y: Double)? in
      let values = records.filter { $0.shape.length == length }.compactMap { record in
        record[keyPath: times][task].map { $0 * 1e6 / Double(record.shape.points) }
      }
      return BenchText.geometricMean(values).map { (Double(length), $0) }
    }
    return LineChart.Series(name, points: points, style: style, color: .palette(color))
  }
}
