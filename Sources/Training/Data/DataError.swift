/// What is wrong with input from outside: where, what was expected there, and what was found.
public struct DataError: Error, CustomStringConvertible, Equatable, Sendable {
  /// Where: `file`, `file:line`, `file:line:column` (both from 1, columns in bytes), or an option.
  public let place: String
  /// What a valid input has at that place.
  public let expected: String
  /// What was found instead.
  public let got: String

  /// Creates an error that reads `place: expected …, got …`.
  public init(at place: String, expected: String, got: String) {
    self.place = place
    self.expected = expected
    self.got = got
  }

  /// One line for a user, such as `train.tsv:17: expected 2 columns, got 1`.
  public var description: String { "\(place): expected \(expected), got \(got)" }
}

extension DataError {
  /// Bytes from a file as quoted text for a message: escaped, and cut after 40 bytes.
  package static func quoted(_ bytes: some Collection<UInt8>) -> String {
    let limit = 40
    // Cut before a continuation byte would be split from its lead byte.
    var kept = Array(bytes.prefix(limit + 1))
    let isCut = kept.count > limit
    if isCut {
      kept.removeLast()
      let start = kept.lastIndex { $0 & 0xC0 != 0x80 } ?? 0
      if kept.count > start, kept[start] >= 0xC0 { kept.removeSubrange(start...) }
    }
    var text = "'"
    for scalar in String(decoding: kept, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case "\n": text += "\\n"
      case "\u{FEFF}": text += "\\u{FEFF}"
      case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value):
        text += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + (isCut ? "…'" : "'")
  }
}
