import Foundation
import Testing

/// Runs are distilled, used and trained on, through the program.
@Suite(.enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct DistillCommandTests {
  static func distill(
    _ folder: TemporaryFolder, _ options: [String], run: String = "run", out: String = "small"
  ) throws -> CommandLineTool.Result {
    try CommandLineTool.run(
      ["distill", folder.path(run), "--out", folder.path(out), "--threads", "1"] + options)
  }

  struct Record: Decodable {
    struct Layer: Decodable {
      var order: Int
      var relativeL2Error, outputErrorBound, largestRadius: Double
    }
    struct Answers: Decodable { var largest: Double }
    var layers: [Layer]
    var originalLoss, loss: Double
    var answers: Answers
  }

  static func record(_ folder: TemporaryFolder, _ name: String = "small") throws -> Record {
    try JSONDecoder().decode(Record.self, from: Data(folder.bytes("\(name)/distillation.json")))
  }

  /// Train, generate, distil, evaluate, generate, train on, evaluate.
  @Test func aLanguageModelThroughAllCommands() throws {
    let folder = try TemporaryFolder()
    try GenerationCommandTests.train(folder)
    let result = try Self.distill(folder, ["--error", "1e-2"])
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("block 1") && result.output.contains("validation loss "))
    #expect(result.errors.contains("block 0: 4 channels, order "))
    let record = try Self.record(folder)
    #expect(record.layers.count == 2)
    for layer in record.layers {
      #expect(layer.relativeL2Error <= 1e-2 && layer.order > 0 && layer.largestRadius < 1)
    }
    #expect(abs(record.loss / record.originalLoss - 1) < 0.01 && record.answers.largest > 0)
    let page = try folder.text("small/report.html")
    for part in [
      "Distillation", "Error by layer", "Hankel singular values", "in the unit disc",
      "Speed of generation",
    ] {
      #expect(page.contains(part), "\(part)")
    }

    let evaluate = try CommandLineTool.run(["evaluate", folder.path("small"), "--json"])
    #expect(evaluate.code == 0 && evaluate.output.contains("\"loss\""), "\(evaluate.errors)")
    let text = try GenerationCommandTests.generate(folder.path("small"))
    #expect(text.code == 0 && text.errors.contains("recurrence: "), "\(text.errors)")
    for method in ["online", "recompute"] {
      let other = try GenerationCommandTests.generate(folder.path("small"), ["--method", method])
      #expect(other.output == text.output, "\(method)")
    }
    let inspect = try CommandLineTool.run([
      "inspect", folder.path("small/checkpoints/best.safetensors"),
    ])
    #expect(inspect.output.contains("model.blocks.0.mixing.mixer.filter.poles"))
    #expect(!inspect.output.contains("filter.network"), "\(inspect.output)")

    let tuned = try CommandLineTool.run([
      "train", "--resume", folder.path("small"), "--threads", "1",
    ])
    #expect(tuned.code == 0 && tuned.output.contains("test loss"), "\(tuned.errors)")
    #expect(try folder.text("small/report.html").contains("Hankel singular values"))
    #expect(folder.files("small/checkpoints").count > 1)
    #expect(try GenerationCommandTests.generate(folder.path("small")).code == 0)
    // Poles were trained.
    let newest = try #require(
      folder.files("small/checkpoints").last { $0.hasPrefix("step-") })
    #expect(newest != "step-00000000.safetensors")
    let after = try CommandLineTool.run([
      "inspect", folder.path("small/checkpoints/\(newest)"),
    ])
    func poles(_ text: String) -> Substring? {
      text.split(separator: "\n").first { $0.contains("filter.poles") }
    }
    #expect(poles(after.output) != nil && poles(after.output) != poles(inspect.output))

    // A distilled model has nothing left to distil.
    let again = try Self.distill(folder, ["--order", "2"], run: "small", out: "again")
    #expect(again.code == 1 && again.errors.contains("recurrences already"), "\(again.errors)")
    #expect(!folder.exists("again"))
  }

  @Test func everyMethodAndAnyHead() throws {
    let folder = try TemporaryFolder()
    try GenerationCommandTests.train(folder, model: "sgconv", settings: ["filter.kernelSize=4"])
    for (index, method) in ["automatic", "era", "balanced", "prony", "rational", "modal"]
      .enumerated()
    {
      let result = try Self.distill(
        folder,
        ["--order", "6", "--head", "\(index)", "--method", method, "--no-speed", "--quiet"],
        out: method)
      #expect(result.code == 0, "\(method): \(result.errors)")
      #expect(try Self.record(folder, method).layers.allSatisfy { $0.order <= 6 })
      #expect(
        try GenerationCommandTests.generate(folder.path(method)).errors.contains("recurrence"))
    }
  }

  @Test func aClassifierStaysOne() throws {
    let folder = try TemporaryFolder()
    try folder.makeData()
    let train = try CommandLineTool.run(folder.training("run") + ["--quiet"])
    try #require(train.code == 0, "\(train.errors)")
    let result = try Self.distill(folder, ["--order", "4"])
    #expect(result.code == 0, "\(result.errors)")
    for arguments in [
      ["evaluate", folder.path("small")], ["train", "--resume", folder.path("small"), "--quiet"],
    ] {
      let next = try CommandLineTool.run(arguments)
      #expect(next.code == 0 && next.output.contains("test accuracy"), "\(next.errors)")
    }
    let predict = try CommandLineTool.run(
      ["predict", folder.path("small")], input: "[MAX 4 [MIN 7 2 ] 1 ]\n")
    #expect(predict.code == 0 && predict.output.contains("\t"), "\(predict.errors)")
  }

  @Test func analysisWritesOnlyItsPicture() throws {
    let folder = try TemporaryFolder()
    try GenerationCommandTests.train(folder, model: "longconv")
    for name in ["hankel.svg", "hankel.png"] {
      let result = try Self.distill(folder, ["--analyse"], out: name)
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.output.contains("least order of any recurrence"))
      #expect(try folder.bytes(name).count > 1000)
    }
    #expect(try folder.text("hankel.svg").contains("Lower bound of the error"))
    #expect(
      Set(folder.files("").filter { !$0.contains("/") }) == [
        "book.txt", "hankel.png", "hankel.svg", "run",
      ])
    let wrong = try Self.distill(folder, ["--analyse"], out: "hankel.txt")
    #expect(wrong.code == 1 && wrong.errors.contains(".png or .svg"))
    #expect(!folder.exists("hankel.txt"))
  }

  @Test func badInputWritesNothing() throws {
    let folder = try TemporaryFolder()
    try GenerationCommandTests.train(folder)
    for (options, code, message) in [
      (["--order", "40"], Int32(1), "expected an order from 1 to the 31 taps, got 40"),
      (["--order", "4", "--head", "99"], 1, "expected a head of 0 to 31"),
      (["--error", "1e-9", "--largest-order", "1"], 1, "expected a relative error of 1e-09"),
      (["--order", "0"], 64, "--order: expected at least 1, got 0"),
      (["--error=-1"], 64, "--error: expected a number above 0"),
      ([], 64, "expected one of --error and --order"),
      (["--order", "2", "--error", "1"], 64, "expected one of --error and --order"),
    ] {
      let result = try Self.distill(folder, options)
      #expect(result.code == code && result.output.isEmpty, "\(options): \(result.output)")
      #expect(result.errors.contains(message), "\(options): \(result.errors)")
      #expect(!folder.exists("small"))
    }
    let taken = try Self.distill(folder, ["--order", "2"], out: "run")
    #expect(taken.code == 1 && taken.errors.contains("expected a folder without a run"))

    // A filter that looks ahead.
    try folder.makeData()
    let train = try CommandLineTool.run(
      folder.training("both", ["filter.isBidirectional=true"]) + ["--quiet"])
    try #require(train.code == 0, "\(train.errors)")
    let both = try Self.distill(folder, ["--order", "2"], run: "both")
    #expect(both.code == 1 && both.errors.contains("expected a causal filter"), "\(both.errors)")
    #expect(!folder.exists("small"))
  }
}
