import Foundation
import Longwave

/// Prints a line at once, also into a pipe: a measurement can take minutes to the next.
func show(_ line: String) {
  print(line)
  fflush(nil)
}

/// One JSON object that begins with a case and a shape, or a batch.
struct JSONLine {
  private var entries: [String]

  init(case name: String, _ shape: BenchShape) {
    entries = [
      "\"case\": \"\(name)\"", "\"batch\": \(shape.batch)", "\"channels\": \(shape.channels)",
      "\"length\": \(shape.length)",
    ]
  }

  init(case name: String, batch: Int) {
    entries = ["\"case\": \"\(name)\"", "\"batch\": \(batch)"]
  }

  /// With numbers, to four decimal places; those that are missing are left out.
  func adding(_ numbers: [(key: String, value: Double?)]) -> JSONLine {
    var line = self
    for case (let key, let value?) in numbers {
      line.entries.append("\"\(key)\": \((value * 10_000).rounded() / 10_000)")
    }
    return line
  }

  /// With a whole number.
  func adding(_ key: String, count: Int) -> JSONLine {
    var line = self
    line.entries.append("\"\(key)\": \(count)")
    return line
  }

  /// With a text.
  func adding(_ key: String, _ text: String) throws -> JSONLine {
    var line = self
    let value = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    line.entries.append("\"\(key)\": \(value)")
    return line
  }

  var text: String { "{\(entries.joined(separator: ", "))}" }
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
