import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The folder of one run: `config.json`, `metrics.jsonl`, `timings.jsonl`, `filters.jsonl`,
/// `status.json`, `checkpoints/` and `report.html`.
///
/// `metrics.jsonl` and `filters.jsonl` hold nothing that depends on the clock: two runs with one
/// seed write the same bytes.
public struct RunFolder: Sendable, Hashable {
  /// The folder.
  public let path: String

  /// A folder that need not exist yet.
  public init(_ path: String) { self.path = path }

  /// The resolved configuration.
  public var configuration: String { "\(path)/config.json" }
  /// Losses, accuracies and rates, one JSON object a line.
  public var metrics: String { "\(path)/metrics.jsonl" }
  /// Seconds and tokens a second, one JSON object a line.
  public var timings: String { "\(path)/timings.jsonl" }
  /// Whether and where the run is going on; see `RunStatus`.
  public var status: String { "\(path)/status.json" }
  /// Taps of learned filters over time, one JSON object a line.
  public var filters: String { "\(path)/filters.jsonl" }
  /// The page for people.
  public var report: String { "\(path)/report.html" }
  /// The folder of the checkpoints.
  public var checkpoints: String { "\(path)/checkpoints" }
  /// The checkpoint with the best evaluation.
  public var best: String { "\(checkpoints)/best.safetensors" }

  /// The checkpoint after a step.
  func checkpoint(step: Int) -> String {
    let digits = String(step)
    let padding = String(repeating: "0", count: max(0, 8 - digits.count))
    return "\(checkpoints)/step-\(padding)\(digits).safetensors"
  }

  /// Makes the folder for a new run.
  ///
  /// A run that was ended before its first checkpoint holds nothing and is begun again.
  ///
  /// - Throws: `RunError` if it holds a run already.
  func create(configuration text: String) throws {
    try requireNoRun()
    let files = FileManager.default
    do {
      try files.createDirectory(atPath: checkpoints, withIntermediateDirectories: true)
    } catch {
      throw RunError(place: path, expected: "a folder that can be made", got: "\(error)")
    }
    try AtomicFile.write(text + "\n", to: configuration)
  }

  /// Refuses a folder that holds a run.
  ///
  /// - Throws: `RunError` if it does.
  public func requireNoRun() throws(RunError) {
    if FileManager.default.fileExists(atPath: best) || !stepCheckpoints().isEmpty {
      throw RunError(
        place: path, expected: "a folder without a run",
        got: "a run (go on with it by --resume \(path), or choose another --out)")
    }
  }

  /// The checkpoints of steps, oldest first.
  public func stepCheckpoints() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints)) ?? []
    return names.filter { $0.hasPrefix("step-") && $0.hasSuffix(".safetensors") }.sorted()
      .map { "\(checkpoints)/\($0)" }
  }

  /// The newest checkpoint that can be read, and what was wrong with newer ones.
  ///
  /// - Throws: `RunError` if there is none.
  public func latestCheckpoint<Recipe: ModelRecipe>(
    of recipe: Recipe.Type
  ) throws -> (checkpoint: Checkpoint<Recipe>, problems: [String]) {
    var problems: [String] = []
    for file in stepCheckpoints().reversed() {
      do {
        return (try Checkpoint<Recipe>(readingFrom: file), problems)
      } catch {
        problems.append("\(error)")
      }
    }
    throw RunError(
      place: checkpoints, expected: "a checkpoint",
      got: problems.isEmpty ? "none" : problems.joined(separator: "; "))
  }

  /// The best checkpoint, or the newest if no evaluation has been made yet.
  public func bestCheckpoint<Recipe: ModelRecipe>(
    of recipe: Recipe.Type
  ) throws -> Checkpoint<Recipe> {
    FileManager.default.fileExists(atPath: best)
      ? try Checkpoint(readingFrom: best) : try latestCheckpoint(of: recipe).checkpoint
  }

  /// Deletes all but the newest checkpoints of steps.
  func prune(keeping count: Int) {
    for file in stepCheckpoints().dropLast(count) {
      // A file that cannot be deleted is in nobody's way.
      try? FileManager.default.removeItem(atPath: file)
    }
  }
}

/// A run that cannot start or go on.
public struct RunError: Error, Equatable, CustomStringConvertible {
  /// The folder, file or step.
  public let place: String
  /// What would have been right.
  public let expected: String
  /// What was there.
  public let got: String

  /// What is expected where training has run away.
  public static let finiteLoss = "a finite loss and gradient"

  /// Creates an error.
  public init(place: String, expected: String, got: String) {
    self.place = place
    self.expected = expected
    self.got = got
  }

  /// One line with place, expected and got.
  public var description: String { "\(place): expected \(expected), got \(got)" }
}
