/// Builds HTML and SVG text in which every element is closed and every string escaped.
struct MarkupWriter {
  private(set) var output = ""

  /// Writes an element around what `body` writes.
  mutating func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:],
    _ body: (inout MarkupWriter) -> Void
  ) {
    open(name, attributes)
    output += ">"
    body(&self)
    output += "</\(name)>"
  }

  /// Writes an element around escaped text.
  mutating func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String
  ) {
    element(name, attributes) { $0.text(text) }
  }

  /// Writes an element without content in the short form.
  mutating func empty(_ name: String, _ attributes: KeyValuePairs<String, String> = [:]) {
    open(name, attributes)
    output += "/>"
  }

  /// Writes text, escaped.
  mutating func text(_ text: String) {
    output += Markup.escaped(text)
  }

  /// Writes markup that is known to be well-formed.
  mutating func raw(_ markup: String) {
    output += markup
  }

  private mutating func open(_ name: String, _ attributes: KeyValuePairs<String, String>) {
    output += "<\(name)"
    for (key, value) in attributes { output += " \(key)=\"\(Markup.escaped(value))\"" }
  }
}

/// Escaping for HTML and XML.
package enum Markup {
  /// The text with markup characters as entities, safe in content and in quoted attributes.
  ///
  /// Characters that XML forbids, and controls that reverse the direction of what follows, become
  /// the replacement character: a report may show text that nobody has looked at.
  package static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}",
        "\u{2066}"..."\u{2069}", "\u{FFFE}", "\u{FFFF}":
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
