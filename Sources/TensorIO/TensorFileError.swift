/// A file that could not be read or written: where, what was expected, and what was there.
///
/// Every error of this module has this one type, so that a caller can show it or wrap it without
/// a switch over formats.
public struct TensorFileError: Error, CustomStringConvertible, Equatable, Sendable {
  /// The file, with the byte offset or the tensor's name where there is one.
  public var place: String
  /// What a well-formed file, or a working file system, would have given.
  public var expected: String
  /// What was found instead; for a failed system call, the system's text.
  public var got: String

  /// Makes an error from its three parts.
  public init(place: String, expected: String, got: String) {
    self.place = place
    self.expected = expected
    self.got = got
  }

  /// One line: `place: expected …, got …`.
  public var description: String { "\(place): expected \(expected), got \(got)" }
}

extension String {
  /// The text without control characters, whole and without quotes.
  package var withoutControls: String {
    var shown = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: shown += "?"
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// The text in quotes, shortened and without control characters.
  ///
  /// Names come from files that may be hostile: they must not flood or steer a terminal.
  package var quotedForMessage: String {
    let limit = 60
    var shown = ""
    for scalar in unicodeScalars.prefix(limit) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        shown += "\\u{\(String(scalar.value, radix: 16))}"
      default:
        shown.unicodeScalars.append(scalar)
      }
    }
    return unicodeScalars.dropFirst(limit).isEmpty ? "'\(shown)'" : "'\(shown)…'"
  }
}
