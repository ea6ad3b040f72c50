extension RunReport {
  /// Loss and accuracy, each if it was measured.
  var mainCharts: [LineChart] {
    var charts: [LineChart] = []
    if let loss = chart(
      "Loss", yLabel: "loss", training: \.loss, evaluation: \.loss,
      mark: best.flatMap { best in
        best.loss.map { loss in
          // The best accuracy need not come with the lowest loss.
          let name = best.accuracy == nil ? "best" : "best model:"
          return (best.step, loss, "\(name) \(NumberFormat.significant(loss))")
        }
      })
    {
      charts.append(loss)
    }
    let percent = { (value: Double) in value * 100 }
    if var accuracy = chart(
      "Accuracy", yLabel: "accuracy", training: \.accuracy, evaluation: \.accuracy, scale: percent,
      mark: best.flatMap { best in
        best.accuracy.map { (best.step, $0, "best \(NumberFormat.percent($0, places: 2))") }
      })
    {
      accuracy.logY = false
      accuracy.ySuffix = "%"
      charts.append(accuracy)
    }
    return charts
  }

  /// Learning rate, gradient norm and throughput, each if it was measured.
  var secondaryCharts: [LineChart] {
    var charts: [LineChart] = []
    if var rate = chart("Learning rate", yLabel: "learning rate", training: \.learningRate) {
      rate.logY = false
      rate.startsAtZero = true
      // The schedule is exact: there is nothing to smooth.
      rate.series = Array(rate.series.prefix(1))
      rate.series[0].style = .line
      charts.append(rate)
    }
    if let norm = chart("Gradient norm", yLabel: "norm", training: \.gradientNorm) {
      charts.append(norm)
    }
    if var speed = chart("Throughput", yLabel: "tokens/s", training: \.tokensPerSecond) {
      speed.logY = false
      speed.startsAtZero = true
      charts.append(speed)
    }
    return charts
  }

  /// A chart of one quantity over the steps, or `nil` without any value.
  private func chart(
    _ title: String, yLabel: String, training: KeyPath<StepPoint, Double?>,
    evaluation: KeyPath<EvaluationPoint, Double?>? = nil,
    scale: (Double) -> Double = { $0 }, mark: (step: Int, value: Double, label: String)? = nil
  ) -> LineChart? {
    var chart = LineChart(title: title, xLabel: "step", yLabel: yLabel)
    let raw = steps.compactMap { point -> Decimation.Point? in
      point[keyPath: training].map { (Double(point.step), scale($0)) }
    }
    if raw.count > 100 {
      let smooth = Decimation.smoothed(raw, window: raw.count / 50)
      chart.series = [
        LineChart.Series("", points: raw, style: .faint, color: .palette(0)),
        LineChart.Series("training", points: smooth, color: .palette(0)),
      ]
    } else if !raw.isEmpty {
      chart.series = [LineChart.Series("training", points: raw, color: .palette(0))]
    }
    if let evaluation { addEvaluations(evaluation, scale, to: &chart) }
    guard !chart.series.isEmpty else { return nil }
    if let mark {
      let color = chart.series.first { $0.name == best?.split }?.color ?? .palette(1)
      chart.markers = [
        LineChart.Marker(
          x: Double(mark.step), y: scale(mark.value), label: mark.label, color: color)
      ]
    }
    chart.logY = Self.spansDecades(chart.series)
    return chart
  }

  private func addEvaluations(
    _ value: KeyPath<EvaluationPoint, Double?>, _ scale: (Double) -> Double,
    to chart: inout LineChart
  ) {
    var splits: [String] = []
    for point in evaluations
    where !splits.contains(point.split) && point.split.lowercased() != "test" {
      splits.append(point.split)
    }
    for (index, split) in splits.enumerated() {
      let points = evaluations.compactMap { point -> Decimation.Point? in
        guard point.split == split else { return nil }
        return point[keyPath: value].map { (Double(point.step), scale($0)) }
      }
      guard !points.isEmpty else { continue }
      // "train" as a split would read as the curve of the batches.
      let name = split.lowercased().hasPrefix("train") ? "\(split) (evaluated)" : split
      chart.series.append(LineChart.Series(name, points: points, color: .palette(index + 1)))
    }
  }

  /// Whether a logarithmic axis shows the curves better: all positive, over two decades.
  private static func spansDecades(_ series: [LineChart.Series]) -> Bool {
    var (least, most) = (Double.infinity, 0.0)
    for value in series.lazy.flatMap(\.points).map(\.y) where value.isFinite {
      guard value > 0 else { return false }
      least = min(least, value)
      most = max(most, value)
    }
    return most > 100 * least
  }
}
