/// Per-class figures of a confusion matrix whose rows are the true classes.
struct ConfusionSummary {
  /// The figures of one class.
  struct Row {
    var name: String
    /// The number of examples of the class.
    var count: Int
    /// The share of the class's examples that were recognised, which is its accuracy.
    var recall: Double?
    /// The share of the predictions of the class that were right.
    var precision: Double?

    /// The harmonic mean of precision and recall.
    var f1: Double? {
      guard let recall, let precision else { return nil }
      return recall + precision > 0 ? 2 * recall * precision / (recall + precision) : 0
    }
  }

  /// A kind of mistake and how often it was made.
  struct Mistake {
    var truth: String
    var prediction: String
    var count: Int
    /// The share of the true class's examples.
    var share: Double
  }

  private(set) var rows: [Row] = []
  private(set) var mistakes: [Mistake] = []
  private(set) var total = 0
  private(set) var correct = 0

  init(_ counts: [[Int]], classNames: [String]) {
    let names = Self.names(max(counts.count, counts.map(\.count).max() ?? 0), classNames)
    let rowTotals = counts.map { $0.reduce(0, +) }
    total = rowTotals.reduce(0, +)
    for index in counts.indices {
      let hits = index < counts[index].count ? counts[index][index] : 0
      let predicted = counts.reduce(0) { $0 + (index < $1.count ? $1[index] : 0) }
      correct += hits
      rows.append(
        Row(
          name: names[index], count: rowTotals[index],
          recall: rowTotals[index] > 0 ? Double(hits) / Double(rowTotals[index]) : nil,
          precision: predicted > 0 ? Double(hits) / Double(predicted) : nil))
      for (column, count) in counts[index].enumerated() where column != index && count > 0 {
        mistakes.append(
          Mistake(
            truth: names[index], prediction: names[column], count: count,
            share: Double(count) / Double(rowTotals[index])))
      }
    }
    mistakes.sort { $0.count > $1.count }
  }

  /// The given names, and numbers for classes that have none.
  static func names(_ count: Int, _ given: [String]) -> [String] {
    (0..<count).map { $0 < given.count ? given[$0] : String($0) }
  }
}
