extension Comparison {
  /// Whether more is better.
  private var isByAccuracy: Bool { models.contains { $0.measure == "accuracy" } }

  private var measure: String { models.first { !$0.evaluations.isEmpty }?.measure ?? "loss" }

  private func text(_ value: Double?) -> String {
    guard let value else { return "–" }
    return isByAccuracy
      ? NumberFormat.percent(value, places: 2) : NumberFormat.significant(value)
  }

  /// The models, the best first, those without a result last.
  public var ranking: [Entry] {
    func score(_ entry: Entry) -> Double {
      guard let best = entry.best?.value else { return -.infinity }
      return isByAccuracy ? best : -best
    }
    return models.enumerated().sorted {
      let (a, b) = (score($0.element), score($1.element))
      return a == b ? $0.offset < $1.offset : a > b
    }.map(\.element)
  }

  /// The page: one HTML file without scripts or outside resources.
  ///
  /// - Parameter commands: what to type to repeat it or look at a run, with its purpose.
  public func html(commands: [(String, String)]) -> String {
    let title = "Comparison · \(task)"
    return ReportPage.html(title: title) { writer in
      let open = models.filter { !$0.isOver }.count
      ReportPage.writeHeader(
        title: title, task: task,
        model: models.map(\.model).joined(separator: ", "),
        status: open == 0 ? "finished" : "\(open) of \(models.count) models to go",
        isEmpty: models.allSatisfy(\.evaluations.isEmpty), to: &writer)
      ReportPage.write(figures, to: &writer)
      writeTable(to: &writer)
      let charts = charts
      if !charts.isEmpty {
        ReportPage.section("Curves", to: &writer) { writer in
          for start in stride(from: 0, to: charts.count, by: 2) {
            let row = Array(charts[start..<min(start + 2, charts.count)])
            ReportPage.write(row, height: 310, to: &writer)
          }
        }
      }
      ReportPage.writeTables(
        settings: sharedSettings,
        environment: environment.sorted { $0.key < $1.key }
          .map { ($0.key, $0.value) }, to: &writer)
      ReportPage.write(commands: commands, to: &writer)
      writer.element("footer", text: "Longwave comparison")
    }
  }

  private var figures: [ReportPage.Figure] {
    var figures = [
      ReportPage.Figure(
        label: "Time for each model", value: DurationFormat.text(seconds: budgetSeconds),
        note: "training and evaluations")
    ]
    if let first = ranking.first, let best = first.best {
      figures.insert(
        ReportPage.Figure(
          label: "Best \(measure)", value: text(best.value), note: first.model, isLeading: true),
        at: 0)
    }
    return figures
  }

  /// The settings that all models have in common.
  private var sharedSettings: [(String, String)] {
    guard let first = models.first else { return [] }
    return first.settings.filter { key, value in
      models.allSatisfy { $0.settings[key] == value }
    }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func writeTable(to writer: inout MarkupWriter) {
    let head = [
      "parameters", "steps", "planned", "time", "best \(measure)", "at step", "last \(measure)",
      "last loss", "test \(measure)",
    ]
    ReportPage.section("Models", to: &writer) { writer in
      writer.element("article", ["class": "card"]) { writer in
        writer.element("table", ["class": "classes"]) { writer in
          writer.element("thead") { writer in
            writer.element("tr") { writer in
              writer.element("th", ["scope": "col"], text: "model")
              for name in head {
                writer.element("th", ["scope": "col", "class": "number"], text: name)
              }
            }
          }
          writer.element("tbody") { writer in
            for entry in ranking { writeRow(entry, to: &writer) }
          }
        }
      }
    }
  }

  private func writeRow(_ entry: Entry, to writer: inout MarkupWriter) {
    writer.element("tr") { writer in
      writer.element("th", ["scope": "row"]) { writer in
        writer.text(entry.model)
        if let failure = entry.failure {
          writer.element("small", text: " could not be trained: \(failure)")
        } else if !entry.isOver {
          writer.element("small", text: entry.steps == 0 ? " has not begun" : " is not done")
        }
      }
      let cells = [
        entry.parameters.map(NumberFormat.grouped) ?? "–", NumberFormat.grouped(entry.steps),
        entry.plannedSteps.map(NumberFormat.grouped) ?? "–",
        DurationFormat.text(seconds: entry.seconds), text(entry.best?.value),
        entry.best.map { NumberFormat.grouped($0.step) } ?? "–", text(entry.last?.value),
        entry.last?.loss.map { NumberFormat.significant($0) } ?? "–", text(entry.test),
      ]
      for cell in cells { writer.element("td", ["class": "number"], text: cell) }
    }
  }

  /// The measure against time, steps and parameters, and the loss against time.
  var charts: [LineChart] {
    let scale = isByAccuracy ? 100.0 : 1
    func chart(
      _ title: String, _ xLabel: String, _ yLabel: String, isLoss: Bool = false,
      _ points: (Entry) -> [(x: Double, y: Double)]
    ) -> LineChart? {
      var chart = LineChart(title: title, xLabel: xLabel, yLabel: yLabel)
      chart.series = models.enumerated().compactMap { index, entry in
        let points = points(entry)
        guard !points.isEmpty else { return nil }
        return LineChart.Series(entry.model, points: points, color: .palette(index))
      }
      if isByAccuracy, !isLoss { chart.ySuffix = "%" }
      return chart.series.isEmpty ? nil : chart
    }
    let byTime = chart("\(measure) against time", "seconds", measure) { entry in
      entry.evaluations.compactMap { point in
        point.seconds.map { ($0, point.value * scale) }
      }
    }
    let byStep = chart("\(measure) against steps", "step", measure) { entry in
      entry.evaluations.map { (Double($0.step), $0.value * scale) }
    }
    var bySize = chart("Best \(measure) against parameters", "parameters", measure) { entry in
      guard let parameters = entry.parameters, let best = entry.best else { return [] }
      return [(Double(parameters), best.value * scale)]
    }
    bySize?.logX = true
    let loss =
      isByAccuracy
      ? chart("Validation loss against time", "seconds", "loss", isLoss: true) { entry in
        entry.evaluations.compactMap { point in
          guard let seconds = point.seconds, let loss = point.loss else { return nil }
          return (seconds, loss)
        }
      } : nil
    return [byTime, loss, byStep, bySize].compactMap { $0 }
  }
}
