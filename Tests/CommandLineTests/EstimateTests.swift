import Foundation
import Testing

/// What a run needs, and published settings.
@Suite(.serialized, .enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct EstimateTests {
  struct Estimate: Decodable {
    var parameters, steps, stepsPerEpoch, measuredSteps, evaluations, peakMemoryBytes: Int
    var secondsPerStep, shortestStep, longestStep, secondsPerEpoch: Double
    var secondsPerEvaluation, secondsOfTest, secondsInAll: Double
  }

  func estimate(_ arguments: [String]) throws -> Estimate {
    let run = try CommandLineTool.run(["estimate"] + arguments + ["--json"])
    try #require(run.code == 0, "\(run.errors)")
    return try CommandLineTool.decoder.decode(Estimate.self, from: Data(run.output.utf8))
  }

  @Test func measuresAndWritesNothing() throws {
    let folder = try TemporaryFolder()
    try folder.makeData()
    let settings = folder.training("run").drop { $0 != "--threads" }
    let before = folder.files("")
    let found = try estimate(
      ["listops", "--data", folder.path("data"), "--steps", "3", "--warmup", "1"] + settings)
    // 24 examples in batches of 4, 2 epochs.
    #expect(found.stepsPerEpoch == 6 && found.steps == 12 && found.measuredSteps == 3)
    #expect(found.evaluations == 2 && found.peakMemoryBytes > 1 << 20)
    #expect(found.shortestStep > 0 && found.shortestStep <= found.secondsPerStep)
    #expect(found.secondsPerStep <= found.longestStep)
    #expect(abs(found.secondsPerEpoch - 6 * found.secondsPerStep) < 1e-9)
    let sum =
      12 * found.secondsPerStep + 2 * found.secondsPerEvaluation + found.secondsOfTest
    #expect(abs(found.secondsInAll - sum) < 1e-9)
    #expect(folder.files("") == before)
    // The same model as the run has.
    let train = try CommandLineTool.run(folder.training("run"))
    #expect(train.errors.contains("sgconv: \(found.parameters) parameters;"), "\(train.errors)")

    let people = try CommandLineTool.run(
      ["estimate", "listops", "--data", folder.path("data"), "--steps", "2"] + settings)
    for name in ["parameters", "a step", "an epoch", "an evaluation", "the run", "memory"] {
      #expect(people.output.contains("\n\(name) ") || people.output.hasPrefix(name), "\(name)")
    }
    let limited = try estimate(
      ["listops", "--data", folder.path("data"), "--steps", "1"] + settings
        + ["--set", "training.maximumSteps=7", "--set", "training.evaluateEverySteps=3"])
    #expect(limited.steps == 7 && limited.evaluations == 3)
  }

  @Test func settingsInAFileSayTheTask() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      "mine.yaml",
      """
      task: recall
      modelName: longconv
      source: {sequenceLength: 20, trainingExamples: 12, validationExamples: 4, testExamples: 4}
      model: {layers: 1, channels: 4}
      training: {batchSize: 4, epochs: 3}
      """)
    let found = try estimate([folder.path("mine.yaml"), "--steps", "1"])
    #expect(found.steps == 9)
    let same = try estimate(["--config", folder.path("mine.yaml"), "--steps", "1"])
    #expect(same.parameters == found.parameters)
    let other = try CommandLineTool.run([
      "estimate", "induction", "--config", folder.path("mine.yaml"),
    ])
    #expect(other.code == 64)
    #expect(other.errors.contains("task: expected recall, as the settings say, got induction"))
    let model = try CommandLineTool.run([
      "train", folder.path("mine.yaml"), "--model", "s4d", "--out", folder.path("run"),
    ])
    #expect(model.code == 64)
    #expect(model.errors.contains("--model: expected longconv, as the settings say, got s4d"))
  }

  @Test func operatorsAreMeasuredToo() throws {
    let folder = try TemporaryFolder()
    let small = Array(EquationCommandTests.small)
    let samples = folder.path("b.h5")
    let drawn = try CommandLineTool.run([
      "pde", "generate", "burgers", "--samples", "6", "--grid", "32", "--save-grid", "16", "--out",
      samples,
    ])
    #expect(drawn.code == 0, "\(drawn.errors)")
    let run = try CommandLineTool.run(
      ["pde", "estimate", samples, "--steps", "2", "--json"] + small
        + ["--set", "data.split.testFraction=0.3"])
    try #require(run.code == 0, "\(run.errors)")
    let found = try CommandLineTool.decoder.decode(Estimate.self, from: Data(run.output.utf8))
    #expect(found.parameters > 0 && found.secondsPerStep > 0 && found.secondsInAll > 0)
  }
}
