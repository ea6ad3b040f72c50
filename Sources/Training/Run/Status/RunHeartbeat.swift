import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What a run says about itself in `status.json`, at its start, every few seconds and at its end.
///
/// It holds all that changes with the clock and the machine, so that `metrics.jsonl` need not. Nothing
/// that a run needs to go on is in it: without it, or with a damaged one, everything else works.
struct RunHeartbeat: Codable {
  /// What a run is doing.
  enum Condition: String, Codable {
    case running, stopped, finished
  }

  /// What the run was doing when this was written.
  var condition = Condition.stopped
  /// The error that stopped it.
  var reason: String?
  /// The process that trains.
  var process = RunProcess.current
  /// Steps taken.
  var step = 0
  /// Steps in all.
  var totalSteps: Int
  /// Steps of an epoch.
  var stepsPerEpoch: Int
  /// Values that are learned.
  var parameters: Int
  /// Seconds of training over all parts of the run.
  var elapsedSeconds = 0.0
  /// Seconds until the run is to stop by time.
  var secondsLeft: Double?
  /// Tokens or samples a second of the last step.
  var amountPerSecond: Double?
  /// Seconds since 1970 when this was written.
  var written = 0.0

  /// Seconds between two, so that a run with short steps does not write all the time.
  static let interval = 5.0

  init(totalSteps: Int, stepsPerEpoch: Int, parameters: Int) {
    self.totalSteps = totalSteps
    self.stepsPerEpoch = stepsPerEpoch
    self.parameters = parameters
  }

  /// Whether the last one is long enough ago.
  var isDue: Bool { Date().timeIntervalSince1970 - written >= Self.interval }

  /// Writes it to the run's folder; a run does not end for the want of it.
  mutating func write(to folder: RunFolder) {
    written = Date().timeIntervalSince1970
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return }
    try? AtomicFile.write(String(decoding: data, as: UTF8.self) + "\n", to: folder.status)
  }

  /// Reads that of a run; `nil` if there is none that can be read.
  init?(of folder: RunFolder) {
    guard let data = FileManager.default.contents(atPath: folder.status) else { return nil }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let found = try? decoder.decode(RunHeartbeat.self, from: data) else { return nil }
    self = found
  }

  /// Whether the run goes on: on another machine that is guessed from the age of what was written.
  var isAlive: Bool {
    guard condition == .running else { return false }
    let age = Date().timeIntervalSince1970 - written
    return process.isOfThisMachine ? process.isAlive : age < 10 * Self.interval
  }
}

extension RunFolder {
  /// Refuses a run that another process is training.
  ///
  /// - Throws: `RunError` if one is.
  public func requireNoProcess() throws(RunError) {
    guard let heartbeat = RunHeartbeat(of: self), heartbeat.isAlive,
      heartbeat.process != RunProcess.current
    else { return }
    throw RunError(
      place: path, expected: "a run that no process is training",
      got: "one of \(heartbeat.process)")
  }
}
