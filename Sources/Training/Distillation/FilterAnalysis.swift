public import Distillation
import Pictures
import SequenceTensor
import TensorIO

/// What recurrences could be in the place of a model's filters: Hankel singular values, and the orders
/// below which no recurrence has an error.
public struct FilterAnalysis: Sendable {
  /// One filter of the model.
  public struct Layer: Sendable {
    /// Its name, for example `block 1`.
    public var name: String
    /// The kind of filter.
    public var kind: String
    /// The taps that were analysed.
    public var length: Int
    /// Each channel.
    public var channels: [HankelAnalysis]

    /// The largest singular value of each order over the channels, each relative to its channel's
    /// first, and that of the middle channel.
    public var singularValues: (largest: [Double], middle: [Double]) {
      spread { analysis in
        let first = analysis.singularValues.first ?? 0
        return analysis.singularValues.map { first > 0 ? $0 / first : 0 }
      }
    }

    /// For each order the lower bound of the relative L2 error of the taps: of the channel that is
    /// hardest, and of the middle one.
    public var errorBounds: (largest: [Double], middle: [Double]) {
      spread(\.relativeErrorBounds)
    }

    private func spread(
      _ values: (HankelAnalysis) -> [Double]
    ) -> (largest: [Double], middle: [Double]) {
      let all = channels.map(values)
      let count = all.map(\.count).max() ?? 0
      var (largest, middle): ([Double], [Double]) = ([], [])
      for order in 0..<count {
        let sorted = all.map { order < $0.count ? $0[order] : 0 }.sorted()
        largest.append(sorted.last ?? 0)
        middle.append(sorted[sorted.count / 2])
      }
      return (largest, middle)
    }

    /// The least order that the bounds allow for an error: of the channel that is hardest, and of the
    /// middle one; `nil` if it is more than were analysed.
    public func leastOrder(forRelativeError error: Double) -> (largest: Int?, middle: Int?) {
      let orders = channels.map { $0.leastOrder(forRelativeError: error) ?? .max }.sorted()
      func known(_ order: Int?) -> Int? { order == .max ? nil : order }
      return (known(orders.last), known(orders.isEmpty ? nil : orders[orders.count / 2]))
    }
  }

  /// The filters.
  public var layers: [Layer]

  /// The errors of the table.
  public static let errors = [0.3, 0.1, 0.03, 0.01, 0.003, 0.001]

  /// Analyses the filters of a model.
  ///
  /// - Parameters:
  ///   - banks: the filters.
  ///   - count: up to which order.
  ///   - place: the name of the model, for messages.
  ///   - observe: told of every filter that is done.
  /// - Throws: `DistillationError`.
  public init(
    _ banks: [ModelDistillation.Bank], count: Int = 64, place: String,
    observe: (Layer) -> Void = { _ in }
  ) throws(DistillationError) {
    layers = []
    for bank in banks {
      do throws(DistillationError) {
        let layer = Layer(
          name: bank.filter == 0
            ? "block \(bank.block)" : "block \(bank.block), filter \(bank.filter)",
          kind: bank.kind, length: bank.taps.shape[0],
          channels: try HankelAnalysis.bank(bank.taps, count: count))
        layers.append(layer)
        observe(layer)
      } catch {
        var located = error
        located.place = "\(place): block \(bank.block): \(error.place)"
        throw located
      }
    }
  }

  /// The singular values of each layer, relative to the first.
  public var singularValueChart: LineChart {
    chart("Hankel singular values", "singular value / first", from: 1) { $0.singularValues }
  }

  /// The least error of any recurrence of an order.
  public var errorChart: LineChart {
    chart("Lower bound of the error", "relative L2 error of the taps", from: 0) { $0.errorBounds }
  }

  private func chart(
    _ title: String, _ label: String, from first: Int,
    _ values: (Layer) -> (largest: [Double], middle: [Double])
  ) -> LineChart {
    var chart = LineChart(
      title: title, xLabel: "order", yLabel: label, logY: true)
    chart.series = layers.enumerated().flatMap { index, layer in
      let (largest, middle) = values(layer)
      func points(_ values: [Double]) -> [(x: Double, y: Double)] {
        // Rounding is all that is left below.
        values.enumerated().filter { $0.element > 1e-9 }
          .map { (Double($0.offset + first), $0.element) }
      }
      return [
        LineChart.Series(
          "\(layer.name), hardest", points: points(largest), style: .thin, color: .palette(index)),
        LineChart.Series(
          "\(layer.name), middle", points: points(middle), style: .dashed, color: .palette(index)),
      ]
    }
    return chart
  }

  /// Writes both charts into one picture, SVG or PNG by the end of the path.
  ///
  /// - Throws: `PictureError` for another ending, `TensorFileError` if the file cannot be written.
  public func write(to path: String) throws {
    var drawing = Drawing(width: 760, height: 700)
    for (index, chart) in [singularValueChart, errorChart].enumerated() {
      var chart = chart
      (chart.width, chart.height) = (760, 350)
      drawing.add(LineChartDrawing(chart).content(), at: (0, Double(index) * 350))
    }
    try FigureFile.write(
      drawing, title: "Hankel analysis", summary: LineChartDrawing(singularValueChart).summary,
      to: path)
  }
}
