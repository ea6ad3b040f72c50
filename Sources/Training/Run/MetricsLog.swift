import TensorIO

/// The append-only records of a run.
struct MetricsLog {
  private let metrics: JSONLinesWriter
  private let timings: JSONLinesWriter
  private let filters: JSONLinesWriter
  /// The seconds of training until the last line of times that was kept.
  let elapsed: Double

  /// Opens the files; lines after `step` belong to a part of the run that was lost, and the test
  /// at the end is made again.
  ///
  /// - Parameter step: the step to go on from; `nil` begins anew.
  init(_ folder: RunFolder, step: Int?) throws {
    for path in [folder.metrics, folder.timings, folder.filters] {
      try JSONLinesWriter.keep(path: path) { line in
        guard let step, let found = Self.step(of: line) else { return false }
        return found <= step && !line.contains("\"split\":\"test\"")
      }
    }
    elapsed = try step == nil ? 0 : RunTimes(folder).total
    metrics = try JSONLinesWriter(path: folder.metrics)
    timings = try JSONLinesWriter(path: folder.timings)
    filters = try JSONLinesWriter(path: folder.filters)
  }

  /// The step of a line; every line begins with it.
  private static func step(of line: Substring) -> Int? {
    guard line.hasPrefix("{\"step\":") else { return nil }
    return Int(line.dropFirst(8).prefix { $0.isNumber })
  }

  func train(_ state: TrainingState, epoch: Int, rate: Float) throws {
    let window = state.window
    let accuracy = window.accuracy.map { ",\"accuracy\":\($0)" } ?? ""
    try metrics.append(
      "{\"step\":\(state.step),\"kind\":\"train\",\"epoch\":\(epoch)"
        + ",\"loss\":\(window.meanLoss)\(accuracy)"
        + ",\"learning_rate\":\(rate),\"gradient_norm\":\(window.meanGradientNorm)}")
  }

  func evaluation(
    _ state: TrainingState, epoch: Int, split: String, _ result: some EvaluationResult
  ) throws {
    try metrics.append(
      "{\"step\":\(state.step),\"kind\":\"evaluation\",\"epoch\":\(epoch)"
        + ",\"split\":\"\(split)\",\(result.record(isFinal: split == "test"))}")
  }

  /// The time of a step, and of the run until then.
  func timing(step: Int, seconds: Double, tokensPerSecond: Double, elapsed: Double) throws {
    try timings.append(
      "{\"step\":\(step),\"seconds\":\(seconds),\"tokens_per_second\":\(tokensPerSecond)"
        + ",\"elapsed\":\(elapsed)}")
  }

  /// The time of the run until an evaluation or a checkpoint after a step.
  func timing(step: Int, elapsed: Double) throws {
    try timings.append("{\"step\":\(step),\"elapsed\":\(elapsed)}")
  }

  /// What of the model was worth a line.
  func snapshots(_ lines: [String], step: Int) throws {
    for line in lines { try filters.append("{\"step\":\(step),\(line)}") }
  }
}
