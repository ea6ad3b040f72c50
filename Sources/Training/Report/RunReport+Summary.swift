extension RunReport {
  typealias Figure = ReportPage.Figure

  /// The evaluations that choose the best model, in order.
  var validation: [EvaluationPoint] {
    let names = ["validation", "valid", "val", "dev"]
    return evaluations.filter { names.contains($0.split.lowercased()) }
  }

  /// The evaluation with the highest accuracy, or with the lowest loss if that decides or accuracy is
  /// unknown.
  var best: EvaluationPoint? {
    var best: EvaluationPoint?
    let byAccuracy = !comparesByLoss && validation.contains { $0.accuracy?.isFinite ?? false }
    for point in validation {
      guard let score = byAccuracy ? point.accuracy : point.loss.map({ -$0 }), score.isFinite
      else { continue }
      let known = byAccuracy ? best?.accuracy : best?.loss.map { -$0 }
      if known.map({ score > $0 }) ?? true { best = point }
    }
    return best
  }

  /// The figures that are known.
  var figures: [Figure] {
    var figures = testFigures
    figures += testMeasures.map { Figure(label: $0, value: $1, note: "") }
    figures += validationFigures
    if let parameterCount {
      let text = NumberFormat.compact(Double(parameterCount))
      let exact = NumberFormat.grouped(parameterCount)
      figures.append(Figure(label: "Parameters", value: text, note: exact == text ? "" : exact))
    }
    if let durationSeconds {
      let passes = steps.last?.epoch ?? evaluations.last?.epoch
      let last = max(steps.last?.step ?? 0, evaluations.last?.step ?? 0)
      var notes = last > 0 ? ["\(Self.count(last)) steps"] : []
      if let passes { notes.append("\(NumberFormat.compact(passes)) epochs") }
      figures.append(
        Figure(
          label: "Duration", value: DurationFormat.text(seconds: durationSeconds),
          note: notes.joined(separator: ", ")))
    }
    if let rate = tokensPerSecond ?? medianThroughput {
      figures.append(
        Figure(
          label: "Throughput", value: NumberFormat.compact(rate),
          note: tokensPerSecond == nil ? "tokens/s, median" : "tokens/s"))
    }
    return figures
  }

  private var testFigures: [Figure] {
    let test = evaluations.last { $0.split.lowercased() == "test" }
    let examples = confusion.reduce(0) { $0 + $1.reduce(0, +) }
    let note = examples > 0 ? "\(NumberFormat.grouped(examples)) examples" : ""
    let loss = testLoss ?? test?.loss
    let lossText = loss.map { NumberFormat.significant($0) }
    if !comparesByLoss, let accuracy = testAccuracy ?? test?.accuracy {
      return [
        Figure(
          label: "Test accuracy", value: NumberFormat.percent(accuracy, places: 2),
          note: lossText.map { "loss " + $0 } ?? note, isLeading: true)
      ]
    }
    return lossText.map {
      [Figure(label: "Test loss", value: $0, note: note, isLeading: true)]
    } ?? []
  }

  private var validationFigures: [Figure] {
    guard let best, let last = validation.last else { return [] }
    let step = Self.count(best.step)
    if !comparesByLoss, let high = best.accuracy, let final = last.accuracy {
      return [
        Figure(
          label: "Best validation", value: NumberFormat.percent(high, places: 2),
          note: "accuracy, step " + step),
        Figure(
          label: "Final validation", value: NumberFormat.percent(final, places: 2),
          note: last.loss.map { "accuracy, loss " + NumberFormat.significant($0) } ?? "accuracy"),
      ]
    }
    guard let low = best.loss, let final = last.loss else { return [] }
    return [
      Figure(
        label: "Best validation", value: NumberFormat.significant(low), note: "loss, step " + step),
      Figure(label: "Final validation", value: NumberFormat.significant(final), note: "loss"),
    ]
  }

  /// A count that is short enough for a note.
  private static func count(_ number: Int) -> String {
    number < 10_000 ? NumberFormat.grouped(number) : NumberFormat.compact(Double(number))
  }

  private var medianThroughput: Double? {
    let rates = steps.compactMap(\.tokensPerSecond).filter(\.isFinite).sorted()
    return rates.isEmpty ? nil : rates[rates.count / 2]
  }
}
