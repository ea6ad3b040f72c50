import ArgumentParser
import Foundation
import Longwave

/// `longwave status`: where runs stand.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show where runs stand, also while they are going on.",
    discussion: """
      Reads the records of a run and changes nothing. For a folder with several runs, or for several \
      folders, there is a line for each run. Runs of longwave train, longwave pde train and longwave \
      compare are alike. The time that remains is that of the steps that remain at the speed so far.

      Examples:
        longwave status runs/first
        longwave status runs --json
      """)

  @Argument(help: ArgumentHelp("Folders of runs, or folders that hold them.", valueName: "run"))
  var paths: [String] = ["runs"]

  @Flag(help: "Print one JSON object a line for each run.")
  var json = false

  func run() throws {
    var folders: [RunFolder] = []
    for path in paths {
      let found = RunStatus.runs(in: path)
      guard !found.isEmpty else {
        throw RunError(
          place: path, expected: "the folder of a run, or one with runs in it",
          got: FileManager.default.fileExists(atPath: path) ? "none" : "no such folder")
      }
      folders += found
    }
    let statuses = try folders.map { try RunStatus($0) }
    if json {
      for status in statuses { print(try status.jsonLine) }
    } else if let status = statuses.first, statuses.count == 1 {
      for (name, value) in status.lines {
        print(name.padding(toLength: 12, withPad: " ", startingAt: 0) + value)
      }
    } else {
      print(Self.table(statuses))
    }
  }

  /// A line for each run under a heading.
  private static func table(_ statuses: [RunStatus]) -> String {
    let head = ["run", "state", "step", "done", "used", "left", "loss", "best", "course"]
    let rows = statuses.map { status in
      [
        status.folder.path, status.condition.rawValue, "\(status.step)",
        status.fraction.map { NumberFormat.percent($0, places: 0) } ?? "–",
        DurationFormat.wholeText(seconds: status.elapsedSeconds),
        status.secondsLeft.map { DurationFormat.wholeText(seconds: $0) } ?? "–",
        status.losses.last.map { NumberFormat.significant($0.value) } ?? "–",
        status.best.map { status.text($0.value) } ?? "–",
        Sparkline.text(status.losses.map(\.value), width: 16),
      ]
    }
    let widths = head.indices.map { column in
      ([head] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([head] + rows).map { row in
      zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
        .joined(separator: "  ").trimmingCharacters(in: .whitespaces)
    }.joined(separator: "\n")
  }
}

extension RunStatus {
  /// How much of the run is done.
  fileprivate var fraction: Double? {
    totalSteps.map { Double(step) / Double(max(1, $0)) }
  }

  /// A result for people.
  fileprivate func text(_ value: Double) -> String {
    isScoredByAccuracy ? NumberFormat.percent(value) : NumberFormat.significant(value)
  }

  private func minutes(_ seconds: Double) -> String { DurationFormat.wholeText(seconds: seconds) }

  /// Names and values for people.
  fileprivate var lines: [(String, String)] {
    var lines = [("run", folder.path)]
    let learned = [task, model].compactMap { $0 }.joined(separator: " · ")
    let size = parameters.map { ", \(NumberFormat.grouped($0)) parameters" } ?? ""
    lines.append(("model", learned + size))
    var state = condition.rawValue
    if condition == .running, let process { state += ", \(process)" }
    if let reason { state += ": \(reason)" }
    if let age = secondsSinceUpdate { state += " (told \(minutes(age)) ago)" }
    lines.append(("state", state))
    var steps = NumberFormat.grouped(step)
    if let totalSteps, let fraction {
      steps +=
        " of \(NumberFormat.grouped(totalSteps)) (\(NumberFormat.percent(fraction, places: 0)))"
    }
    if let epoch { steps += ", epoch \(epoch)" + (epochs.map { " of \($0)" } ?? "") }
    lines.append(("step", steps))
    var time = "\(minutes(elapsedSeconds)) used"
    if let secondsLeft { time += ", \(minutes(secondsLeft)) left" }
    if let secondsToLimit { time += ", stops by --max-minutes in \(minutes(secondsToLimit))" }
    lines.append(("time", time))
    if let amountPerSecond {
      let unit = task == nil ? "samples" : "tokens"
      lines.append(("speed", "\(NumberFormat.compact(amountPerSecond)) \(unit)/s"))
    }
    if let last = losses.last {
      lines.append(
        ("loss", "\(NumberFormat.significant(last.value))  \(Sparkline.text(losses.map(\.value)))"))
    }
    if let last = results.last {
      lines.append(
        ("validation", "\(measure) \(text(last.value))  \(Sparkline.text(results.map(\.value)))"))
    }
    if let best { lines.append(("best", "\(measure) \(text(best.value)) at step \(best.step)")) }
    if let test { lines.append(("test", "\(measure) \(text(test))")) }
    return lines
  }

  /// One line of JSON; what is not known is left out.
  fileprivate var jsonLine: String {
    get throws {
      struct Line: Encodable {
        var run, state, measure: String
        var reason, process, task, model: String?
        var parameters, totalSteps, epoch, epochs: Int?
        var step: Int
        var elapsedSeconds: Double
        var secondsLeft, secondsToLimit, secondsSinceUpdate, amountPerSecond: Double?
        var loss, validation, best, test: Double?
        var bestStep: Int?
      }
      func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let line = Line(
        run: folder.path, state: condition.rawValue, measure: measure, reason: reason,
        process: process, task: task, model: model, parameters: parameters,
        totalSteps: totalSteps, epoch: epoch, epochs: epochs, step: step,
        elapsedSeconds: elapsedSeconds, secondsLeft: secondsLeft, secondsToLimit: secondsToLimit,
        secondsSinceUpdate: secondsSinceUpdate, amountPerSecond: amountPerSecond,
        loss: finite(losses.last?.value), validation: finite(results.last?.value),
        best: finite(best?.value), test: finite(test), bestStep: best?.step)
      return String(decoding: try encoder.encode(line), as: UTF8.self)
    }
  }
}
