import Foundation
import Longwave

/// Prints a line at once, also into a pipe: a measurement can take minutes to the next.
func show(_ line: String) {
  print(line)
  fflush(nil)
}

/// The parts of tables of times.
enum BenchText {
  static func pad(_ text: some CustomStringConvertible, _ width: Int) -> String {
    let text = text.description
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// A time or a ratio with four digits.
  static func number(_ value: Double?) -> String {
    value.map { NumberFormat.significant($0, digits: $0 < 1 ? 3 : 4) } ?? "-"
  }

  static func ratio(_ value: Double?) -> String {
    value.map { NumberFormat.fixed($0, places: 2) } ?? "-"
  }

  /// The columns of batch, channels and length.
  static func columns(_ shape: BenchShape) -> String {
    pad(shape.batch, 6) + pad(shape.channels, 10) + pad(shape.length, 9)
  }

  /// The heads of these columns.
  static let shapeHead = " batch  channels   length"

  /// The geometric mean of positive numbers, `nil` if there are none.
  static func geometricMean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
  }
}
