/// One line on the terminal that shows how far a long task is and how well it goes.
///
/// On a terminal the line is redrawn in place, at most ten times a second. Elsewhere (a pipe, a
/// file, `TERM=dumb`) plain lines are written: one at every tenth of the way if some seconds have
/// passed since the last one, and one a minute otherwise.
///
/// ```swift
/// let progress = ProgressLine(total: 20_000, label: "train")
/// progress.update(step: 1, loss: 2.31)
/// progress.message("checkpoint written")
/// progress.finish()
/// ```
///
/// A line belongs to one thread. Create it when the task begins: the time left is estimated from
/// that moment on.
public final class ProgressLine {
  /// The least number of seconds between two redraws on a terminal.
  static let redrawInterval = 0.1
  /// The least number of seconds between two plain lines.
  static let plainInterval = 3.0
  /// The number of seconds after which a plain line is written in any case.
  static let plainHeartbeat = 60.0

  private let total: Int
  private let label: String
  private let unit: String
  private let terminal: ProgressTerminal
  private let clock: () -> Double
  private let output: (String) -> Void
  private var estimate: ProgressEstimate
  private var state = ProgressState()
  private var hasState = false
  private var isOnScreen = false
  private var isFinished = false
  private var lastDrawn: Double
  private var lastPlainStep: Int?

  /// Creates a line; nothing is written before the first update.
  ///
  /// - Parameters:
  ///   - total: The number of steps of the whole task; zero or less if it is unknown.
  ///   - start: The step from which this run goes on, not zero after a resume.
  ///   - label: A word in front of the line.
  ///   - unit: What the speed counts.
  ///   - terminal: Where the line goes and what that can show.
  ///   - clock: Seconds from any origin that never go back.
  ///   - output: Writes a text as it is.
  public init(
    total: Int, startingAt start: Int = 0, label: String = "", unit: String = "tok",
    terminal: ProgressTerminal = .standardError(),
    clock: @escaping () -> Double = ProgressTerminal.monotonicSeconds,
    output: @escaping (String) -> Void = ProgressTerminal.writeToStandardError
  ) {
    self.total = total
    self.label = label
    self.unit = unit
    self.terminal = terminal
    self.clock = clock
    self.output = output
    let now = clock()
    estimate = ProgressEstimate(step: start, time: now)
    lastDrawn = -.infinity
  }

  /// Notes how far the task is, and redraws the line if it is time to.
  ///
  /// - Parameters:
  ///   - step: The number of steps done.
  ///   - loss: The present loss.
  ///   - accuracy: The present accuracy, from 0 to 1.
  ///   - tokensPerSecond: The present speed.
  public func update(
    step: Int, loss: Double? = nil, accuracy: Double? = nil, tokensPerSecond: Double? = nil
  ) {
    guard !isFinished else { return }
    let now = clock()
    state.step = step
    state.loss = loss
    state.accuracy = accuracy
    state.tokensPerSecond = tokensPerSecond
    hasState = true
    estimate.record(step: step, time: now)
    if terminal.isInteractive {
      if now - lastDrawn >= Self.redrawInterval { draw(now) }
    } else if isPlainLineDue(now) {
      writePlain(now)
    }
  }

  /// Writes a whole line of text above the progress line.
  ///
  /// - Parameter text: The text, without a line break at its end.
  public func message(_ text: String) {
    guard isOnScreen else {
      output(text + "\n")
      return
    }
    // One write, so that nothing can come between clearing and drawing again.
    output("\r\u{1B}[K" + text + "\n" + rendered(clock()))
  }

  /// Ends the line: the last state stays on screen with the time that was needed.
  ///
  /// - Parameter text: A text to leave in place of the last state.
  public func finish(_ text: String? = nil) {
    guard !isFinished else { return }
    isFinished = true
    let clear = isOnScreen ? "\r\u{1B}[K" : ""
    isOnScreen = false
    if let text {
      output(clear + text + "\n")
    } else if hasState, terminal.isInteractive {
      output(clear + rendered(clock()) + "\n")
    } else if hasState, lastPlainStep != state.step {
      writePlain(clock())
    }
  }

  private func draw(_ now: Double) {
    lastDrawn = now
    // Erasing what is behind the new text, not before it, keeps the line from flickering.
    output("\r" + rendered(now) + "\u{1B}[K")
    isOnScreen = true
  }

  private func rendered(_ now: Double) -> String {
    // Text in the last column would make some terminals begin a new line.
    let width = max(terminal.width() - 1, 1)
    return ProgressLayout(total: total, label: label, terminal: terminal, unit: unit)
      .line(state, time: timeText(now), width: width)
  }

  private func isPlainLineDue(_ now: Double) -> Bool {
    guard let last = lastPlainStep else { return true }
    if total > 0, state.step >= total { return last < total }
    let waited = now - lastDrawn
    if waited >= Self.plainHeartbeat { return true }
    guard waited >= Self.plainInterval, total > 0 else { return false }
    // Tenths are counted in Double, where no number of steps can overflow.
    let tenth = { (step: Int) in (Double(step) * 10 / Double(self.total)).rounded(.down) }
    return tenth(state.step) > tenth(last)
  }

  private func writePlain(_ now: Double) {
    lastDrawn = now
    lastPlainStep = state.step
    let text = ProgressLayout(total: total, label: label, terminal: terminal, unit: unit)
      .plainLine(state, time: timeText(now))
    output(text + "\n")
  }

  private func timeText(_ now: Double) -> String {
    if isFinished || (total > 0 && state.step >= total) {
      return DurationFormat.text(seconds: max(now - estimate.startTime, 0))
    }
    guard total > 0, let seconds = estimate.secondsLeft(until: total) else { return "" }
    return DurationFormat.wholeText(seconds: seconds) + " left"
  }
}
