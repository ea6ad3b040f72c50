import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What `timings.jsonl` of a run says.
struct RunTimes {
  /// Seconds of training, evaluations included, until after each step that has a line.
  private(set) var elapsed: [Int: Double] = [:]
  /// Tokens or samples a second of each step that was timed.
  private(set) var rates: [Int: Double] = [:]
  /// The last of the times.
  private(set) var total = 0.0

  private struct Line: Decodable {
    var step: Int
    var seconds: Double?
    var tokensPerSecond: Double?
    var elapsed: Double?
  }

  /// Reads the times of a run; a run without any has none.
  init(_ folder: RunFolder) throws {
    guard FileManager.default.fileExists(atPath: folder.timings) else { return }
    var previous = 0
    for line in try JSONLinesWriter.values(folder.timings, Line.self) {
      // Older runs have no sum; there the time of a step stands for the steps between two lines.
      total = line.elapsed ?? total + (line.seconds ?? 0) * Double(line.step - previous)
      elapsed[line.step] = total
      previous = line.step
      if let rate = line.tokensPerSecond { rates[line.step] = rate }
    }
  }

  /// The rate in the middle of all rates.
  var medianRate: Double? {
    rates.isEmpty ? nil : rates.values.sorted()[rates.count / 2]
  }
}

extension JSONLinesWriter {
  /// The lines of a file as values, their keys in snake case.
  ///
  /// - Throws: errors of reading, or of decoding a line.
  static func values<Value: Decodable>(_ path: String, _ type: Value.Type) throws -> [Value] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try lines(path: path).map { try decoder.decode(type, from: Data($0.utf8)) }
  }
}
