import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where a run stands, read from its folder without touching it.
///
/// A run that is going on may be read at any time: its records are only appended to, and `status.json`
/// is replaced as a whole. Runs of classifiers, of other tasks and of neural operators are alike.
public struct RunStatus: Sendable {
  /// What a run is doing.
  public enum Condition: String, Sendable, Codable {
    /// Its process lives.
    case running
    /// It can go on.
    case stopped
    /// It has ended.
    case finished
  }

  /// A loss of training, or a result of an evaluation.
  public struct Point: Sendable, Equatable, Codable {
    /// The step.
    public var step: Int
    /// Seconds of training until then, evaluations included, if that was noted.
    public var seconds: Double?
    /// The loss of training, or what evaluations decide by.
    public var value: Double
    /// The loss beside it, where evaluations decide by something else.
    public var loss: Double?
  }

  /// The folder.
  public let folder: RunFolder
  /// What the run is doing.
  public private(set) var condition = Condition.stopped
  /// Why it stopped, if that is known: an error, or that its process is gone.
  public private(set) var reason: String?
  /// The process that trains, or trained last, as text.
  public private(set) var process: String?
  /// Seconds since the run last said something.
  public private(set) var secondsSinceUpdate: Double?
  /// What is learned; `nil` for neural operators.
  public private(set) var task: String?
  /// The kind of model.
  public private(set) var model: String?
  /// Values that are learned; `nil` for runs that have not said so.
  public private(set) var parameters: Int?
  /// Steps taken.
  public private(set) var step = 0
  /// Steps in all; `nil` for runs that have not said so.
  public private(set) var totalSteps: Int?
  /// Epochs in all.
  public private(set) var epochs: Int?
  /// The epoch of the last line of metrics, from 1.
  public private(set) var epoch: Int?
  /// Seconds of training, evaluations included.
  public private(set) var elapsedSeconds = 0.0
  /// Seconds until the run stops by time; `nil` if it does not.
  public private(set) var secondsToLimit: Double?
  /// Tokens or samples a second, in the middle of all steps that were timed.
  public private(set) var amountPerSecond: Double?
  /// The losses of training.
  public private(set) var losses: [Point] = []
  /// What evaluations decide by: the accuracy of the validation part, or its loss or error.
  public private(set) var results: [Point] = []
  /// The name of what they decide by: `accuracy`, `loss` or `relative L2`.
  public private(set) var measure = "loss"
  /// That of the test part, once there is one.
  public private(set) var test: Double?

  /// Whether more is better.
  public var isScoredByAccuracy: Bool { measure == "accuracy" }

  /// The best of the results.
  public var best: Point? {
    results.filter { $0.value.isFinite }.reduce(nil) { best, point in
      guard let best else { return point }
      let isBetter = isScoredByAccuracy ? point.value > best.value : point.value < best.value
      return isBetter ? point : best
    }
  }

  /// Seconds to the last step at the speed so far; `nil` where that is not known or there are none left.
  public var secondsLeft: Double? {
    guard let totalSteps, step > 0, condition != .finished else { return nil }
    return elapsedSeconds / Double(step) * Double(max(0, totalSteps - step))
  }

  /// Whether a folder is that of a run.
  public static func isRun(_ path: String) -> Bool {
    let folder = RunFolder(path)
    return [folder.configuration, folder.metrics].allSatisfy {
      FileManager.default.fileExists(atPath: $0)
    }
  }

  /// The runs in a folder: itself, or those below it, sorted, down to four folders deep.
  public static func runs(in path: String) -> [RunFolder] { runs(in: path, depth: 4) }

  private static func runs(in path: String, depth: Int) -> [RunFolder] {
    if isRun(path) { return [RunFolder(path)] }
    guard depth > 0, let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      return []
    }
    return names.filter { !$0.hasPrefix(".") }.sorted().flatMap { name in
      TextFile.isFolder("\(path)/\(name)") ? runs(in: "\(path)/\(name)", depth: depth - 1) : []
    }
  }

  /// Reads a run.
  ///
  /// - Throws: `RunError` if the folder is not that of a run, and errors of reading its records.
  public init(_ folder: RunFolder) throws {
    guard Self.isRun(folder.path) else {
      throw RunError(
        place: folder.path, expected: "the folder of a run",
        got: TextFile.isFolder(folder.path) ? "another folder" : "no such folder")
    }
    self.folder = folder
    readConfiguration()
    let times = try RunTimes(folder)
    let isOver = try readMetrics(times)
    (elapsedSeconds, amountPerSecond) = (times.total, times.medianRate)
    step = max(step, times.elapsed.keys.max() ?? 0)
    readHeartbeat(isOver: isOver)
  }

  private mutating func readConfiguration() {
    struct Configuration: Decodable {
      struct Training: Decodable { var epochs: Int? }
      var task: String?
      var modelName: String?
      var training: Training?
    }
    guard let data = FileManager.default.contents(atPath: folder.configuration),
      let found = try? JSONDecoder().decode(Configuration.self, from: data)
    else { return }
    (task, model, epochs) = (found.task, found.modelName, found.training?.epochs)
  }

  /// Returns whether the run has been tested, as it is at its end.
  private mutating func readMetrics(_ times: RunTimes) throws -> Bool {
    struct Line: Decodable {
      var step: Int
      var kind: String
      var epoch: Int?
      var loss: Double?
      var accuracy: Double?
      var split: String?
      var relativeL2: [String: Double]?

      enum CodingKeys: String, CodingKey {
        case step, kind, epoch, loss, accuracy, split
        case relativeL2 = "relative_l2"
      }
    }
    // As `SequenceRecipe.isScoredByAccuracy`.
    let byLoss = [TrainingTask.textFile, .dna, .forecasting].map(\.rawValue).contains(task ?? "")
    var isOver = false
    for text in try JSONLinesWriter.lines(path: folder.metrics) {
      guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)) else { continue }
      step = max(step, line.step)
      epoch = line.epoch.map { $0 + 1 } ?? epoch
      if line.kind == "train" {
        if let loss = line.loss {
          losses.append(Point(step: line.step, seconds: times.elapsed[line.step], value: loss))
        }
        continue
      }
      let value: Double?
      if let error = line.relativeL2?.min(by: { $0.key < $1.key })?.value {
        (value, measure) = (error, "relative L2")
      } else if let accuracy = line.accuracy, !byLoss {
        (value, measure) = (accuracy, "accuracy")
      } else {
        value = line.loss
      }
      if line.split == "test" {
        (test, isOver) = (value, true)
      } else if let value {
        results.append(
          Point(
            step: line.step, seconds: times.elapsed[line.step], value: value, loss: line.loss))
      }
    }
    return isOver
  }

  private mutating func readHeartbeat(isOver: Bool) {
    guard let heartbeat = RunHeartbeat(of: folder) else {
      // A run of an earlier version: its records say whether it has ended.
      condition = isOver ? .finished : .stopped
      return
    }
    totalSteps = heartbeat.totalSteps
    parameters = heartbeat.parameters
    process = "\(heartbeat.process)"
    secondsSinceUpdate = max(0, Date().timeIntervalSince1970 - heartbeat.written)
    switch heartbeat.condition {
    case .finished: condition = .finished
    case .stopped:
      condition = isOver ? .finished : .stopped
      reason = heartbeat.reason
    case .running where heartbeat.isAlive:
      condition = .running
      step = max(step, heartbeat.step)
      elapsedSeconds = max(elapsedSeconds, heartbeat.elapsedSeconds)
      secondsToLimit = heartbeat.secondsLeft.map { max(0, $0 - (secondsSinceUpdate ?? 0)) }
    case .running: reason = "its process ended without saying so"
    }
  }
}
