import Foundation
import TensorIO
import Testing
import Training

/// `longwave pde` from an equation's name to a roll-out.
@Suite(.enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct EquationCommandTests {
  private static func pde(_ arguments: [String], code: Int32 = 0) throws -> String {
    let result = try CommandLineTool.run(["pde"] + arguments)
    #expect(result.code == code, "\(arguments): \(result.errors)")
    return code == 0 ? result.output : result.errors
  }

  static let small = [
    "training.epochs=6", "training.batchSize=8", "model.modes=4", "model.channels=6",
    "model.layers=2", "training.warmupSteps=2", "training.learningRate=0.01",
  ].flatMap { ["--set", $0] }

  @Test func fromAnEquationToARollout() throws {
    let folder = try TemporaryFolder()
    let run = folder.path("heat")
    let trained = try Self.pde(
      [
        "train", "heat", "--out", run, "--samples", "12", "--test-samples", "3", "--grid", "16",
        "--to", "0.5", "--frames", "6",
      ] + Self.small)
    #expect(trained.contains("at 16, 3 test samples"))
    let report = try String(contentsOfFile: run + "/report.html", encoding: .utf8)
    #expect(report.contains("Roll-out") && report.contains("5 steps"))

    // The solver in two halves is the solver at once.
    let wisely = try Self.pde([
      "solve", run, "--sample", "1", "--check", "--json", "--steps", "3", "--output",
      folder.path("u.npy"), "--plot", folder.path("u.png"),
    ])
    #expect(wisely.contains("\"steps\": 3") && wisely.contains("\"reference_grid\": \"16\""))
    #expect(try NpyFile.read(folder.path("u.npy")).shape == [3, 16, 1])

    let rolled = try Self.pde([
      "rollout", run, run, "--steps", "9", "--samples", "2", "--plot", folder.path("r.svg"),
      "--output", folder.path("r.npy"), "--json",
    ])
    let lines = rolled.split(separator: "\n")
    #expect(lines.count == 2 && lines[0].contains("\"diverges_at\":"))
    #expect(try NpyFile.read(folder.path("r.npy")).shape == [2, 9, 16, 1])
    #expect(FileManager.default.fileExists(atPath: folder.path("r.svg")))

    let measured = try Self.pde(["evaluate", run, "--metrics"])
    #expect(measured.contains("fRMSE high") && measured.contains("step    5"))
    // Every second point of the file's.
    #expect(try Self.pde(["evaluate", run, "--resolutions", "8,16"]).contains("\n8 "))

    // A run on another equation, on its data.
    let other = folder.path("wave.h5")
    _ = try Self.pde([
      "generate", "advection", "--samples", "2", "--grid", "16", "--frames", "6", "--out", other,
    ])
    #expect(try Self.pde(["evaluate", run, "--data", other], code: 1).contains("advection"))
    #expect(try Self.pde(["rollout", run, "--data", other], code: 1).contains("samples of heat"))
  }

  @Test func aSteadyEquationIsChecked() throws {
    let folder = try TemporaryFolder()
    let run = folder.path("darcy")
    _ = try Self.pde(
      [
        "train", "darcy", "--out", run, "--samples", "8", "--test-samples", "2", "--grid", "17",
        "--save-grid", "9",
      ] + Self.small)
    let drawn = try Self.pde(["solve", run, "--sample", "0", "--check"])
    #expect(drawn.contains("on a grid of 17x17") && drawn.contains("times as long"))
    // On another grid, which the grid of the solver is a multiple of.
    let other = try Self.pde(["solve", run, "--sample", "0", "--grid", "5", "--check", "--json"])
    #expect(other.contains("\"reference_grid\": \"17x17\""))
    // An input on a grid of its own.
    let file = folder.path("a.npy")
    let values = (0..<121).map { Float($0 % 2 == 0 ? 12 : 3) }
    try NpyFile.write(RawTensor(floats: values.span, shape: [11, 11]), to: file)
    let given = try Self.pde(["solve", run, "--input", file, "--check"])
    #expect(given.contains("on a grid of 11x11"))
    // One that the equation cannot be solved for.
    let negative = values.map { -$0 }
    try NpyFile.write(RawTensor(floats: negative.span, shape: [11, 11]), to: file)
    let output = folder.path("u.npy")
    #expect(
      try Self.pde(["solve", run, "--input", file, "--check", "--output", output], code: 1)
        .contains("expected"))
    #expect(!FileManager.default.fileExists(atPath: output))
    #expect(
      try Self.pde(["rollout", run, "--steps", "3"], code: 1).contains("frames from frames"))
    #expect(
      try Self.pde(["solve", run, "--sample", "0", "--check", "--steps", "3"], code: 64)
        .contains("--steps"))
    #expect(
      try Self.pde(["solve", run, "--input", file, "--grid", "5", "--check"], code: 64)
        .contains("--grid: expected with --sample"))
  }

  @Test func equationsAreListed() throws {
    #expect(try Self.pde(["list"]).contains("kuramoto-sivashinsky"))
    let burgers = try Self.pde(["list", "burgers"])
    #expect(burgers.contains("viscosity") && burgers.contains("deeponet"))
    #expect(try Self.pde(["list", "maxwell"], code: 1).contains("burgers"))
  }

  @Test func theSameSeedGivesTheSameFile() throws {
    let folder = try TemporaryFolder()
    for (name, threads) in [("a.h5", "1"), ("b.h5", "2")] {
      _ = try Self.pde([
        "generate", "burgers", "--samples", "9", "--grid", "64", "--save-grid", "16", "--out",
        folder.path(name), "--seed", "3", "--threads", threads,
      ])
    }
    let files = try ["a.h5", "b.h5"].map {
      try Data(contentsOf: URL(fileURLWithPath: folder.path($0)))
    }
    #expect(files[0] == files[1])
  }

  @Test func whatIsWrongIsNamed() throws {
    let folder = try TemporaryFolder()
    let out = ["--out", folder.path("a.h5"), "--samples", "2"]
    func failure(_ arguments: [String], code: Int32 = 1) throws -> String {
      let errors = try Self.pde(["generate"] + arguments + out, code: code)
      #expect(!FileManager.default.fileExists(atPath: folder.path("a.h5")))
      return errors
    }
    #expect(try failure(["burgers", "--parameter", "viscosity=-1"]).contains("viscosity"))
    #expect(try failure(["burgers", "--parameter", "nu=1"]).contains("viscosity, got nu"))
    #expect(try failure(["burgers", "--parameter", "nu"], code: 64).contains("name=number"))
    #expect(try failure(["burgers", "--preset", "book"]).contains("paper, script, deeponet"))
    #expect(try failure(["burgers", "--grid", "2"]).contains("points or more, got 2"))
    #expect(
      try failure(["burgers", "--grid", "64", "--save-grid", "48"], code: 64)
        .contains("a divisor of the points"))
    #expect(try failure(["darcy", "--grid", "16x9x3"], code: 64).contains("1 or 2 sizes"))
    #expect(try failure(["heat", "--from", "2", "--to", "1"], code: 64).contains("from < to"))
    #expect(try failure(["darcy", "--frames", "3"], code: 64).contains("equation with time"))
    // A step beyond what the scheme can bear.
    #expect(
      try failure([
        "shock-burgers", "--grid", "32", "--parameter", "courantNumber=5",
      ]).contains("courantNumber"))
    #expect(
      try Self.pde(["generate", "burgers", "--out", folder.path("a.csv")], code: 64)
        .contains(".h5"))
    #expect(
      try Self.pde(["train", "maxwell", "--out", folder.path("run")], code: 1).contains("burgers"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("run")))
  }
}
