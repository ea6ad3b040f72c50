import Foundation
import Longwave

/// A script in Python that times other systems and prints one JSON object a line.
struct PeerProgram {
  private let python: String
  private let script: String

  /// What the script says about one system.
  struct Line: Decodable {
    var system: String?
    var batch, channels, length: Int
    var times: [ConvolutionTask: Double]

    private struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(_ name: String) { stringValue = name }
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      system = try container.decodeIfPresent(String.self, forKey: Key("system"))
      batch = try container.decode(Int.self, forKey: Key("batch"))
      channels = try container.decode(Int.self, forKey: Key("channels"))
      length = try container.decode(Int.self, forKey: Key("length"))
      times = [:]
      for task in ConvolutionTask.allCases {
        times[task] = try container.decodeIfPresent(Double.self, forKey: Key(task.key))
      }
    }
  }

  /// - Throws: `RunError` if there is no such Python or script.
  init(python: String, script: String) throws {
    self.python = try Self.located(python)
    self.script = script
    guard FileManager.default.isReadableFile(atPath: script) else {
      throw RunError(
        place: script, expected: "a script that times other systems (--script)",
        got: "no readable file")
    }
  }

  /// The path of an executable; a name without a slash is looked up as a shell would.
  private static func located(_ python: String) throws -> String {
    let search = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let candidates =
      python.contains("/") ? [python] : search.split(separator: ":").map { "\($0)/\(python)" }
    for path in candidates {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
        FileManager.default.isExecutableFile(atPath: path)
      {
        return path
      }
    }
    throw RunError(
      place: "--python \(python)", expected: "a Python interpreter",
      got: "no executable file\(python.contains("/") ? "" : " of this name in PATH")")
  }

  /// Runs the script for one shape.
  ///
  /// - Throws: `RunError` if the script fails, or prints something else than times of the shape.
  func run(_ shape: BenchShape, _ measurement: MeasurementOptions) throws -> [Line] {
    let output = try output([
      script, "--shape", shape.description, "--threads", "\(Parallel.threadCount)", "--seconds",
      "\(measurement.seconds)", "--repeats", "\(measurement.repeats)",
    ])
    let lines = try output.split(separator: "\n").enumerated().map { number, text in
      guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)),
        line.times.values.allSatisfy({ $0 > 0 && $0.isFinite }), !line.times.isEmpty
      else {
        throw RunError(
          place: "\(script), line \(number + 1) of its output",
          expected: "a JSON object with batch, channels, length and times in milliseconds",
          got: text.prefix(80).debugDescription)
      }
      guard BenchShape(line.batch, line.channels, line.length) == shape else {
        throw RunError(
          place: "\(script), line \(number + 1) of its output", expected: "the shape \(shape)",
          got: "\(BenchShape(line.batch, line.channels, line.length))")
      }
      return line
    }
    guard !lines.isEmpty else {
      throw RunError(
        place: script, expected: "a JSON object for each system", got: "no output")
    }
    return lines
  }

  /// What the script prints; it writes to files, so that no pipe can fill up.
  private func output(_ arguments: [String]) throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("longwave-peers-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func file(_ name: String) throws -> (url: URL, handle: FileHandle) {
      let url = folder.appendingPathComponent(name)
      try Data().write(to: url)
      return (url, try FileHandle(forWritingTo: url))
    }
    let (output, errors) = (try file("output"), try file("errors"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output.handle
    process.standardError = errors.handle
    do {
      try Interrupt.begin(process)
    } catch {
      throw RunError(place: python, expected: "a program that starts", got: "\(error)")
    }
    // The script has a process group of its own: Ctrl-C has to be passed on.
    while process.isRunning {
      if Interrupt.isRequested { process.terminate() }
      usleep(20_000)
    }
    process.waitUntilExit()
    if Interrupt.isRequested { throw Interrupted() }
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let said = String(decoding: (try? Data(contentsOf: errors.url)) ?? Data(), as: UTF8.self)
      let last = said.split(separator: "\n").last.map { ": \($0)" } ?? ""
      let kind = process.terminationReason == .exit ? "exit code" : "signal"
      throw RunError(
        place: "\(python) \(script)", expected: "times of other systems",
        got: "\(kind) \(process.terminationStatus)\(last)")
    }
    return String(decoding: try Data(contentsOf: output.url), as: UTF8.self)
  }
}

/// The user has stopped a measurement.
struct Interrupted: Error, CustomStringConvertible {
  let description = "interrupted"
}
