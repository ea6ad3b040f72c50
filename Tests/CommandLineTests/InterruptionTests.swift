import Foundation
import Testing

/// Runs that are stopped, killed, or find the disk full lose nothing that was saved.
@Suite(.serialized, .enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct InterruptionTests {
  /// Settings of a run of about a second, with many checkpoints.
  static let settings = [
    "model.channels=16", "model.layers=2", "training.epochs=50", "training.checkpointEverySteps=7",
    "training.evaluateEverySteps=60", "model.normalization=batch", "mixing.dropout=0.1",
  ]
  static let last = "checkpoints/step-00000300.safetensors"

  /// A folder with data and a run that nobody interrupted.
  static func finished() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.makeData()
    let whole = try CommandLineTool.run(folder.training("whole", settings) + ["--quiet"])
    try #require(whole.code == 0, "\(whole.errors)")
    return folder
  }

  /// Starts a run and waits until it has saved this many checkpoints, or has ended.
  static func start(
    _ arguments: [String], _ folder: TemporaryFolder, checkpoints: Int
  ) throws -> CommandLineTool.Running {
    let running = try CommandLineTool.start(arguments)
    let wanted = "step-" + String(("00000000" + String(7 * checkpoints)).suffix(8))
    while running.process.isRunning,
      (folder.files("cut/checkpoints").last { $0.hasPrefix("step-") } ?? "") < wanted
    {
      usleep(1000)
    }
    return running
  }

  func expectSameEnd(
    _ folder: TemporaryFolder, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for file in [Self.last, "checkpoints/best.safetensors", "metrics.jsonl", "filters.jsonl"] {
      let isSame = try folder.bytes("cut/\(file)") == folder.bytes("whole/\(file)")
      #expect(isSame, "\(file)", sourceLocation: sourceLocation)
    }
    #expect(
      folder.files("cut").allSatisfy { !$0.contains("partial") }, sourceLocation: sourceLocation)
  }

  @Test(arguments: [SIGINT, SIGTERM]) func aSignalStopsAfterTheStep(name: Int32) throws {
    let folder = try Self.finished()
    let running = try Self.start(folder.training("cut", Self.settings), folder, checkpoints: 3)
    // The thread that computes never takes it: oneDNN's products use the heap as their stack.
    let process = running.process.processIdentifier
    if let status = try? String(
      contentsOfFile: "/proc/\(process)/task/\(process)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigBlk:") })
    {
      let blocked = line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
      #expect(blocked >> UInt64(name - 1) & 1 == 1, "\(line)")
    }
    running.signal(name)
    let stopped = try running.wait()
    #expect(stopped.code == 0, "\(stopped.errors)")
    #expect(stopped.output.contains("go on with:"))
    #expect(stopped.output.contains("longwave train --resume \(folder.path("cut"))"))
    #expect(folder.exists("cut/report.html") && !folder.exists("cut/\(Self.last)"))
    let resumed = try CommandLineTool.run(["train", "--resume", folder.path("cut")])
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(resumed.errors.contains("going on with"))
    try expectSameEnd(folder)
    // Going on with a finished run changes nothing.
    let again = try CommandLineTool.run(["train", "--resume", folder.path("cut")])
    #expect(again.code == 0 && again.output.contains("test accuracy"))
    try expectSameEnd(folder)
  }

  @Test func killsAtRandomMoments() throws {
    let folder = try Self.finished()
    var arguments = folder.training("cut", Self.settings)
    for checkpoints in [0, 8, 20] {
      let running = try Self.start(arguments, folder, checkpoints: checkpoints)
      usleep(.random(in: 0...40_000))
      running.signal(SIGKILL)
      #expect(try running.wait().code == -SIGKILL)
      arguments = ["train", "--resume", folder.path("cut")]
    }
    let resumed = try CommandLineTool.run(arguments)
    #expect(resumed.code == 0, "\(resumed.errors)")
    try expectSameEnd(folder)
  }

  @Test func aFullDiskKeepsWhatWasSaved() throws {
    let folder = try TemporaryFolder()
    try folder.makeData()
    // The first checkpoint, without the optimiser's means, still fits; the next does not.
    let arguments = folder.training("run", ["model.channels=32", "model.layers=2"])
    let result = try CommandLineTool.run(arguments, fileBlocks: 100)
    #expect(result.code == 1)
    let parts = ["checkpoints/", ": expected ", ", got ", "File too large"]
    for part in parts { #expect(result.errors.contains(part), "\(result.errors)") }
    #expect(folder.files("run/checkpoints") == ["step-00000000.safetensors"])
    #expect(folder.files("run").allSatisfy { !$0.contains("partial") })
    let inspect = try CommandLineTool.run([
      "inspect", folder.path("run/checkpoints/step-00000000.safetensors"),
    ])
    #expect(inspect.code == 0)
    // With room again the run goes on.
    let resumed = try CommandLineTool.run(["train", "--resume", folder.path("run")])
    #expect(resumed.code == 0, "\(resumed.errors)")

    let data = try CommandLineTool.run(
      ["data", "listops", "--out", folder.path("more"), "--train", "200", "--validation", "2"]
        + ["--test", "2", "--min-length", "20", "--max-length", "100"], fileBlocks: 4)
    #expect(data.code == 1)
    #expect(data.errors.contains("File too large"), "\(data.errors)")
    #expect(folder.files("more").isEmpty)
  }

  @Test func aNewRunDoesNotReplaceAnother() throws {
    let folder = try TemporaryFolder()
    try folder.makeData()
    #expect(try CommandLineTool.run(folder.training("run")).code == 0)
    let before = try folder.bytes("run/metrics.jsonl")
    let result = try CommandLineTool.run(folder.training("run"))
    #expect(result.code == 1)
    #expect(result.errors.contains("run: expected a folder without a run, got a run"))
    #expect(result.errors.contains("--resume"))
    #expect(try folder.bytes("run/metrics.jsonl") == before)
  }

  @Test func anInfiniteLossIsToldAndKeepsCheckpoints() throws {
    let folder = try TemporaryFolder()
    try folder.makeData()
    let result = try CommandLineTool.run(
      folder.training("run", ["training.learningRate=1e30", "training.warmupSteps=0"]))
    #expect(result.code == 1)
    for part in ["step ", "expected a finite loss and gradient", "got loss", "learningRate"] {
      #expect(result.errors.contains(part), "\(result.errors)")
    }
    #expect(folder.exists("run/checkpoints/step-00000000.safetensors"))
  }
}
