import Foundation
import Testing

/// Runs that are trained in parts of some time each.
@Suite(.serialized, .enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct TimeLimitTests {
  @Test func partsOfARunMakeTheWholeRun() throws {
    let folder = try InterruptionTests.finished()
    let whole = try CommandLineTool.run(["status", folder.path("whole"), "--json"])
    let seconds = try CommandLineTool.decoder.decode(Elapsed.self, from: Data(whole.output.utf8))
    // A third of what the whole run took, in minutes.
    let minutes = "\(seconds.elapsedSeconds / 180)"
    var arguments = folder.training("cut", InterruptionTests.settings)
    var stops: [CommandLineTool.Result] = []
    for _ in 0..<60 where !folder.exists("cut/\(InterruptionTests.last)") {
      let part = try CommandLineTool.run(arguments + ["--max-minutes", minutes])
      try #require(part.code == 0, "\(part.errors)")
      stops.append(part)
      arguments = ["train", "--resume", folder.path("cut")]
    }
    let first = try #require(stops.first)
    #expect(stops.count > 1 && first.output.contains("time is up: stopped at step "))
    #expect(first.output.contains(" of 300 after "))
    #expect(first.output.contains("the course of the learning rate"))
    #expect(
      first.output.contains("  longwave train --resume \(folder.path("cut")) --max-minutes "))
    #expect(folder.exists("cut/report.html"))
    #expect(try #require(stops.last).output.contains("test accuracy"))
    for file in [InterruptionTests.last, "metrics.jsonl", "filters.jsonl"] {
      let isSame = try folder.bytes("cut/\(file)") == folder.bytes("whole/\(file)")
      #expect(isSame, "\(file)")
    }
    // The times of all parts are added up.
    let times = try folder.text("cut/timings.jsonl").split(separator: "\n").map {
      try CommandLineTool.decoder.decode(Elapsed.Line.self, from: Data($0.utf8)).elapsed
    }
    #expect(times == times.sorted() && (times.last ?? 0) > seconds.elapsedSeconds / 3)
  }

  struct Elapsed: Decodable {
    var elapsedSeconds: Double
    struct Line: Decodable { var elapsed: Double }
  }

  @Test func aNeuralOperatorStopsByTime() throws {
    let folder = try TemporaryFolder()
    let run = try CommandLineTool.run(
      ["pde", "train", "burgers", "--samples", "8", "--test-samples", "2", "--grid", "32"]
        + ["--save-grid", "16", "--out", folder.path("run"), "--max-minutes", "1e-6"]
        + EquationCommandTests.small)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("time is up: stopped at step 1 of "))
    #expect(run.output.contains("  longwave pde train --resume \(folder.path("run"))"))
    let status = try CommandLineTool.run(["status", folder.path("run")])
    #expect(status.output.contains("state       stopped"), "\(status.output)\(status.errors)")
  }

  @Test func wrongTimes() throws {
    for time in ["0", "-1", "nan"] {
      let run = try CommandLineTool.run(["train", "recall", "--max-minutes=\(time)"])
      #expect(run.code == 64 && run.errors.contains("--max-minutes: expected above 0"), "\(time)")
    }
  }

  @Test func statusOfARunThatIsGoingOn() throws {
    let folder = try TemporaryFolder()
    try folder.makeData()
    let settings = InterruptionTests.settings.map {
      $0.hasPrefix("training.epochs") ? "training.epochs=5000" : $0
    }
    let running = try CommandLineTool.start(folder.training("run", settings))
    defer { running.signal(SIGKILL) }
    while running.process.isRunning, !folder.exists("run/checkpoints/step-00000063.safetensors"),
      !folder.exists("run/checkpoints/best.safetensors")
    { usleep(1000) }
    let status = try CommandLineTool.run(["status", folder.path("run"), "--json"])
    let found = try CommandLineTool.decoder.decode(Status.self, from: Data(status.output.utf8))
    #expect(found.state == "running" && found.model == "sgconv" && found.task == "listops")
    #expect(found.step > 0 && found.totalSteps == 30_000 && found.epochs == 5000)
    #expect(found.parameters ?? 0 > 0 && found.process?.hasPrefix("process ") == true)
    #expect(found.elapsedSeconds > 0 && found.secondsLeft ?? 0 > 0 && found.measure == "accuracy")
    let people = try CommandLineTool.run(["status", folder.path("run")])
    for part in [
      "model       listops · sgconv, ", "state       running, process ", " of 30,000 (", "epoch ",
      "time        ", " left", "speed       ", "tokens/s", "loss        ",
    ] {
      #expect(people.output.contains(part), "\(part): \(people.output)")
    }
    // Another process may not train the same run.
    let other = try CommandLineTool.run(["train", "--resume", folder.path("run")])
    #expect(other.code == 1)
    #expect(other.errors.contains("expected a run that no process is training, got one of process"))

    running.signal(SIGKILL)
    _ = try running.wait()
    let killed = try CommandLineTool.run(["status", folder.path("run"), "--json"])
    let last = try CommandLineTool.decoder.decode(Status.self, from: Data(killed.output.utf8))
    #expect(last.state == "stopped" && last.reason == "its process ended without saying so")
    #expect(last.step >= found.step)
  }

  struct Status: Decodable {
    var state, measure: String
    var reason, process, task, model: String?
    var step: Int
    var totalSteps, parameters, epochs: Int?
    var elapsedSeconds: Double
    var secondsLeft, best, test, loss: Double?
  }

  @Test func statusOfSeveralRuns() throws {
    let folder = try TemporaryFolder()
    try folder.makeData()
    for name in ["runs/a", "runs/deep/b"] {
      #expect(try CommandLineTool.run(folder.training(name) + ["--quiet"]).code == 0)
    }
    let before = folder.files("runs")
    let table = try CommandLineTool.run(["status", folder.path("runs")])
    let lines = table.output.split(separator: "\n").map(String.init)
    #expect(table.code == 0 && lines.count == 3, "\(table.output)\(table.errors)")
    #expect(lines[0].hasPrefix("run ") && lines[0].hasSuffix("course"))
    #expect(
      lines[1].contains("runs/a ") && lines[1].contains(" finished  12 ")
        && lines[1].contains("100%"))
    #expect(lines[2].contains("runs/deep/b "))
    let json = try CommandLineTool.run(["status", folder.path("runs"), "--json"])
    let found = try json.output.split(separator: "\n").map {
      try CommandLineTool.decoder.decode(Status.self, from: Data($0.utf8))
    }
    #expect(found.count == 2 && found.allSatisfy { $0.state == "finished" && $0.step == 12 })
    #expect(found.allSatisfy { $0.test != nil && $0.best != nil && $0.secondsLeft == nil })
    // Nothing was touched, and what is no run is told.
    #expect(folder.files("runs") == before)
    let none = try CommandLineTool.run(["status", folder.path("data")])
    #expect(
      none.code == 1 && none.errors.contains("expected the folder of a run, or one with runs"))
    let missing = try CommandLineTool.run(["status", folder.path("nothing")])
    #expect(missing.code == 1 && missing.errors.contains("got no such folder"))
    // A run without status.json, as earlier versions left them, or with a damaged one.
    try folder.write("runs/a/status.json", "{")
    let old = try CommandLineTool.run(["status", folder.path("runs/a"), "--json"])
    let oldStatus = try CommandLineTool.decoder.decode(Status.self, from: Data(old.output.utf8))
    #expect(oldStatus.state == "finished" && oldStatus.totalSteps == nil && oldStatus.step == 12)
  }
}
