/// Checks that HTML or SVG text is well-formed, as far as reports use these languages.
struct MarkupChecker {
  /// The first problem, or `nil`.
  private(set) var problem: String?
  /// The values of all attributes with a name, in order.
  private(set) var attributes: [(name: String, value: String)] = []

  private var rest: Substring
  private var open: [String] = []
  private var rootCount = 0

  init(_ text: String) {
    rest = text[...]
    for prologue in ["<!DOCTYPE html>", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    where rest.hasPrefix(prologue) {
      rest = rest.dropFirst(prologue.count)
    }
    while problem == nil, !rest.isEmpty { readNext() }
    if problem == nil, let last = open.last { problem = "\(last) is not closed" }
    if problem == nil, rootCount != 1 { problem = "\(rootCount) root elements" }
  }

  /// The values of the attributes that hold coordinates.
  var coordinates: [String] {
    let names = ["d", "x", "y", "cx", "cy", "r", "width", "height", "viewBox"]
    return attributes.filter { names.contains($0.name) }.map(\.value)
  }

  private mutating func readNext() {
    guard rest.first == "<" else {
      let text = rest.prefix { $0 != "<" }
      if open.isEmpty, text.contains(where: { !$0.isWhitespace }) { problem = "text outside" }
      check(text)
      rest = rest[text.endIndex...]
      return
    }
    rest = rest.dropFirst()
    if rest.first == "/" {
      let name = rest.dropFirst().prefix { $0 != ">" }
      if open.popLast() != String(name) { problem = "</\(name)> closes nothing" }
      rest = rest[name.endIndex...].dropFirst()
      return
    }
    let name = String(rest.prefix { $0.isLetter || $0.isNumber })
    if name.isEmpty { problem = "< in text" }
    rest = rest.dropFirst(name.count)
    if open.isEmpty { rootCount += 1 }
    readAttributes()
    if rest.hasPrefix("/>") {
      rest = rest.dropFirst(2)
    } else if rest.hasPrefix(">") {
      rest = rest.dropFirst()
      open.append(name)
    } else if problem == nil {
      problem = "the tag \(name) does not end"
    }
  }

  private mutating func readAttributes() {
    while problem == nil, rest.first == " " {
      rest = rest.dropFirst()
      let name = String(rest.prefix { $0 != "=" })
      rest = rest.dropFirst(name.count)
      guard rest.hasPrefix("=\"") else {
        problem = "the attribute \(name) has no quoted value"
        return
      }
      let value = rest.dropFirst(2).prefix { $0 != "\"" }
      check(value)
      attributes.append((name, String(value)))
      rest = rest[value.endIndex...].dropFirst()
    }
  }

  private mutating func check(_ text: Substring) {
    if text.contains("<") { problem = "< in a value" }
    for piece in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
      let entities = ["amp;", "lt;", "gt;", "quot;", "#39;"]
      if !entities.contains(where: { piece.hasPrefix($0) }) { problem = "bare & in \(piece)" }
    }
    for scalar in text.unicodeScalars where scalar.value < 32 && scalar != "\n" && scalar != "\t" {
      problem = "a control character"
    }
  }
}
