import Testing
import Training

/// A terminal for tests: keeps what was written and has a clock that is set by hand.
private final class Recorder {
  var time = 100.0
  var width = 80
  var writes: [String] = []

  var text: String { writes.joined() }

  func line(
    total: Int, start: Int = 0, label: String = "", interactive: Bool = true, color: Bool = false
  ) -> ProgressLine {
    ProgressLine(
      total: total, startingAt: start, label: label,
      terminal: ProgressTerminal(
        isInteractive: interactive, usesColor: color, width: { self.width }),
      clock: { self.time }, output: { self.writes.append($0) })
  }
}

/// What a terminal shows in its last row after `\r`, `\n` and "erase to the end of the row".
private func lastRow(_ text: String) -> String {
  var row: [Character] = []
  var column = 0
  var rest = text[...]
  while let character = rest.first {
    if rest.hasPrefix("\u{1B}[K") {
      row.removeSubrange(min(column, row.count)...)
      rest = rest.dropFirst(3)
      continue
    }
    rest = rest.dropFirst()
    switch character {
    case "\r": column = 0
    case "\n": (row, column) = ([], 0)
    default:
      if column < row.count { row[column] = character } else { row.append(character) }
      column += 1
    }
  }
  return String(row)
}

@Suite("The progress line")
struct ProgressLineTests {
  @Test func showsEverythingOnATerminal() {
    let recorder = Recorder()
    recorder.width = 120
    let line = recorder.line(total: 20_000, label: "train")
    recorder.time += 10
    line.update(step: 10_000, loss: 0.43214, accuracy: 0.912, tokensPerSecond: 128_400)
    let row = lastRow(recorder.text)
    for part in [
      "train", "━─", "10,000/20,000", "50%", "loss 0.4321", "acc 91.2%", "128k tok/s", "10s left",
    ] {
      #expect(row.contains(part), "\(part)")
    }
    #expect(!recorder.text.contains("\n") && recorder.text.hasPrefix("\r"))
  }

  @Test func redrawsAtMostTenTimesASecond() {
    let recorder = Recorder()
    let line = recorder.line(total: 10_000)
    for step in 1...1000 {
      recorder.time += 0.001
      line.update(step: step)
    }
    #expect((9...11).contains(recorder.writes.count))
  }

  @Test(arguments: [1, 5, 12, 20, 33, 47, 60, 80, 200])
  func neverReachesTheLastColumn(_ width: Int) {
    let recorder = Recorder()
    recorder.width = width
    let line = recorder.line(total: 1_000_000, label: "a rather long label")
    recorder.time += 3
    line.update(step: 1234, loss: 0.123456, accuracy: 0.5, tokensPerSecond: 1e6)
    #expect(lastRow(recorder.text).count <= max(width - 1, 1))
    #expect(!lastRow(recorder.text).isEmpty)
    if width >= 33 { #expect(lastRow(recorder.text).contains("1,234/1,000,000")) }
  }

  @Test func redrawLeavesNothingOfALongerLine() {
    let recorder = Recorder()
    let line = recorder.line(total: 10)
    line.update(step: 1, loss: 0.5, accuracy: 0.25)
    recorder.time += 1
    line.update(step: 2)
    #expect(!lastRow(recorder.text).contains("acc"))
  }

  @Test func messageStandsOnItsOwnLine() {
    let recorder = Recorder()
    let line = recorder.line(total: 10)
    line.message("before")
    #expect(recorder.text == "before\n")
    line.update(step: 5, loss: 1)
    line.message("checkpoint written")
    let rows = recorder.text.split(separator: "\n").map { lastRow(String($0)) }
    #expect(rows[1] == "checkpoint written")
    #expect(rows.last?.contains("5/10") == true)
  }

  @Test func finishLeavesTheLastStateAndTheTimeNeeded() {
    let recorder = Recorder()
    let line = recorder.line(total: 10)
    line.update(step: 9)
    recorder.time += 100
    line.update(step: 10)
    recorder.time += 0.01
    line.finish()
    #expect(recorder.text.hasSuffix("1m 40s\n"))
    let count = recorder.writes.count
    line.update(step: 10)
    line.finish()
    #expect(recorder.writes.count == count)
  }

  @Test func finishCanLeaveATextInstead() {
    let recorder = Recorder()
    let line = recorder.line(total: 10)
    line.update(step: 9)
    line.finish("interrupted")
    #expect(recorder.text.hasSuffix("\r\u{1B}[Kinterrupted\n"))
  }

  @Test func timeLeftCountsFromTheResumedStep() {
    let recorder = Recorder()
    recorder.width = 120
    let line = recorder.line(total: 1100, start: 1000)
    recorder.time += 50
    line.update(step: 1050)
    #expect(lastRow(recorder.text).contains("50s left"))
  }

  @Test func timeLeftFollowsAChangeOfSpeed() {
    let recorder = Recorder()
    recorder.width = 120
    let line = recorder.line(total: 2000)
    for step in 1...1600 {
      recorder.time += step <= 1000 ? 1 : 0.5
      line.update(step: step)
    }
    // 400 steps of half a second; the mean over the whole run would say 5m 25s.
    #expect(lastRow(recorder.text).contains("3m 2"))
  }

  @Test func colorsOnlyIfAllowed() {
    for color in [false, true] {
      let recorder = Recorder()
      recorder.line(total: 10, label: "train", color: color).update(step: 5)
      #expect(recorder.text.contains("\u{1B}[36m") == color)
    }
  }

  @Test func pipedOutputIsPlainLinesAtTenths() {
    let recorder = Recorder()
    let line = recorder.line(total: 1000, interactive: false)
    for step in 1...1000 {
      recorder.time += 0.1
      line.update(step: step, loss: 0.5)
    }
    line.finish()
    // The first step, then each tenth, ten seconds apart.
    #expect(recorder.writes.count == 11)
    #expect(!recorder.text.contains("\r") && !recorder.text.contains("\u{1B}"))
    #expect(recorder.writes.allSatisfy { $0.hasSuffix("\n") })
    #expect(recorder.writes[5].hasPrefix("500/1,000  50%  loss 0.5000  "))
    #expect(recorder.writes.last == "1,000/1,000  100%  loss 0.5000  1m 40s\n")
  }

  @Test func pipedOutputIsNeitherDenseNorSilent() {
    let fast = Recorder()
    let quick = fast.line(total: 100, interactive: false)
    for step in 1...100 {
      fast.time += 0.01
      quick.update(step: step)
    }
    #expect(fast.writes.count == 2)
    let slow = Recorder()
    let long = slow.line(total: 1_000_000, interactive: false)
    for step in 1...600 {
      slow.time += 1
      long.update(step: step)
    }
    #expect((10...11).contains(slow.writes.count))
  }

  @Test func unknownTotalHasNoBar() {
    let recorder = Recorder()
    let line = recorder.line(total: 0)
    line.update(step: 1234, loss: 2)
    #expect(lastRow(recorder.text) == "step 1,234  loss 2.000")
  }

  @Test func lossThatIsNotFiniteIsShown() {
    let recorder = Recorder()
    recorder.line(total: 0).update(step: 1, loss: .nan)
    #expect(recorder.text.contains("loss nan"))
  }

  @Test func environmentDecides() {
    func terminal(_ isTerminal: Bool, _ variables: [String: String]) -> ProgressTerminal {
      ProgressTerminal(isTerminal: isTerminal, variable: { variables[$0] })
    }
    let usual = terminal(true, ["TERM": "xterm", "LANG": "de_DE.UTF-8"])
    #expect(usual.isInteractive && usual.usesColor && usual.usesUnicode)
    #expect(!terminal(false, ["TERM": "xterm"]).isInteractive)
    #expect(!terminal(true, ["TERM": "dumb"]).isInteractive)
    #expect(!terminal(true, ["TERM": "dumb"]).usesColor)
    #expect(!terminal(true, ["TERM": "xterm", "NO_COLOR": "1"]).usesColor)
    #expect(terminal(true, ["TERM": "xterm", "NO_COLOR": ""]).usesColor)
    #expect(!terminal(true, ["TERM": "xterm", "LC_ALL": "C", "LANG": "C.UTF-8"]).usesUnicode)
  }
}
