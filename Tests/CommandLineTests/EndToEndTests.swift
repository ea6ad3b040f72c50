import Foundation
import Testing

/// The commands in the order in which a person uses them.
@Suite(.enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct EndToEndTests {
  @Test func fromDataToPredictions() throws {
    let folder = try TemporaryFolder()
    try folder.makeData()
    #expect(folder.files("data") == ["basic_test.tsv", "basic_train.tsv", "basic_val.tsv"])

    let train = try CommandLineTool.run(folder.training("run"))
    #expect(train.code == 0, "\(train.errors)")
    #expect(train.output.contains("test accuracy") && train.output.contains("report.html"))
    #expect(train.errors.contains("24 training, 8 validation, 8 test sequences"))
    #expect(
      folder.files("run") == [
        "checkpoints", "checkpoints/best.safetensors", "checkpoints/step-00000006.safetensors",
        "checkpoints/step-00000012.safetensors", "config.json", "filters.jsonl", "metrics.jsonl",
        "report.html", "status.json", "timings.jsonl",
      ])
    #expect(try folder.text("run/report.html").contains("sgconv"))

    let evaluate = try CommandLineTool.run(["evaluate", folder.path("run"), "--json"])
    #expect(evaluate.code == 0, "\(evaluate.errors)")
    struct Evaluation: Decodable {
      var accuracy, loss: Double
      var sequences: Int
      var confusion: [[Int]]
    }
    let result = try JSONDecoder().decode(Evaluation.self, from: Data(evaluate.output.utf8))
    #expect(result.sequences == 8 && result.confusion.joined().reduce(0, +) == 8)
    // What the run noted about its best checkpoint is what evaluation finds.
    #expect(
      try folder.text("run/metrics.jsonl").contains(
        "\"split\":\"test\",\"loss\":\(result.loss),\"accuracy\":\(result.accuracy)"))
    let other = try CommandLineTool.run([
      "evaluate", folder.path("run/checkpoints/best.safetensors"), "--data", folder.path("data"),
    ])
    #expect(other.code == 0 && other.output.contains("sequences     8"))

    try expectPredictions(folder)

    let inspect = try CommandLineTool.run([
      "inspect", folder.path("run/checkpoints/best.safetensors"),
    ])
    #expect(inspect.code == 0, "\(inspect.errors)")
    #expect(inspect.output.contains("model       sgconv"))
    #expect(inspect.output.contains("model.blocks.0.mixer.filter.kernel.0"))
    #expect(!inspect.output.contains("optimizer.first"))
  }

  @Test func profileOfAStep() throws {
    let folder = try TemporaryFolder()
    try folder.makeData()
    var arguments = ["profile"] + folder.training("run").dropFirst()
    if let out = arguments.firstIndex(of: "--out") { arguments.removeSubrange(out...out + 1) }
    arguments += ["--steps", "2", "--warmup", "1"]
    let table = try CommandLineTool.run(arguments)
    #expect(table.code == 0, "\(table.errors)")
    #expect(table.output.contains("convolved ") && table.output.contains("tokens/s"))
    struct Row: Decodable {
      var operation: String
      var share: Double
      var forwardMs: Double
    }
    let json = try CommandLineTool.run(arguments + ["--json"])
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let rows = try json.output.split(separator: "\n").map {
      try decoder.decode(Row.self, from: Data($0.utf8))
    }
    #expect(rows.contains { $0.operation == "optimiser" && $0.forwardMs > 0 })
    #expect(abs(rows.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    #expect(folder.files("run").isEmpty)
  }

  private func expectPredictions(_ folder: TemporaryFolder) throws {
    let lines = "[MAX 4 [MIN 7 2 ] 1 ]\n( ( [SM 1 ) 2 ) ]\r\n3"
    let plain = try CommandLineTool.run(["predict", folder.path("run")], input: lines)
    #expect(plain.code == 0, "\(plain.errors)")
    let rows = plain.output.split(separator: "\n").map { $0.split(separator: "\t") }
    #expect(rows.count == 3 && rows.allSatisfy { $0.count == 2 })
    let json = try CommandLineTool.run(["predict", folder.path("run"), "--json"], input: lines)
    struct Prediction: Decodable {
      var label: String
      var probabilities: [String: Double]
    }
    let predictions = try json.output.split(separator: "\n").map {
      try JSONDecoder().decode(Prediction.self, from: Data($0.utf8))
    }
    #expect(predictions.map(\.label) == rows.map { String($0[0]) })
    for (prediction, row) in zip(predictions, rows) {
      #expect(Set(prediction.probabilities.keys) == Set((0...9).map(String.init)))
      #expect(abs(prediction.probabilities.values.reduce(0, +) - 1) < 1e-9)
      let probability = try #require(prediction.probabilities[prediction.label])
      #expect(probability == prediction.probabilities.values.max())
      #expect(abs(probability - (Double(row[1]) ?? -1)) < 1e-4)
    }
  }

  @Test func oneSeedOneRun() throws {
    let folder = try TemporaryFolder()
    try folder.makeData()
    for name in ["a", "b"] {
      let result = try CommandLineTool.run(folder.training(name) + ["--quiet", "--seed", "5"])
      #expect(result.code == 0 && result.errors.isEmpty)
    }
    for file in ["metrics.jsonl", "filters.jsonl", "checkpoints/step-00000012.safetensors"] {
      let isSame = try folder.bytes("a/\(file)") == folder.bytes("b/\(file)")
      #expect(isSame, "\(file)")
    }
  }

  @Test func settingsFromAFileAndTheCommandLine() throws {
    let folder = try TemporaryFolder()
    try folder.makeData()
    try folder.write(
      "recipe.yaml",
      "# the command line comes last\ntraining:\n  seed: 3\n  clipNorm: 1\nmodel: {pooling: last}\n"
    )
    let result = try CommandLineTool.run(
      folder.training("run", ["training.clipNorm=2"])
        + ["--config", folder.path("recipe.yaml"), "--seed", "4"])
    #expect(result.code == 0, "\(result.errors)")
    let json = try folder.text("run/config.json")
    for line in ["\"seed\" : 4", "\"clipNorm\" : 2", "\"pooling\" : \"last\""] {
      #expect(json.contains(line), "\(line)")
    }
    // A run's own config.json is a file of settings too.
    let again = try CommandLineTool.run(
      ["train", "listops", "--config", folder.path("run/config.json")]
        + ["--out", folder.path("again"), "--threads", "1"])
    #expect(again.code == 0, "\(again.errors)")
    #expect(try folder.text("again/config.json") == json)
    #expect(try folder.bytes("again/metrics.jsonl") == folder.bytes("run/metrics.jsonl"))
  }

  @Test(arguments: [
    [], ["train"], ["evaluate"], ["predict"], ["data"], ["data", "listops"], ["inspect"],
    ["bench"], ["bench", "conv"], ["bench", "peers"],
  ])
  func helpShowsAnExample(command: [String]) throws {
    let result = try CommandLineTool.run(command + ["--help"])
    #expect(result.code == 0)
    let parts = result.output.split(separator: "Example")
    #expect(parts.count == 2)
    let words = (["longwave"] + command).joined(separator: " ")
    #expect(parts.last?.contains(words) == true, "\(result.output)")
  }

  @Test(arguments: [
    (["train"], "task: expected one of listops, text, retrieval"),
    (["train", "images"], "compression, memorisation, got images"),
    (["train", "listops"], "--data: expected the folder of the data, got nothing"),
    (["train", "listops", "--model", "mamba"], "--model: expected one of sgconv, hyena,"),
    (
      ["train", "listops", "--data", "x", "--set", "training.epochs"],
      "expected key=value, got no ="
    ),
    (["train", "listops", "--data", "x", "--set", "model.layer=3"], "got the unknown key layer"),
    (["train", "listops", "--data", "x", "--set", "model.layers=x"], "expected a whole number"),
    (["train", "listops", "--data", "x", "--set", "model.layers=0"], "expected at least 1, got 0"),
    (["train", "--resume", "x", "--seed", "1"], "--resume: expected no task and no settings"),
    (["train", "listops", "--data", "x", "--threads=-1"], "--threads: expected at least 0"),
    (["evaluate"], "<run>"), (["evaluate", "x", "--batch-size", "0"], "--batch-size: expected"),
    (["data", "listops"], "--out"),
    (["data", "listops", "--out", "x", "--max-args", "1"], "expected"),
    (["inspect"], "<checkpoint>"), (["bench", "conv", "--shape", "1x2"], "--shape"),
    (["drain"], "drain"),
  ])
  func misuseIs64(arguments: [String], message: String) throws {
    let result = try CommandLineTool.run(arguments)
    #expect(result.code == 64)
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(result.output.isEmpty)
  }
}
