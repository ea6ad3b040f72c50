import Foundation
import Testing

/// Files that cannot be used: exit code 1, place, expected and got, and nothing left behind.
@Suite(.enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct BadInputTests {
  static let header = "Source\tTarget\n"
  static let good = header + "( [MAX 1 2 ] )\t2\n"

  /// Training files that cannot be used, with what is said about them.
  static let badFiles: [(contents: [UInt8], message: String)] = [
    (Array("".utf8), "basic_train.tsv: expected"),
    (Array("Source\n".utf8), "basic_train.tsv:1: expected the header 'Source\\tTarget', got"),
    (Array(header.utf8), "basic_train.tsv: expected rows after the header, got none"),
    (Array((good + "[MAX 1 2 ]\n").utf8), "basic_train.tsv:3: expected 2 columns"),
    (Array((good + "[MAX 1 2 ]\t3\t4\n").utf8), "(Source, Target), got 3"),
    (Array((good + "[MAX 1 2 ]\t10\n").utf8), "basic_train.tsv:3:12: expected a Target of 0...9"),
    (Array((good + "[MAX 1 x ]\t1\n").utf8), "basic_train.tsv:3:8: expected a token of ListOps"),
    (Array(good.utf8) + [0x31, 0xFF, 0x09, 0x31, 0x0A], "basic_train.tsv:3"),
  ]

  @Test(arguments: badFiles.indices) func trainingFiles(index: Int) throws {
    let folder = try TemporaryFolder()
    for name in ["val", "test"] { try folder.write("data/basic_\(name).tsv", Self.good) }
    try folder.write("data/basic_train.tsv", Self.badFiles[index].contents)
    let result = try CommandLineTool.run(folder.training("run"))
    expectFailure(result, Self.badFiles[index].message)
    #expect(!folder.exists("run"))
  }

  func expectFailure(
    _ result: CommandLineTool.Result, _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(result.code == 1, "\(result.errors)", sourceLocation: sourceLocation)
    for part in [message, "expected ", ", got "] {
      #expect(result.errors.contains(part), "\(result.errors)", sourceLocation: sourceLocation)
    }
    #expect(result.output.isEmpty, sourceLocation: sourceLocation)
  }

  @Test func missingFiles() throws {
    let folder = try TemporaryFolder()
    expectFailure(try CommandLineTool.run(folder.training("run")), "data/basic_train.tsv")
    #expect(!folder.exists("run"))
    for command in ["evaluate", "predict"] {
      expectFailure(try CommandLineTool.run([command, folder.path("none")]), folder.path("none"))
      expectFailure(try CommandLineTool.run([command, folder.path]), folder.path)
    }
    expectFailure(try CommandLineTool.run(["inspect", folder.path("none")]), "none")
    expectFailure(
      try CommandLineTool.run(["train", "--resume", folder.path("none")]), folder.path("none"))
    let config = folder.training("run") + ["--config", folder.path("none.yaml")]
    expectFailure(try CommandLineTool.run(config), "none.yaml: expected a readable YAML or JSON")
  }

  @Test func settingsFiles() throws {
    let folder = try TemporaryFolder()
    try folder.makeData()
    for (text, message) in [
      ("training:\n  epoch: 3\n", "recipe.yaml: training.epoch: expected one of the keys batch"),
      ("training:\n  epochs: [3]\n", "recipe.yaml: training.epochs: expected a whole number"),
      ("model:\n  dropout: .nan\n", "recipe.yaml: model.dropout: expected a finite number"),
      ("model:\n  pooling: max\n", "recipe.yaml: model.pooling: expected a value that this key"),
      ("- 1\n", "recipe.yaml: expected keys, of data, filter"),
      ("training: {epochs: 3\n", "recipe.yaml: expected YAML or JSON, got"),
    ] {
      try folder.write("recipe.yaml", text)
      let result = try CommandLineTool.run(
        folder.training("run") + ["--config", folder.path("recipe.yaml")])
      expectFailure(result, message)
      #expect(!folder.exists("run"))
    }
  }

  @Test func textThatIsNotUTF8() throws {
    let folder = try TemporaryFolder()
    let bad = Array("ba".utf8) + [0xFF, 0x64, 0x0A]
    try folder.write("good.tsv", "0\tgood\n1\tbad\n0\tfine\n1\tpoor\n")
    try folder.write("bad.tsv", Array("0\tgood\n1\t".utf8) + bad)
    func train(_ table: String) throws -> CommandLineTool.Result {
      try CommandLineTool.run([
        "train", "text", "--out", folder.path("run"), "--set", "training.epochs=1",
        "--set", "model.channels=4", "--set", "data.validationFraction=0",
        "--set", "data.trainTable=\(folder.path(table))",
        "--set", "data.testTable=\(folder.path("good.tsv"))",
      ])
    }
    expectFailure(try train("bad.tsv"), "bad.tsv:2: expected UTF-8 text")
    #expect(!folder.exists("run"))
    #expect(try train("good.tsv").code == 0)
    let result = try CommandLineTool.run(
      ["predict", folder.path("run")], input: Array("good\n".utf8) + bad)
    #expect(result.code == 1)
    #expect(result.errors.contains("standard input:2: expected UTF-8 text"), "\(result.errors)")
    #expect(result.output.split(separator: "\n").count == 1)
  }

  @Test func linesToPredict() throws {
    let folder = try TemporaryFolder()
    try folder.makeData()
    #expect(try CommandLineTool.run(folder.training("run")).code == 0)
    for line in [Array("[MAX 1 [AVG 2 ] ]".utf8), [], Array("1 ".utf8) + [0xFF]] {
      let input = Array("[MAX 1 2 ]\n".utf8) + line + [0x0A]
      let result = try CommandLineTool.run(["predict", folder.path("run")], input: input)
      #expect(result.code == 1)
      #expect(result.errors.contains("standard input:2: expected "), "\(result.errors)")
      #expect(result.output.split(separator: "\n").count == 1)
    }
    // A file of the run that was cut short on its way is damaged, not believed.
    let whole = try folder.bytes("run/checkpoints/best.safetensors")
    try folder.write("cut.safetensors", Array(whole.dropLast(9)))
    for command in ["evaluate", "predict", "inspect"] {
      let result = try CommandLineTool.run([command, folder.path("cut.safetensors")])
      expectFailure(result, "cut.safetensors")
    }
    // Data of a task with other labels.
    try folder.write("other/basic_test.tsv", Self.header + "[MAX 1 2 ]\tx\n")
    let result = try CommandLineTool.run([
      "evaluate", folder.path("run"), "--data", folder.path("other"),
    ])
    expectFailure(result, "basic_test.tsv:2:12")
  }

  @Test(arguments: [
    ("", 0), ("{}", Int.max), ("{}", 1_000_000), ("[]", nil), ("{\"a\":1}", nil),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, nil),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,800]}}"#, nil),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, nil),
    (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, nil),
    (#"{"a":{"dtype":"X9","shape":[2],"data_offsets":[0,8]}}"#, nil),
    (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, nil),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, nil
    ),
  ])
  func hostileTensorFiles(header: String, length: Int?) throws {
    let folder = try TemporaryFolder()
    let count = UInt64(length ?? header.utf8.count)
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * UInt64($0))) }
    try folder.write(
      "x.safetensors", bytes + Array(header.utf8) + [UInt8](repeating: 0, count: 8))
    for command in ["inspect", "evaluate", "predict"] {
      let result = try CommandLineTool.run([command, folder.path("x.safetensors")])
      expectFailure(result, "x.safetensors")
    }
  }
}
