extension RunReport {
  /// The page: one HTML file that needs nothing else, readable in light and dark.
  ///
  /// - Complexity: O(n) in the amount of data, and at most about a megabyte of text.
  public func html() -> String {
    ReportPage.html(title: title) { writeBody(to: &$0) }
  }

  private func writeBody(to writer: inout MarkupWriter) {
    let isEmpty = steps.isEmpty && evaluations.isEmpty && confusion.isEmpty && filters.isEmpty
    ReportPage.writeHeader(
      title: title, task: task, model: model, status: status, isEmpty: isEmpty, to: &writer)
    let figures = figures
    ReportPage.write(figures, to: &writer)
    distillation?.write(to: &writer)
    writeCurves(to: &writer)
    writeFilters(to: &writer)
    writeConfusion(to: &writer)
    ReportPage.writeTables(settings: settings, environment: environment, to: &writer)
    ReportPage.write(commands: commands, to: &writer)
    writer.element("footer", text: "Longwave run report")
  }

  private func writeCurves(to writer: inout MarkupWriter) {
    let rows = [(mainCharts, 310.0), (secondaryCharts, 230.0)].filter { !$0.0.isEmpty }
    guard !rows.isEmpty else { return }
    ReportPage.section("Training", to: &writer) { writer in
      for (charts, height) in rows { ReportPage.write(charts, height: height, to: &writer) }
    }
  }

  private func writeFilters(to writer: inout MarkupWriter) {
    let histories = filterHistories
    guard !histories.isEmpty else { return }
    ReportPage.section("Learned filters", to: &writer) { writer in
      if histories.count > Self.mostFilters {
        writer.element(
          "p", ["class": "note"],
          text: "The first \(Self.mostFilters) of \(histories.count) recorded filters.")
      }
      writer.element("div", ["class": "grid of-\(min(histories.count, 2))"]) { writer in
        for history in histories.prefix(Self.mostFilters) {
          let count = history.snapshots.first?.taps.count ?? 0
          let isAlone = histories.count == 1
          ReportPage.card(
            history.layer,
            "channel \(history.channel), \(NumberFormat.grouped(count))"
              + (count == 1 ? " tap" : " taps"), to: &writer
          ) { writer in
            var chart = history.chart
            if isAlone { chart.width = 1120 }
            writer.raw(chart.svg())
            guard var map = history.map else { return }
            if isAlone { map.width = 1120 }
            writer.raw(map.svg())
          }
        }
      }
    }
  }
}
