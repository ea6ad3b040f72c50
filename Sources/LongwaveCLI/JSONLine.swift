import Foundation

/// One JSON object on one line, its keys in the order in which they are added.
struct JSONLine {
  private var entries: [String] = []

  init() {}

  /// A line that begins with a case and a shape.
  init(case name: String, _ shape: BenchShape) {
    entries = [
      "\"case\": \"\(name)\"", "\"batch\": \(shape.batch)", "\"channels\": \(shape.channels)",
      "\"length\": \(shape.length)",
    ]
  }

  /// A line that begins with a case and a batch.
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

  /// With a whole number, null if there is none.
  func adding(_ key: String, count: Int?) -> JSONLine {
    adding(key, written: count.map(String.init) ?? "null")
  }

  /// With a number to its last digit.
  func adding(_ key: String, number: Double) -> JSONLine {
    adding(key, written: Self.written(number))
  }

  /// With a list of numbers to their last digits.
  func adding(_ key: String, numbers: [Double]) -> JSONLine {
    adding(key, written: "[" + numbers.map(Self.written).joined(separator: ", ") + "]")
  }

  /// With a text.
  func adding(_ key: String, _ text: String) throws -> JSONLine {
    adding(key, written: String(decoding: try JSONEncoder().encode(text), as: UTF8.self))
  }

  var text: String { "{\(entries.joined(separator: ", "))}" }

  private func adding(_ key: String, written value: String) -> JSONLine {
    var line = self
    line.entries.append("\"\(key)\": \(value)")
    return line
  }

  /// JSON has no NaN and no infinity.
  private static func written(_ number: Double) -> String {
    number.isFinite ? "\(number)" : "null"
  }
}
