import Foundation
import Testing

/// The built `longwave`, beside the test bundle.
enum CommandLineTool {
  static let path: String = {
    let bundle = CommandLine.arguments.first ?? ""
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().path + "/longwave"
  }()

  static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: path) }

  static let absence: Comment = "longwave is not built beside the tests: swift build first"

  /// Reads what the program prints as JSON, with keys in snake case.
  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  /// What a finished process left.
  struct Result {
    /// The exit code; minus the signal's number if a signal ended the process.
    var code: Int32
    var output: String
    var errors: String
  }

  /// A running process; its output goes to files, so that no pipe can fill up.
  final class Running {
    let process = Process()
    private let folder: TemporaryFolder

    init(
      _ executable: String, _ arguments: [String], input: [UInt8],
      environment: [String: String] = [:]
    ) throws {
      folder = try TemporaryFolder()
      // Tests leave nothing in the user's cache.
      process.environment = ProcessInfo.processInfo.environment
        .merging(["LONGWAVE_CACHE": folder.path("cache")]) { $1 }.merging(environment) { $1 }
      func file(_ name: String, _ contents: [UInt8] = []) throws -> FileHandle {
        let path = folder.path(name)
        try #require(FileManager.default.createFile(atPath: path, contents: Data(contents)))
        return try #require(FileHandle(forUpdatingAtPath: path))
      }
      process.executableURL = URL(fileURLWithPath: executable)
      process.arguments = arguments
      process.standardInput = try file("input", input)
      process.standardOutput = try file("output")
      process.standardError = try file("errors")
      // Tests run on threads that block signals, and a child inherits what its parent blocks.
      var (none, blocked) = (sigset_t(), sigset_t())
      sigemptyset(&none)
      pthread_sigmask(SIG_SETMASK, &none, &blocked)
      defer { pthread_sigmask(SIG_SETMASK, &blocked, nil) }
      try process.run()
    }

    func signal(_ name: Int32) { kill(process.processIdentifier, name) }

    func wait() throws -> Result {
      process.waitUntilExit()
      let status = process.terminationStatus
      return Result(
        code: process.terminationReason == .uncaughtSignal ? -status : status,
        output: try folder.text("output"), errors: try folder.text("errors"))
    }
  }

  static func start(_ arguments: [String], input: [UInt8] = []) throws -> Running {
    try Running(path, arguments, input: input)
  }

  static func run(_ arguments: [String], input: [UInt8] = []) throws -> Result {
    try start(arguments, input: input).wait()
  }

  static func run(
    _ arguments: [String], environment: [String: String]
  ) throws -> Result {
    try Running(path, arguments, input: [], environment: environment).wait()
  }

  static func run(_ arguments: [String], input: String) throws -> Result {
    try run(arguments, input: Array(input.utf8))
  }

  /// Runs in a shell that lets files grow to so many blocks of 512 bytes.
  static func run(_ arguments: [String], fileBlocks: Int) throws -> Result {
    try Running(
      "/bin/sh", ["-c", "ulimit -f \(fileBlocks); exec \"$@\"", "sh", path] + arguments, input: []
    ).wait()
  }
}

/// A folder that goes away with its last reference.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/longwave-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func path(_ name: String) -> String { "\(path)/\(name)" }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try #require(FileManager.default.contents(atPath: path(name)), "no file \(name)"))
  }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let folder = URL(fileURLWithPath: path(name)).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try #require(FileManager.default.createFile(atPath: path(name), contents: Data(bytes)))
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// Every file below the folder, hidden ones included, sorted.
  func files(_ name: String) -> [String] {
    (FileManager.default.subpaths(atPath: path(name)) ?? []).sorted()
  }

  /// Makes a small ListOps set in `data`.
  func makeData() throws {
    let result = try CommandLineTool.run([
      "data", "listops", "--out", path("data"), "--seed", "3", "--train", "24", "--validation",
      "8", "--test", "8", "--min-length", "4", "--max-length", "40", "--max-args", "4",
    ])
    try #require(result.code == 0, "\(result.errors)")
  }

  /// The arguments of a small run in a folder of this name.
  func training(_ name: String, _ settings: [String] = [], data: String = "data") -> [String] {
    let all =
      [
        "model.channels=4", "model.layers=1", "filter.kernelSize=4", "filter.maximumLength=32",
        "data.maximumLength=32", "training.epochs=2", "training.batchSize=4",
        "training.logEverySteps=2",
      ] + settings
    return ["train", "listops", "--data", path(data), "--out", path(name), "--threads", "1"]
      + all.flatMap { ["--set", $0] }
  }
}
