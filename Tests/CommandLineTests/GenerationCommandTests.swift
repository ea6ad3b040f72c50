import Foundation
import Testing

/// From a text to a model, to a recurrence, to more text, through the program.
@Suite(.enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct GenerationCommandTests {
  static let text = String(
    repeating: "It was the best of times, it was the worst of times. ", count: 30)

  /// Trains a small language model in `run`.
  static func train(
    _ folder: TemporaryFolder, model: String = "hyena", settings: [String] = []
  ) throws {
    try folder.write("book.txt", text)
    let all =
      [
        "model.channels=4", "model.layers=2", "training.epochs=1", "training.batchSize=8",
        "training.logEverySteps=2", "data.maximumLength=32", "data.level=character",
      ] + settings
    let result = try CommandLineTool.run(
      [
        "train", "text-file", "--data", folder.path("book.txt"), "--model", model, "--out",
        folder.path("run"), "--threads", "1", "--quiet",
      ] + all.flatMap { ["--set", $0] })
    try #require(result.code == 0, "\(result.errors)")
  }

  static func generate(
    _ run: String, _ options: [String] = [], prompt: String = "It was "
  ) throws -> CommandLineTool.Result {
    try CommandLineTool.run(
      ["generate", run, "--prompt", prompt, "--tokens", "40", "--seed", "3", "--threads", "1"]
        + options)
  }

  @Test func everyMethodWritesTheSameText() throws {
    let folder = try TemporaryFolder()
    try Self.train(folder)
    let first = try Self.generate(folder.path("run"))
    #expect(first.code == 0 && first.errors.contains("online: 7 tokens read"), "\(first.errors)")
    #expect(first.output.hasPrefix("It was ") && first.output.count == 7 + 40 + 1)
    let anew = try Self.generate(folder.path("run"), ["--method", "recompute"])
    #expect(anew.output == first.output && anew.errors.contains("recompute: "))
    let file = folder.path("run/checkpoints/best.safetensors")
    #expect(try Self.generate(file).output == first.output)
    #expect(try Self.generate(folder.path("run"), ["--seed", "4"]).output != first.output)
    let greedy = ["--temperature", "0", "--no-prompt"]
    let one = try Self.generate(folder.path("run"), greedy)
    let other = try Self.generate(folder.path("run"), greedy + ["--seed", "8"])
    #expect(one.output == other.output && one.output.count == 41)
    #expect(
      try Self.generate(folder.path("run"), ["--top-k", "1", "--no-prompt"]).output == one.output)
    try folder.write("prompt.txt", "It was ")
    let read = try CommandLineTool.run([
      "generate", folder.path("run"), "--prompt-file", folder.path("prompt.txt"), "--tokens", "40",
      "--seed", "3", "--threads", "1", "--quiet",
    ])
    #expect(read.output == first.output && read.errors.isEmpty)
  }

  @Test func stateSpacesWriteByTheirRecurrences() throws {
    for model in ["s4d", "multires"] {
      let folder = try TemporaryFolder()
      try Self.train(folder, model: model)
      let first = try Self.generate(folder.path("run"))
      #expect(first.code == 0 && first.errors.contains("recurrence: "), "\(first.errors)")
      #expect(
        try Self.generate(folder.path("run"), ["--method", "recompute"]).output == first.output)
      let none = try CommandLineTool.run([
        "distill", folder.path("run"), "--order", "4", "--out", folder.path("none"),
      ])
      #expect(none.code == 1 && none.errors.contains("expected a model with long filters"))
      #expect(!folder.exists("none"))
    }
  }

  @Test func genomesAreLetters() throws {
    let folder = try TemporaryFolder()
    let bases = String(repeating: "ACGTTGCAAC", count: 80)
    try folder.write("genome.fa", ">one\n\(bases)\n")
    let train = try CommandLineTool.run([
      "train", "dna", "--data", folder.path("genome.fa"), "--model", "s4d", "--out",
      folder.path("run"), "--quiet", "--set", "model.channels=4", "--set", "model.layers=1",
      "--set", "data.maximumLength=32", "--set", "training.epochs=1",
    ])
    try #require(train.code == 0, "\(train.errors)")
    let text = try Self.generate(folder.path("run"), ["--no-prompt"], prompt: "acg\nT")
    #expect(text.code == 0 && text.output.dropLast().allSatisfy { "ACGT".contains($0) })
    #expect(text.output.count == 41)
    let wrong = try Self.generate(folder.path("run"), prompt: "ACX")
    #expect(wrong.code == 1 && wrong.output.isEmpty)
    #expect(wrong.errors.contains("expected the bases A, C, G, T, N, got 'X' as letter 3"))
  }

  @Test func badOptionsAreRefused() throws {
    let folder = try TemporaryFolder()
    try Self.train(folder)
    let run = folder.path("run")
    for (options, code, message) in [
      (["--temperature=-1"], Int32(64), "--temperature: expected a number of at least 0"),
      (["--top-k", "0"], 64, "--top-k: expected at least 1, got 0"),
      (["--top-p", "2"], 64, "--top-p: expected above 0 and at most 1, got 2"),
      (["--tokens", "0"], 64, "--tokens: expected at least 1, got 0"),
      (["--prompt-file", "x"], 64, "expected one of --prompt and --prompt-file"),
      (["--method", "guess"], 64, "guess"),
      (["--method", "recurrence"], 1, "expected a mixer that is a recurrence"),
    ] {
      let result = try Self.generate(run, options)
      #expect(result.code == code && result.output.isEmpty, "\(options): \(result.output)")
      #expect(result.errors.contains(message), "\(options): \(result.errors)")
    }
    let unknown = try Self.generate(run, prompt: "Ω")
    #expect(unknown.code == 1 && unknown.errors.contains("expected characters of the vocabulary"))
    let empty = try Self.generate(run, prompt: "")
    #expect(empty.code == 1 && empty.errors.contains("at least one character"))
    let missing = try Self.generate(folder.path("nothing"))
    #expect(missing.code == 1 && missing.errors.contains("no such file"), "\(missing.errors)")
    try folder.makeData()
    let classifier = try CommandLineTool.run(folder.training("list") + ["--quiet"])
    try #require(classifier.code == 0, "\(classifier.errors)")
    let other = try Self.generate(folder.path("list"))
    #expect(
      other.code == 1 && other.errors.contains("a run of text-file or dna, got one of listops"))
  }

  @Test func benchPrintsALineForEachMethodAndContext() throws {
    let result = try CommandLineTool.run([
      "bench", "generate", "--json", "--seconds", "0", "--channels", "8", "--layers", "1",
      "--model-channels", "8",
      "--context", "64", "--context", "200",
    ])
    #expect(result.code == 0, "\(result.errors)")
    struct Line: Decodable {
      var `case`, method: String
      var context: Int
      var tokensPerS: Double
      var stateBytes: Int
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let lines = try result.output.split(separator: "\n").map {
      try decoder.decode(Line.self, from: Data($0.utf8))
    }
    #expect(
      lines.map(\.case) == Array(repeating: "generate", count: 6)
        + Array(repeating: "generate_model", count: 6))
    #expect(lines.prefix(6).map(\.context) == [64, 200, 64, 200, 64, 200])
    #expect(Set(lines.map(\.method)) == ["recurrence", "online", "recompute"])
    #expect(lines.allSatisfy { $0.tokensPerS > 0 })
    let recurrences = lines.filter { $0.method == "recurrence" }
    #expect(recurrences[0].stateBytes == recurrences[1].stateBytes)
  }
}
