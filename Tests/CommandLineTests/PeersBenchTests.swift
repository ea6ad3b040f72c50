import Foundation
import Testing

/// `longwave bench peers` with stand-ins for Python: shell scripts that say what they are told.
@Suite(.enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct PeersBenchTests {
  /// A folder with an executable `python` of these lines, and an empty `script.py`.
  func standIn(_ lines: String...) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("script.py", "")
    try folder.write("python", (["#!/bin/sh"] + lines).joined(separator: "\n") + "\n")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: folder.path("python"))
    return folder
  }

  func run(_ folder: TemporaryFolder, _ options: [String] = []) throws -> CommandLineTool.Result {
    try CommandLineTool.run(
      [
        "bench", "peers", "--python", folder.path("python"), "--script", folder.path("script.py"),
        "--threads", "1", "--shape", "2x3x40",
      ] + BenchTests.quick + options)
  }

  static let line =
    #"{"case": "conv", "system": "Abacus \"7\"", "batch": 2, "channels": 3, "length": 40"#

  @Test func ratiosOfTheShortestTimes() throws {
    // The second round is faster; the system has no gradients.
    let folder = try standIn(
      "echo \"$@\" >> \"$0.arguments\"", "t=$((600000 / $(wc -l < \"$0.arguments\")))",
      "echo '\(Self.line), \"forward_ms\": '$t', \"forward_fixed_filter_ms\": 200000}'")
    let result = try run(folder, ["--json", "--rounds", "2"])
    #expect(result.code == 0, "\(result.errors)")
    let arguments =
      "\(folder.path("script.py")) --shape 2x3x40 --threads 1 --seconds 0.0 --repeats 1\n"
    #expect(try folder.text("python.arguments") == arguments + arguments)
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    let values = try #require(object as? [String: Any])
    #expect(values["system"] as? String == "Abacus \"7\"")
    func number(_ key: String) throws -> Double { try #require(values[key] as? Double, "\(key)") }
    #expect(try number("peer_forward_ms") == 300_000)
    #expect(try number("peer_forward_fixed_filter_ms") == 200_000)
    for task in ["forward", "forward_fixed_filter"] {
      let ratio = try number("peer_\(task)_ms") / number("\(task)_ms")
      // Times are printed to four places.
      #expect(abs(try number("\(task)_ratio") / ratio - 1) < 0.1, "\(task)")
    }
    #expect(values["peer_forward_backward_ms"] == nil && values["forward_backward_ratio"] == nil)
    #expect(try number("forward_backward_ms") > 0)
  }

  @Test func tableWithMeans() throws {
    let folder = try standIn("echo '\(Self.line), \"forward_ms\": 5}'")
    let result = try run(folder, ["--rounds", "1"])
    #expect(result.code == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[2].hasSuffix("Abacus \"7\""))
    #expect(lines[3].hasPrefix("geometric mean") && lines[3].hasSuffix("Abacus \"7\""))
    // One shape: its ratio is the mean.
    let ratios = [lines[2].split(separator: " ")[5], lines[3].split(separator: " ")[2]]
    #expect(ratios[0] == ratios[1] && (Double(ratios[0]) ?? 0) > 0)
  }

  @Test func noPythonAndNoScript() throws {
    let folder = try standIn("exit 0")
    for python in [folder.path("none"), folder.path, "no-such-python"] {
      let result = try CommandLineTool.run(
        ["bench", "peers", "--python", python, "--script", folder.path("script.py")])
      BadInputTests().expectFailure(
        result, "--python \(python): expected a Python interpreter, got no executable file")
    }
    let result = try CommandLineTool.run(
      ["bench", "peers", "--python", folder.path("python"), "--script", folder.path("none.py")])
    BadInputTests().expectFailure(result, folder.path("none.py"))
  }

  @Test(arguments: [
    ("echo 'No module named torch' >&2; exit 3", "got exit code 3: No module named torch"),
    ("kill -9 $$", "got signal 9"), ("exit 0", "got no output"),
    ("echo '{\"batch\": 2'", "line 1 of its output"),
    ("echo '\(line)}'", "line 1 of its output"),
    ("echo '\(line), \"forward_ms\": -1}'", "line 1 of its output"),
    ("echo '\(line), \"forward_ms\": 1}' | sed s/40/41/", "expected the shape 2x3x40, got 2x3x41"),
  ])
  func scriptsThatFail(command: String, message: String) throws {
    let result = try run(try standIn(command), ["--json"])
    BadInputTests().expectFailure(result, message)
  }
}
