import Foundation
import SequenceTensor
import TensorIO
import Testing
import Training

/// `longwave pde train`, `evaluate` and `solve` from files to fields.
@Suite(.enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct PDETests {
  /// Smooth fields and their negatives, as a pair of `.npy` files.
  private static func write(_ name: String, samples: Int, size: Int, in folder: TemporaryFolder)
    throws -> String
  {
    var random = RandomSource(seed: UInt64(size))
    let values = (0..<samples).flatMap { _ in
      let phase = Float(random.uniform(from: 0, to: 6.28))
      return (0..<size * size).map { point in
        sin(phase + Float(point / size + 2 * (point % size)) * 6.283 / Float(size))
      }
    }
    let negatives = values.map { -$0 }
    let shape = [samples, size, size]
    let (x, y) = (folder.path("\(name)_x.npy"), folder.path("\(name)_y.npy"))
    try NpyFile.write(RawTensor(floats: values.span, shape: shape), to: x)
    try NpyFile.write(RawTensor(floats: negatives.span, shape: shape), to: y)
    return "\(x),\(y)"
  }

  private static let settings = [
    "training.epochs=30", "training.batchSize=4", "model.modes=4", "model.channels=6",
    "model.layers=2", "training.warmupSteps=2", "training.learningRate=0.01",
  ].flatMap { ["--set", $0] }

  @Test func fromFilesToAPicture() throws {
    let folder = try TemporaryFolder()
    let train = try Self.write("train", samples: 16, size: 8, in: folder)
    let test8 = try Self.write("test8", samples: 4, size: 8, in: folder)
    let test16 = try Self.write("test16", samples: 4, size: 16, in: folder)
    let run = folder.path("run")
    let trained = try CommandLineTool.run(
      ["pde", "train", train, test8, test16, "--out", run, "--threads", "1"] + Self.settings)
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(trained.output.contains("at 8x8") && trained.output.contains("at 16x16"))
    let report = try String(contentsOfFile: run + "/report.html", encoding: .utf8)
    #expect(report.contains("data:image/png") && !report.contains("http://"))

    let evaluated = try CommandLineTool.run([
      "pde", "evaluate", run, "--resolutions", "8,16,4", "--json",
    ])
    #expect(evaluated.code == 0, "\(evaluated.errors)")
    let lines = evaluated.output.split(separator: "\n")
    #expect(lines.count == 3 && lines[2].contains("\"resolution\": \"4x4\""))

    let solved = try CommandLineTool.run([
      "pde", "solve", run, "--input", folder.path("test16_x.npy"), "--output",
      folder.path("u.npy"), "--plot", folder.path("u.png"),
    ])
    #expect(solved.code == 0, "\(solved.errors)")
    let (found, truth) = (
      try NpyFile.read(folder.path("u.npy")), try NpyFile.read(folder.path("test16_y.npy"))
    )
    #expect(found.shape == truth.shape)
    let (a, b) = (try found.floats(), try truth.floats())
    let error = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(error < 0.25 * b.reduce(0) { $0 + $1 * $1 }, "the negative is learned")
    let picture = try Data(contentsOf: URL(fileURLWithPath: folder.path("u.png")))
    #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]) && picture.count > 2000)

    let resumed = try CommandLineTool.run(["pde", "train", "--resume", run])
    #expect(resumed.code == 0, "\(resumed.errors)")
  }

  @Test func oneFileIsDivided() throws {
    let folder = try TemporaryFolder()
    let train = try Self.write("all", samples: 10, size: 8, in: folder)
    let trained = try CommandLineTool.run(
      [
        "pde", "train", train, "--model", "ffno", "--out", folder.path("run"), "--set",
        "training.epochs=1", "--set", "model.width=4", "--set", "model.modes=3",
        "--set", "model.layers=1",
      ])
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(trained.errors.contains("9 training samples of 8x8, test samples: 1 of 8x8"))
  }

  @Test func whatIsWrongIsNamed() throws {
    let folder = try TemporaryFolder()
    let train = try Self.write("train", samples: 12, size: 8, in: folder)
    func message(_ arguments: [String], code: Int32 = 1) throws -> String {
      let result = try CommandLineTool.run(["pde"] + arguments)
      #expect(result.code == code, "\(arguments): \(result.errors)")
      return result.errors
    }
    let out = ["--out", folder.path("run")]
    #expect(try message(["train"] + out, code: 64).contains("file of training samples"))
    #expect(try message(["train", train, "--model", "x"] + out, code: 64).contains("--model"))
    #expect(
      try message(["train", train, "--set", "model.mode=3"] + out, code: 64).contains("modes"))
    #expect(try message(["train", folder.path("none.h5")] + out).contains("none.h5"))
    // A pickle that asks for code, outside of an archive.
    let pickle = folder.path("code.pt")
    try Data([0x80, 0x02] + Array("cposix\nsystem\n(X\u{2}\0\0\0lst\u{1}R.".utf8)).write(
      to: URL(fileURLWithPath: pickle))
    #expect(try message(["train", pickle] + out).contains("code.pt"))
    // Not a number in the middle.
    var values = [Float](repeating: 1, count: 2 * 64)
    values[70] = .nan
    let broken = folder.path("broken.npy")
    try NpyFile.write(RawTensor(floats: values.span, shape: [2, 8, 8]), to: broken)
    let nan = try message(["train", "\(broken),\(broken)"] + out)
    #expect(nan.contains("sample 1") && nan.contains("finite"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("run/config.json")))

    let trained = try CommandLineTool.run(
      ["pde", "train", train] + out + Self.settings + ["--set", "training.epochs=1"])
    #expect(trained.code == 0, "\(trained.errors)")
    let solve = ["solve", folder.path("run"), "--output", folder.path("u.npy")]
    #expect(try message(solve + ["--input", broken]).contains("finite"))
    let flat = folder.path("flat.npy")
    try NpyFile.write(
      RawTensor(floats: [Float](repeating: 1, count: 8).span, shape: [8]), to: flat)
    #expect(try message(solve + ["--input", flat]).contains("shape [8]"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("u.npy")))
    #expect(
      try message(solve + ["--input", flat, "--plot", "u.gif"], code: 64).contains(".png"))
    #expect(
      try message(["evaluate", folder.path("run"), "--resolutions", "8,x"], code: 64)
        .contains("--resolutions"))
    #expect(
      try message(["evaluate", folder.path("run"), "--resolutions", "7"]).contains("8x8"))
    #expect(try message(["evaluate", folder.path("none")]).contains("none"))
  }
}
