/// Lays out the text of a progress line for a width.
struct ProgressLayout {
  /// The widest and the narrowest bar.
  static let barWidths = 8...28

  let total: Int
  let label: String
  let terminal: ProgressTerminal
  /// What the speed counts.
  var unit = "tok"

  private enum Part: Equatable {
    case label, bar, count, percent, loss, accuracy, speed, time
  }

  private enum Tone: String {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case accent = "36"
  }

  /// The parts that are left out first when the terminal is narrow.
  private static let dispensable: [Part] = [
    .percent, .label, .speed, .accuracy, .bar, .time, .loss,
  ]

  /// The line for a terminal, at most `width` characters wide.
  func line(_ state: ProgressState, time: String, width: Int) -> String {
    var parts = content(state, time: time)
    if total > 0 { parts.insert((.bar, ""), at: parts.first?.part == .label ? 1 : 0) }
    var barWidth = 0
    for removed in [nil] + Self.dispensable.map(Optional.some) {
      parts.removeAll { $0.part == removed }
      let separators = 2 * max(parts.count - 1, 0)
      let room = width - separators - parts.reduce(0) { $0 + $1.text.count }
      let needsBar = parts.contains { $0.part == .bar }
      barWidth = min(room, Self.barWidths.upperBound)
      if room >= (needsBar ? Self.barWidths.lowerBound : 0) { break }
    }
    var room = width
    var line = ""
    for (index, entry) in parts.enumerated() {
      if index > 0 {
        guard room > 2 else { break }
        line += "  "
        room -= 2
      }
      if entry.part == .bar {
        line += bar(state, width: barWidth)
        room -= barWidth
      } else {
        line += toned(shortened(entry.text, to: room), tone(entry.part))
        room -= min(entry.text.count, room)
      }
    }
    return line
  }

  /// The line for a pipe or a file: no colours, no bar, any width.
  func plainLine(_ state: ProgressState, time: String) -> String {
    content(state, time: time).map(\.text).joined(separator: "  ")
  }

  private func content(_ state: ProgressState, time: String) -> [(part: Part, text: String)] {
    var parts: [(part: Part, text: String)] = []
    // A line break or another control in the label would tear the line.
    let word = String(label.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 })
    if !word.isEmpty { parts.append((.label, word)) }
    let step = NumberFormat.grouped(state.step)
    parts.append((.count, total > 0 ? "\(step)/\(NumberFormat.grouped(total))" : "step \(step)"))
    if total > 0 {
      // Rounded down: "100%" only when it is done.
      let share = (fraction(state) * 100).rounded(.down)
      parts.append((.percent, NumberFormat.fixed(share, places: 0) + "%"))
    }
    if let loss = state.loss { parts.append((.loss, "loss " + NumberFormat.significant(loss))) }
    if let accuracy = state.accuracy {
      parts.append((.accuracy, "acc " + NumberFormat.percent(accuracy)))
    }
    if let speed = state.tokensPerSecond {
      parts.append((.speed, NumberFormat.compact(speed) + " \(unit)/s"))
    }
    if !time.isEmpty { parts.append((.time, time)) }
    return parts
  }

  private func fraction(_ state: ProgressState) -> Double {
    min(max(Double(state.step) / Double(max(total, 1)), 0), 1)
  }

  private func bar(_ state: ProgressState, width: Int) -> String {
    let done = Int((fraction(state) * Double(width)).rounded(.down))
    let (full, rest) = terminal.usesUnicode ? ("━", "─") : ("=", "-")
    return toned(String(repeating: full, count: done), .accent)
      + toned(String(repeating: rest, count: width - done), .dim)
  }

  private func tone(_ part: Part) -> Tone {
    switch part {
    case .label: .bold
    case .percent, .speed, .time: .dim
    default: .plain
    }
  }

  private func toned(_ text: String, _ tone: Tone) -> String {
    guard terminal.usesColor, tone != .plain, !text.isEmpty else { return text }
    return "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m"
  }

  private func shortened(_ text: String, to width: Int) -> String {
    guard text.count > width else { return text }
    guard width > 1 else { return String(text.prefix(max(width, 0))) }
    return text.prefix(width - 1) + (terminal.usesUnicode ? "…" : ".")
  }
}
