import SequenceTensor

/// Windows of one long series: some rows to read, and the rows behind them to foretell.
public struct ForecastWindows: SequenceExamples {
  /// A name for reports.
  public let name: String
  /// `[rows, channels]` in row-major order, standardised.
  let values: [Float]
  let channels: Int
  /// The rows that belong to the part: every forecast lies in them, and so do the inputs.
  let rows: Range<Int>
  let input: Int
  let horizon: Int

  /// How many windows there are: one for each row that one can begin at.
  public var count: Int { max(0, rows.count - input - horizon + 1) }

  /// The rows that are read.
  public func length(of index: Int) -> Int { input }

  /// `[windows, input, channels]` to read and `[windows, horizon, channels]` to foretell.
  public func batch(_ indices: [Int], padTo: Int?) -> SequenceBatch {
    var (inputs, targets): ([Float], [Float]) = ([], [])
    for index in indices {
      let start = rows.lowerBound + index
      inputs += values[(start * channels)..<((start + input) * channels)]
      targets += values[((start + input) * channels)..<((start + input + horizon) * channels)]
    }
    return SequenceBatch(
      input: .values(Tensor(inputs, shape: [indices.count, input, channels])),
      target: .values(Tensor(targets, shape: [indices.count, horizon, channels])),
      lengths: indices.map { _ in input }, length: input)
  }
}
