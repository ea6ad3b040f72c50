import Foundation
import Longwave

/// Tables of distillations.
enum DistillationText {
  /// A line for each filter, then the losses.
  static func lines(of record: DistillationRecord) -> [String] {
    func number(_ value: Double) -> String { NumberFormat.significant(value, digits: 3) }
    var lines = [
      "filter                channels  order   mean  direct  relative L2  maximum  output bound  pole radius"
    ]
    for layer in record.layers {
      lines.append(
        layer.name.padding(toLength: 20, withPad: " ", startingAt: 0)
          + BenchText.pad(layer.channels, 10) + BenchText.pad(layer.order, 7)
          + BenchText.pad(NumberFormat.fixed(layer.meanOrder, places: 1), 7)
          + BenchText.pad(layer.headLength, 8)
          + BenchText.pad(number(layer.relativeL2Error), 13)
          + BenchText.pad(number(layer.relativeMaximumError), 9)
          + BenchText.pad(number(layer.outputErrorBound), 14)
          + BenchText.pad(NumberFormat.fixed(layer.largestRadius, places: 5), 13))
    }
    let change = NumberFormat.percent(record.lossChange, places: 3)
    lines.append(
      "validation loss \(NumberFormat.fixed(record.loss, places: 4)), before"
        + " \(NumberFormat.fixed(record.originalLoss, places: 4))"
        + " (\(record.lossChange < 0 ? "" : "+")\(change))")
    if let answers = record.answers {
      lines.append(
        "logits          largest change \(number(answers.largest)), root mean square"
          + " \(number(answers.rootMeanSquare)) over \(answers.sequences) validation sequences;"
          + " certified \(number(answers.bound))")
    }
    return lines
  }

  /// The least order for some errors that any recurrence must have, filter by filter.
  static func lines(of analysis: FilterAnalysis) -> [String] {
    var lines = [
      "least order of any recurrence for a relative L2 error of the taps: hardest channel (middle)",
      "filter                channels   taps"
        + FilterAnalysis.errors.map { BenchText.pad("\($0)", 12) }.joined(),
    ]
    for layer in analysis.layers {
      let cells = FilterAnalysis.errors.map { error in
        let orders = layer.leastOrder(forRelativeError: error)
        let most = layer.channels.first?.singularValues.count ?? 0
        func text(_ order: Int?) -> String { order.map { "\($0)" } ?? ">\(most)" }
        return BenchText.pad("\(text(orders.largest)) (\(text(orders.middle)))", 12)
      }
      lines.append(
        layer.name.padding(toLength: 20, withPad: " ", startingAt: 0)
          + BenchText.pad(layer.channels.count, 10) + BenchText.pad(layer.length, 7)
          + cells.joined())
    }
    return lines
  }
}
