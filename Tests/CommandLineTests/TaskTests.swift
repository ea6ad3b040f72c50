import Foundation
import Testing

/// Tasks beside ListOps and text, from the command line.
@Suite(.enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct TaskTests {
  static let small = [
    "model.channels=4", "model.layers=1", "training.epochs=1", "training.batchSize=4",
    "training.logEverySteps=1",
  ]

  func arguments(_ task: [String], _ settings: [String], out: String) -> [String] {
    ["train"] + task + ["--out", out, "--threads", "1"]
      + (Self.small + settings).flatMap { ["--set", $0] }
  }

  @Test func aLanguageModelOfAText() throws {
    let folder = try TemporaryFolder()
    try folder.write("book.txt", String(repeating: "It was the best of times. ", count: 40))
    let train = try CommandLineTool.run(
      arguments(
        ["text-file", "--data", folder.path("book.txt"), "--model", "hyena"],
        ["data.maximumLength=32"], out: folder.path("run")))
    #expect(train.code == 0, "\(train.errors)")
    for line in [
      "best validation loss ", "test accuracy   ", "test loss       ", "test bits a byte ",
    ] {
      #expect(train.output.contains(line), "\(train.output)")
    }
    #expect(train.errors.contains("hyena: ") && train.errors.contains(" test sequences;"))
    #expect(try folder.text("run/config.json").contains("\"language\""))
    let page = try folder.text("run/report.html")
    #expect(page.contains("Test bits a byte") && !page.contains("Confusion matrix"))

    let evaluate = try CommandLineTool.run(["evaluate", folder.path("run"), "--json"])
    struct Evaluation: Decodable {
      var loss, accuracy, bits: Double
      var unit: String
      var sequences, step: Int
    }
    let result = try JSONDecoder().decode(Evaluation.self, from: Data(evaluate.output.utf8))
    #expect(abs(result.bits - result.loss / log(2)) < 1e-9 && result.unit == "byte")
    #expect(
      try folder.text("run/metrics.jsonl").contains("\"split\":\"test\",\"loss\":\(result.loss),"))

    let inspect = try CommandLineTool.run([
      "inspect", folder.path("run/checkpoints/best.safetensors"),
    ])
    #expect(inspect.output.contains("task        text-file\n"), "\(inspect.output)")
    #expect(inspect.output.contains("model.blocks.0.mixing.mixer."))
    let predict = try CommandLineTool.run(["predict", folder.path("run")], input: "a\n")
    #expect(predict.code == 1 && predict.errors.contains("expected a run of listops or text"))
    let again = try CommandLineTool.run(["train", "--resume", folder.path("run"), "--quiet"])
    #expect(again.code == 0 && again.output.contains("test bits a byte"), "\(again.errors)")
    // A longer text that begins alike is other data.
    try folder.write("book.txt", String(repeating: "It was the best of times. ", count: 50))
    let other = try CommandLineTool.run(["train", "--resume", folder.path("run")])
    #expect(other.code == 1 && other.errors.contains("other training data"), "\(other.errors)")
  }

  @Test func aSyntheticTaskNeedsNoFiles() throws {
    let folder = try TemporaryFolder()
    let sizes = ["trainingExamples=8", "validationExamples=4", "testExamples=4"]
      .map { "source.\($0)" }
    let train = try CommandLineTool.run(
      arguments(["recall"], sizes + ["source.sequenceLength=20"], out: folder.path("run")))
    #expect(train.code == 0, "\(train.errors)")
    #expect(train.output.contains("test accuracy") && train.output.contains("%"))
    let profile = try CommandLineTool.run(
      ["profile", "recall", "--steps", "1", "--warmup", "0"]
        + (Self.small + sizes).flatMap { ["--set", $0] })
    #expect(profile.code == 0 && profile.output.contains("tokens/s"), "\(profile.errors)")
    let bad = try CommandLineTool.run(["train", "recall", "--set", "source.sequenceLength=21"])
    #expect(bad.code == 64)
    #expect(bad.errors.contains("source.sequenceLength: expected even and at least 4, got 21"))
    let aff = try CommandLineTool.run(["train", "recall", "--model", "aff"])
    #expect(aff.code == 64 && aff.errors.contains("expected settings of aff that look into"))
  }

  @Test func aClassifierOfSeries() throws {
    let folder = try TemporaryFolder()
    let header = "@classLabel true up down\n@data\n"
    let cases = (0..<12).map { "0,\($0 % 2),\($0):\($0 % 2 == 1 ? "up" : "down")\n" }.joined()
    for part in ["TRAIN", "TEST"] { try folder.write("data/A_\(part).ts", header + cases) }
    let command = arguments(
      ["time-series", "--data", folder.path("data"), "--model", "s4d"], ["filter.stateSize=4"],
      out: folder.path("run"))
    let train = try CommandLineTool.run(command)
    #expect(train.code == 0, "\(train.errors)")
    #expect(train.errors.contains("10 training, 2 validation, 12 test sequences"))
    #expect(try folder.text("run/report.html").contains("Confusion matrix"))
    struct Evaluation: Decodable {
      var accuracy: Double
      var confusion: [[Int]]
    }
    let json = try CommandLineTool.run(["evaluate", folder.path("run"), "--json"])
    let result = try JSONDecoder().decode(Evaluation.self, from: Data(json.output.utf8))
    #expect(result.confusion.joined().reduce(0, +) == 12)
    // Other classes than the run's.
    for part in ["TRAIN", "TEST"] {
      try folder.write(
        "other/A_\(part).ts", header.replacingOccurrences(of: "down", with: "flat") + "1:up\n2:up\n"
      )
    }
    let other = try CommandLineTool.run([
      "evaluate", folder.path("run"), "--data", folder.path("other"),
    ])
    #expect(other.code == 1 && other.errors.contains("got the classes up, flat"), "\(other.errors)")
    // A broken file.
    try folder.write("data/A_TEST.ts", header + "1,x:up\n")
    let broken = try CommandLineTool.run(["evaluate", folder.path("run")])
    #expect(broken.code == 1 && broken.output.isEmpty)
    #expect(
      broken.errors.contains("A_TEST.ts:3: expected a number as value 2 of channel 1, got 'x'"))
  }

  @Test func dataIsKeptUnlessThatIsNotWanted() throws {
    let folder = try TemporaryFolder()
    for (part, count) in [("train", 8), ("eval", 4), ("test", 4)] {
      let rows = (0..<count).map { "\($0 % 2)\t\($0)\t1\tpaper \($0)\tabout \($0 % 2)" }
      try folder.write("data/new_aan_pairs.\(part).tsv", rows.joined(separator: "\n"))
    }
    let command = arguments(
      ["retrieval", "--data", folder.path("data")], ["data.maximumLength=16"],
      out: folder.path("run"))
    let environment = ["LONGWAVE_CACHE": folder.path("cache")]
    let plain = try CommandLineTool.run(command + ["--no-cache"], environment: environment)
    #expect(plain.code == 0 && !folder.exists("cache"), "\(plain.errors)")
    let kept = try CommandLineTool.run(
      ["evaluate", folder.path("run"), "--json"], environment: environment)
    #expect(kept.code == 0 && folder.files("cache").count == 1, "\(kept.errors)")
    // Read from the cache, with the same result.
    let again = try CommandLineTool.run(
      ["evaluate", folder.path("run"), "--json"], environment: environment)
    #expect(again.output == kept.output && folder.files("cache").count == 1)
    let without = try CommandLineTool.run(
      ["evaluate", folder.path("run"), "--json", "--no-cache"], environment: environment)
    #expect(without.output == kept.output)
  }

  @Test func helpNamesEveryTaskWithACommand() throws {
    let help = try CommandLineTool.run(["train", "--help"]).output
    for task in [
      "listops", "text", "retrieval", "image", "mnist", "pathfinder", "time-series", "forecasting",
      "dna", "dna-species", "text-file", "associative-recall", "induction", "recall",
      "fuzzy-recall", "noisy-recall", "selective-copy", "compression", "memorisation",
    ] {
      #expect(help.contains("longwave train \(task) "), "\(task)")
    }
  }
}
