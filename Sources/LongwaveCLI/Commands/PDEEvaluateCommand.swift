import ArgumentParser
import Foundation
import Longwave

struct PDEEvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluate a trained neural operator, at its resolution and at others.",
    discussion: """
      Takes the best checkpoint of a run's folder, or one checkpoint file. A resolution is the \
      number of points of the first axis; what no file has is taken from a finer one, point by \
      point, if that has a whole multiple of its points.

      Operators that make frames go on from their own frames to the end of each trajectory. \
      --metrics adds the six measures of PDEBench, and the relative L2 error of each step.

      Example:
        longwave pde evaluate runs/darcy --data darcy_test_32.pt --resolutions 16,32
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The folder of a run, or a checkpoint.", valueName: "run"))
  var source: String

  @Option(help: "A file of test samples; repeatable. (default: those of the run)")
  var data: [String] = []

  @Option(help: "Resolutions, separated by commas. (default: those of the files)")
  var resolutions: String?

  @Option(
    name: .customLong("batch-size"), help: "Samples in a batch. (default: that of the run)")
  var batchSize: Int?

  @Flag(help: "Print PDEBench's measures too, and the error of each step.")
  var metrics = false

  @Flag(help: "Print one JSON object a line.")
  var json = false

  private func wanted() throws -> [Int]? {
    guard let resolutions else { return nil }
    return try resolutions.split(separator: ",", omittingEmptySubsequences: false).map {
      guard let size = Int($0), size > 0 else {
        throw ValidationError(
          "--resolutions: expected positive numbers separated by commas, got \(resolutions)")
      }
      return size
    }
  }

  func validate() throws {
    if let batchSize, batchSize <= 0 {
      throw ValidationError("--batch-size: expected at least 1, got \(batchSize)")
    }
    _ = try wanted()
  }

  func run() throws {
    common.apply()
    let checkpoint = try OperatorCheckpoint(runOrFile: source)
    let files =
      try data.isEmpty
      ? checkpoint.configuration.data.load().tests
      : data.map { try checkpoint.configuration.data.openTest($0).load() }
    for pairs in files { try checkpoint.recipe.check(pairs) }
    let sets = try wanted().map { sizes in
      try sizes.map { try FieldDataset.matching(resolution: $0, in: files) }
    }
    let clock = ContinuousClock()
    if !json { print("resolution    samples  relative L2   median    largest   ms a sample") }
    for pairs in sets ?? files {
      let start = clock.now
      let found = checkpoint.recipe.predictions(
        of: checkpoint.model, on: pairs, batchSize: batchSize)
      let errors = RelativeL2.perSample(found, pairs.targets)
      let milliseconds = (clock.now - start) / .milliseconds(1) / Double(pairs.count)
      let sorted = errors.sorted()
      let (mean, median, largest) = (
        errors.reduce(0, +) / Double(errors.count), sorted[sorted.count / 2],
        sorted[sorted.count - 1]
      )
      let more = metrics ? OperatorMeasures(found, pairs) : nil
      if json {
        let line = try JSONLine().adding("resolution", pairs.resolution)
          .adding("samples", count: pairs.count).adding("relative_l2", number: mean)
          .adding("median", number: median).adding("largest", number: largest)
          .adding("ms_per_sample", number: milliseconds)
        print((more?.added(to: line) ?? line).text)
      } else {
        let name = pairs.resolution
        print(
          name + String(repeating: " ", count: max(1, 14 - name.count))
            + BenchText.pad(pairs.count, 7)
            + [mean, median, largest, milliseconds].map {
              BenchText.pad(NumberFormat.significant($0, digits: 4), 12)
            }.joined())
        more?.lines.forEach { print($0) }
      }
    }
  }
}
