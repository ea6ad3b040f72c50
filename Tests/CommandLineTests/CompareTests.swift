import Foundation
import Testing

/// Several models with one budget of time.
@Suite(.serialized, .enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct CompareTests {
  /// A comparison of tiny models.
  static func arguments(
    _ models: String, _ out: String, budget: String = "1s", _ settings: [String] = []
  ) -> [String] {
    let all =
      [
        "model.channels=4", "model.layers=1", "training.batchSize=4", "source.trainingExamples=40",
        "source.validationExamples=8", "source.testExamples=8", "source.sequenceLength=20",
      ] + settings
    return ["compare", "--models", models, "--task", "recall", "--budget", budget, "--out", out]
      + ["--threads", "1"] + all.flatMap { ["--set", $0] }
  }

  struct Report: Decodable {
    struct Point: Decodable {
      var step: Int
      var seconds, loss: Double?
      var value: Double
    }
    struct Entry: Decodable {
      var model, state, measure: String
      var parameters, plannedSteps: Int?
      var steps: Int
      var seconds: Double
      var test: Double?
      var best, last: Point?
      var evaluations: [Point]
      var settings: [String: String]
      var failure: String?
    }
    var task: String
    var budgetSeconds: Double
    var environment: [String: String]
    var models: [Entry]
  }

  static func report(_ folder: TemporaryFolder, _ name: String) throws -> Report {
    try CommandLineTool.decoder.decode(
      Report.self, from: Data(folder.bytes("\(name)/comparison.json")))
  }

  @Test func trainsEachWithItsTime() throws {
    let folder = try TemporaryFolder()
    let arguments = Self.arguments(
      "hyena,long-conv,MultiResConv", folder.path("c"),
      ["hyena:filter.implicit.width=8", "multires:filter.kernelSize=3"])
    let run = try CommandLineTool.run(arguments)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("report      \(folder.path("c"))/report.html"))
    let report = try Self.report(folder, "c")
    #expect(report.task == "recall" && report.budgetSeconds == 1)
    #expect(report.models.map(\.model) == ["hyena", "longconv", "multires"])
    for entry in report.models {
      #expect(entry.state == "finished" && entry.measure == "accuracy" && entry.failure == nil)
      #expect(entry.steps > 0 && entry.parameters ?? 0 > 0 && entry.test != nil)
      // One step may end after the time.
      #expect(entry.seconds > 0.3 && entry.seconds < 2.5, "\(entry.model) \(entry.seconds)")
      #expect(entry.plannedSteps ?? 0 >= entry.steps)
      #expect(entry.evaluations.count > 2 && entry.evaluations.allSatisfy { $0.seconds != nil })
      #expect(entry.best?.value == entry.evaluations.map(\.value).max())
      #expect(entry.last?.step == entry.steps)
      let evaluate = try CommandLineTool.run([
        "evaluate", folder.path("c/\(entry.model)"), "--json",
      ])
      #expect(evaluate.code == 0, "\(evaluate.errors)")
      struct Result: Decodable { var accuracy: Double }
      let result = try CommandLineTool.decoder.decode(Result.self, from: Data(evaluate.output.utf8))
      #expect(result.accuracy == entry.test)
    }
    #expect(report.models[0].settings["filter.implicit.width"] == "8")
    #expect(report.models[2].settings["filter.kernelSize"] == "3")
    let page = try folder.text("c/report.html")
    for text in [
      "Comparison · recall", "accuracy against time", "accuracy against steps",
      "Best accuracy against parameters", "Validation loss against time", "multires",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    let status = try CommandLineTool.run(["status", folder.path("c")])
    #expect(status.output.split(separator: "\n").count == 4, "\(status.output)")

    // The same command changes nothing; another model is added; other settings are refused.
    let before = try folder.bytes("c/hyena/metrics.jsonl")
    let again = try CommandLineTool.run(arguments)
    #expect(again.code == 0, "\(again.errors)")
    #expect(try folder.bytes("c/hyena/metrics.jsonl") == before)
    let more = try CommandLineTool.run(
      Self.arguments("s4d", folder.path("c"), ["filter.stateSize=4"]))
    #expect(more.code == 0, "\(more.errors)")
    #expect(
      try Self.report(folder, "c").models.map(\.model) == [
        "hyena", "longconv", "multires", "s4d",
      ])
    let other = try CommandLineTool.run(Self.arguments("hyena", folder.path("c"), budget: "2s"))
    #expect(other.code == 1)
    #expect(other.errors.contains("expected a budget of seconds 1.0"), "\(other.errors)")
    let seed = try CommandLineTool.run(
      Self.arguments("longconv", folder.path("c"), ["training.seed=4"]))
    #expect(seed.code == 1 && seed.errors.contains("longconv: training.seed"), "\(seed.errors)")
  }

  @Test func goesOnAfterAnInterruption() throws {
    let folder = try TemporaryFolder()
    let arguments = Self.arguments(
      "sgconv,longconv", folder.path("c"), budget: "3s", ["training.checkpointEverySteps=5"])
    let running = try CommandLineTool.start(arguments)
    while running.process.isRunning, !folder.exists("c/longconv/checkpoints/best.safetensors") {
      usleep(2000)
    }
    running.signal(SIGINT)
    let stopped = try running.wait()
    #expect(stopped.code == 0, "\(stopped.errors)")
    #expect(stopped.output.contains("stopped; go on by the same command:"), "\(stopped.output)")
    let half = try Self.report(folder, "c")
    #expect(half.models.map(\.state) == ["finished", "stopped"])
    let first = try folder.bytes("c/sgconv/metrics.jsonl")
    let going = try CommandLineTool.run(arguments)
    #expect(
      going.code == 0 && going.errors.contains("longconv: going on at step"), "\(going.errors)")
    let whole = try Self.report(folder, "c")
    #expect(whole.models.map(\.state) == ["finished", "finished"])
    #expect(try folder.bytes("c/sgconv/metrics.jsonl") == first)
    #expect(whole.models[1].steps > half.models[1].steps && whole.models[1].seconds < 4.5)
  }

  @Test func aModelThatFailsLeavesTheOthers() throws {
    let folder = try TemporaryFolder()
    let run = try CommandLineTool.run(
      Self.arguments(
        "sgconv,longconv", folder.path("c"),
        [
          "sgconv:training.learningRate=1e30", "training.warmupSteps=0", "training.epochs=40",
          "training.clipNorm=null",
        ]))
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("sgconv      could not be trained: loss"), "\(run.output)")
    let report = try Self.report(folder, "c")
    #expect(report.models[0].failure != nil && report.models[1].test != nil)
    // What was said by --set stays.
    #expect(report.models[1].plannedSteps == 400)
  }

  @Test func wrongUsage() throws {
    func errors(_ arguments: [String]) throws -> String {
      let run = try CommandLineTool.run(arguments)
      #expect(run.code == 64, "\(arguments)")
      return run.errors
    }
    let base = ["compare", "--task", "recall", "--models"]
    #expect(try errors(base + ["s4d,gpt", "--budget", "1m"]).contains("got gpt"))
    #expect(try errors(base + ["s4d,S4D", "--budget", "1m"]).contains("expected different models"))
    for budget in ["5", "0m", "m", "-1s"] {
      #expect(try errors(base + ["s4d", "--budget=\(budget)"]).contains("--budget: expected"))
    }
    #expect(
      try errors(base + ["s4d,hyena", "--budget", "1m", "--set", "hyena:training.seed=3"])
        .contains("--set hyena: expected the same data and seed for all models"))
    #expect(
      try errors(["compare", "--models", "s4d", "--budget", "1m"]).contains("task: expected"))
  }
}
