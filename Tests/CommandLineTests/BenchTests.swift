import Foundation
import FoundationXML
import Testing

/// `longwave bench`, with shapes so small that nothing takes long.
@Suite(.enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct BenchTests {
  static let tasks = ["forward_ms", "forward_fixed_filter_ms", "forward_backward_ms"]
  static let quick = ["--seconds", "0", "--repeats", "1"]
  static let quickConvolution = ["bench", "conv", "--planning-seconds", "0"] + quick

  /// The objects of JSON lines.
  func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test func linesHaveTheKeysOfThePeers() throws {
    let shapes = [[2, 4, 64], [1, 3, 50]]
    let result = try CommandLineTool.run(
      Self.quickConvolution + ["--json"]
        + shapes.flatMap { ["--shape", "\($0[0])x\($0[1])x\($0[2])"] })
    #expect(result.code == 0, "\(result.errors)")
    let lines = try objects(result.output)
    #expect(lines.count == 2)
    let keys =
      ["case", "batch", "channels", "length"] + Self.tasks + Self.tasks.map { "fftw_\($0)" }
    for (line, shape) in zip(lines, shapes) {
      #expect(Set(line.keys) == Set(keys))
      #expect(line["case"] as? String == "conv")
      #expect(["batch", "channels", "length"].map { line[$0] as? Int } == shape)
      for key in keys.dropFirst(4) { #expect((line[key] as? Double ?? 0) > 0, "\(key)") }
    }
  }

  @Test func withoutFFTW() throws {
    let result = try CommandLineTool.run(
      Self.quickConvolution + ["--json", "--no-fftw", "--shape", "2x4x64"])
    #expect(result.code == 0, "\(result.errors)")
    let keys = try #require(try objects(result.output).first).keys
    #expect(Set(keys) == Set(["case", "batch", "channels", "length"] + Self.tasks))
  }

  @Test func stateSpaceStep() throws {
    let small = ["bench", "s4d", "--shape", "2x4x30", "--layers", "2", "--state-size", "6"]
    let result = try CommandLineTool.run(small + Self.quick + ["--json"])
    #expect(result.code == 0, "\(result.errors)")
    let line = try #require(try objects(result.output).first)
    #expect(Set(line.keys) == ["case", "batch", "channels", "length", "layers", "ms"])
    #expect(line["case"] as? String == "s4d_classifier_step")
    #expect(["batch", "channels", "length", "layers"].map { line[$0] as? Int } == [2, 4, 30, 2])
    #expect((line["ms"] as? Double ?? 0) > 0)
    #expect(try CommandLineTool.run(small + Self.quick).output.contains("step ms"))
    let odd = try CommandLineTool.run(["bench", "s4d", "--state-size", "7"])
    #expect(odd.code != 0 && odd.errors.contains("--state-size: expected an even number"))
  }

  @Test func languageModelLinesHaveTheKeysOfThePeers() throws {
    let result = try CommandLineTool.run(
      ["bench", "hyena-lm", "--json", "--shape", "2x8x16"] + Self.quick)
    #expect(result.code == 0, "\(result.errors)")
    let lines = try objects(result.output)
    #expect(lines.map { $0["case"] as? String } == ["hyena_lm_step", "hyena_lm_forward"])
    for line in lines {
      #expect(["batch", "channels", "length", "layers"].map { line[$0] as? Int } == [2, 8, 16, 4])
      #expect((line["ms"] as? Double ?? 0) > 0)
    }
    let (step, rate) = (lines[0]["ms"] as? Double ?? 0, lines[0]["tokens_per_s"] as? Double ?? 0)
    #expect(abs(rate * step / 1e3 - 32) < 0.1)
    #expect(lines[1].keys.contains("tokens_per_s") == false)
  }

  /// The shapes of the field's usual comparison are what is measured if nothing is said.
  @Test func standardShapes() throws {
    let help = try CommandLineTool.run(["bench", "conv", "--help"]).output
    let words = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(
      words.contains(
        "(default: 8x256x256, 8x256x1024, 4x256x4096, 2x256x16384, 1x128x65536, 1x16x1048576,"
          + " 1x4x4194304)"), "\(words)")
  }

  @Test func sweepWithChart() throws {
    let folder = try TemporaryFolder()
    let chart = folder.path("chart <&>.svg")
    let result = try CommandLineTool.run(
      Self.quickConvolution + [
        "--sweep", "--min-length", "16", "--max-length", "32", "--points", "4096", "--plot", chart,
      ])
    #expect(result.code == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n").map {
      $0.split(separator: " ").map(String.init)
    }
    // Batch 1, and larger with 64 channels; 256 would be more than so many points.
    let shapes = lines.dropFirst(2).prefix(4).map { Array($0.prefix(3)) }
    #expect(
      shapes == [
        ["1", "256", "16"], ["4", "64", "16"], ["1", "128", "32"], ["2", "64", "32"],
      ])
    #expect(result.output.contains("geometric mean"))
    #expect(result.output.contains("GFLOP/s"))

    let svg = try folder.bytes("chart <&>.svg")
    let reader = DrawingReader()
    let parser = XMLParser(data: Data(svg))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(reader.root == "svg")
    #expect(reader.references.isEmpty, "not self-contained")
    for text in ["Longwave", "FFTW", "bound", "ns a point", "prefers-color-scheme:dark"] {
      #expect(reader.text.contains(text), "\(text)")
    }
    // Two curves forward, two with gradients and the bound, each in the legend too.
    #expect(reader.lines == 2 * 5)
    #expect(folder.files("") == ["chart <&>.svg"])
  }

  /// Told before anything is measured.
  @Test func chartThatCannotBeWritten() throws {
    let folder = try TemporaryFolder()
    for path in [folder.path("none/chart.svg"), folder.path] {
      let result = try CommandLineTool.run(
        Self.quickConvolution + ["--shape", "1x1x16", "--plot", path])
      BadInputTests().expectFailure(result, path)
    }
  }

  @Test(arguments: [
    (["conv", "--seconds=-1"], "--seconds: expected a number of at least 0"),
    (["conv", "--seconds", "nan"], "--seconds: expected a number of at least 0"),
    (["conv", "--repeats", "0"], "--repeats: expected at least 1, got 0"),
    (["conv", "--planning-seconds=-1"], "--planning-seconds: expected"),
    (["conv", "--sweep", "--shape", "1x2x3"], "--sweep: expected no --shape"),
    (["conv", "--odd-lengths"], "expected --sweep"),
    (["conv", "--sweep", "--min-length", "9", "--max-length", "8"], "got 9...8"),
    (["conv", "--shape", "1x2x"], "--shape"),
    (["conv", "--shape", "99999999x99999999x99999999"], "--shape"),
    (["peers"], "--python"), (["peers", "--python", "x", "--rounds", "0"], "--rounds: expected"),
  ])
  func misuseIs64(arguments: [String], message: String) throws {
    let result = try CommandLineTool.run(["bench"] + arguments)
    #expect(result.code == 64)
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(result.output.isEmpty)
  }
}

/// What a drawing holds, as an XML parser reads it.
private final class DrawingReader: NSObject, XMLParserDelegate {
  var root: String?
  var text = ""
  var lines = 0
  var references: [String] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    if root == nil { root = name }
    if name == "path", attributes["class"]?.hasPrefix("lw-line") == true,
      attributes["d"]?.hasPrefix("M") == true
    {
      lines += 1
    }
    for key in ["href", "xlink:href", "src"] {
      if let reference = attributes[key] { references.append(reference) }
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
