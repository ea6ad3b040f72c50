import Differentiation
import Layers
import LongConvolution
import SequenceTensor
import TensorIO

/// The append-only records of a run.
struct MetricsLog {
  private let metrics: JSONLinesWriter
  private let timings: JSONLinesWriter
  private let filters: JSONLinesWriter

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
    let steps = Double(max(1, window.steps))
    try metrics.append(
      "{\"step\":\(state.step),\"kind\":\"train\",\"epoch\":\(epoch)"
        + ",\"loss\":\(window.loss / steps)"
        + ",\"accuracy\":\(Double(window.correct) / Double(max(1, window.sequences)))"
        + ",\"learning_rate\":\(rate),\"gradient_norm\":\(window.gradientNorm / steps)}")
  }

  func evaluation(_ state: TrainingState, epoch: Int, split: String, _ result: Evaluation) throws {
    let confusion =
      split == "test"
      ? ",\"confusion\":\(result.confusion.map { $0.map(String.init).joined(separator: ",") }.bracketed)"
      : ""
    try metrics.append(
      "{\"step\":\(state.step),\"kind\":\"evaluation\",\"epoch\":\(epoch)"
        + ",\"split\":\"\(split)\",\"loss\":\(result.loss)"
        + ",\"accuracy\":\(result.accuracy)\(confusion)}")
  }

  func timing(step: Int, seconds: Double, tokensPerSecond: Double) throws {
    try timings.append(
      "{\"step\":\(step),\"seconds\":\(seconds),\"tokens_per_second\":\(tokensPerSecond)}")
  }

  /// A few filters of each layer as they are now.
  func filters(of model: ClassifierModel, step: Int, length: Int) throws {
    for (index, block) in model.stack.blocks.enumerated() {
      guard let mixer = block.mixer.mixer as? any FilteringMixer else { continue }
      let taps = mixer.filterTaps(length: length)
      let firstLag = mixer.firstLag(length: length)
      for channel in Set([0, taps.shape[1] / 2]).sorted() {
        let values = (0..<taps.shape[0]).map { "\(taps[$0, channel])" }
        try filters.append(
          "{\"step\":\(step),\"layer\":\"blocks.\(index)\",\"channel\":\(channel)"
            + ",\"first_lag\":\(firstLag),\"taps\":[\(values.joined(separator: ","))]}")
      }
    }
  }
}

extension [String] {
  /// Rows of numbers as a JSON array of arrays.
  fileprivate var bracketed: String { "[" + map { "[\($0)]" }.joined(separator: ",") + "]" }
}
