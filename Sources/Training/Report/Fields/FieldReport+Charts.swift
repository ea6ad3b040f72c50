extension FieldReport {
  /// The names of all resolutions that were tested on the way, in order.
  private var testedResolutions: [String] {
    var names: [String] = []
    for name in epochs.lazy.flatMap(\.testErrors).map(\.resolution) where !names.contains(name) {
      names.append(name)
    }
    return names
  }

  /// The unit of time that suits the whole training, and its seconds.
  private var timeUnit: (name: String, seconds: Double) {
    let longest = epochs.compactMap(\.seconds).filter(\.isFinite).max() ?? 0
    return longest > 7200 ? ("h", 3600) : longest > 180 ? ("min", 60) : ("s", 1)
  }

  /// Training loss and test errors against epochs.
  var epochCharts: [LineChart] { charts(xLabel: "epoch") { $0.epoch } }

  /// Training loss and test errors against time, if it was measured.
  var timeCharts: [LineChart] {
    guard epochs.contains(where: { $0.seconds != nil }) else { return [] }
    let unit = timeUnit
    return charts(" over time", xLabel: "time (\(unit.name))") {
      $0.seconds.map { $0 / unit.seconds }
    }
  }

  /// The learning rate, if it is known.
  var learningRateChart: LineChart? {
    let points = epochs.compactMap { point in point.learningRate.map { (x: point.epoch, y: $0) } }
    guard !points.isEmpty else { return nil }
    var chart = LineChart(
      title: "Learning rate", xLabel: "epoch", yLabel: "learning rate",
      series: [LineChart.Series("", points: points, style: .thin, color: .palette(0))])
    chart.startsAtZero = true
    return chart
  }

  private func charts(
    _ suffix: String = "", xLabel: String, _ place: (EpochPoint) -> Double?
  ) -> [LineChart] {
    var charts: [LineChart] = []
    let losses = epochs.compactMap { point -> (x: Double, y: Double)? in
      guard let x = place(point), let loss = point.trainingLoss else { return nil }
      return (x, loss)
    }
    if !losses.isEmpty {
      charts.append(
        LineChart(
          title: "Training loss" + suffix, xLabel: xLabel, yLabel: "loss",
          series: [LineChart.Series("", points: losses, color: .palette(0))], logY: true))
    }
    let tests = testedResolutions.enumerated().compactMap { index, name -> LineChart.Series? in
      let points = epochs.flatMap { point -> [(x: Double, y: Double)] in
        guard let x = place(point) else { return [] }
        return point.testErrors.filter { $0.resolution == name }.map { (x, $0.error) }
      }
      guard !points.isEmpty else { return nil }
      return LineChart.Series(name, points: points, color: .palette(index + 1))
    }
    if !tests.isEmpty {
      var chart = LineChart(
        title: "Test error" + suffix, xLabel: xLabel, yLabel: "relative L²", series: tests,
        logY: true)
      chart.markers = bestMarker(of: tests)
      charts.append(chart)
    }
    return charts
  }

  /// Marks the least error of the first resolution.
  private func bestMarker(of series: [LineChart.Series]) -> [LineChart.Marker] {
    guard let first = series.first,
      let best = first.points.filter({ $0.y.isFinite && $0.y > 0 }).min(by: { $0.y < $1.y })
    else { return [] }
    return [
      LineChart.Marker(
        x: best.x, y: best.y, label: "best \(NumberFormat.significant(best.y, digits: 3))",
        color: first.color)
    ]
  }

  /// Power against wave number for one pair of spectra, both axes logarithmic.
  static func chart(_ spectrum: Spectrum) -> LineChart {
    // Wave number 0, the mean, has no place on a logarithmic axis.
    func points(_ power: [Double]) -> [(x: Double, y: Double)] {
      power.enumerated().dropFirst().filter { $0.element != 0 }
        .map { (Double($0.offset), $0.element) }
    }
    return LineChart(
      title: spectrum.name, xLabel: "wave number |k|", yLabel: "power",
      series: [
        LineChart.Series("truth", points: points(spectrum.truth), color: .palette(0)),
        LineChart.Series(
          "prediction", points: points(spectrum.prediction), style: .dashed, color: .palette(1)),
      ], logX: true, logY: true)
  }
}
