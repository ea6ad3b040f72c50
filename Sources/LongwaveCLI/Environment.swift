import Foundation
import Longwave

/// What a run was made with, for its report.
enum RunEnvironment {
  static var entries: [(String, String)] {
    [
      ("Longwave", LongwaveCommand.version), ("processor", processor),
      ("processors", "\(Parallel.processorCount)"), ("threads", "\(Parallel.threadCount)"),
      ("instruction set", Parallel.instructionSet),
      ("system", ProcessInfo.processInfo.operatingSystemVersionString),
      ("finished", ISO8601DateFormatter().string(from: Date())),
      ("command", commandLine),
    ]
  }

  static var commandLine: String {
    (["longwave"] + CommandLine.arguments.dropFirst()).map(quoted).joined(separator: " ")
  }

  /// An argument as a shell would take it.
  static func quoted(_ argument: String) -> String {
    let plain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./=,:+".contains($0) }
    return plain && !argument.isEmpty
      ? argument : "'" + argument.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }

  static var processor: String {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("model name") }),
      let colon = line.firstIndex(of: ":")
    else { return "unknown" }
    return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
  }
}
