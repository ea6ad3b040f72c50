extension RunReport {
  /// The page: one HTML file that needs nothing else, readable in light and dark.
  ///
  /// - Complexity: O(n) in the amount of data, and at most about a megabyte of text.
  public func html() -> String {
    var writer = MarkupWriter()
    writer.raw("<!DOCTYPE html>\n")
    writer.element("html", ["lang": "en"]) { writer in
      writer.element("head") { writer in
        writer.empty("meta", ["charset": "utf-8"])
        writer.empty(
          "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        // Even markup that slipped in could then load or run nothing.
        writer.empty(
          "meta",
          [
            "http-equiv": "Content-Security-Policy",
            "content": "default-src 'none'; style-src 'unsafe-inline'",
          ])
        writer.empty("meta", ["name": "color-scheme", "content": "light dark"])
        writer.element("title", text: title)
        writer.element("style") { $0.raw(ReportStyle.styleSheet + ChartStyle.styleSheet) }
      }
      writer.raw("\n")
      writer.element("body") { writer in
        writer.element("main") { writeBody(to: &$0) }
      }
    }
    return writer.output + "\n"
  }

  private func writeBody(to writer: inout MarkupWriter) {
    writeHeader(to: &writer)
    let figures = figures
    if !figures.isEmpty { Self.write(figures, to: &writer) }
    writeCurves(to: &writer)
    writeFilters(to: &writer)
    writeConfusion(to: &writer)
    writeTables(to: &writer)
    writeCommands(to: &writer)
    writer.element("footer", text: "Longwave run report")
  }

  private func writeHeader(to writer: inout MarkupWriter) {
    writer.element("header") { writer in
      if let task { writer.element("p", ["class": "eyebrow"], text: task) }
      writer.element("h1") { writer in
        writer.text(title)
        if let status { writer.element("span", ["class": "status"], text: status) }
      }
      if let model { writer.element("p", ["class": "subtitle"], text: model) }
      if steps.isEmpty, evaluations.isEmpty, confusion.isEmpty, filters.isEmpty {
        writer.element("p", ["class": "note"], text: "No measurements were recorded.")
      }
    }
    writer.raw("\n")
  }

  private static func write(_ figures: [Figure], to writer: inout MarkupWriter) {
    writer.element("dl", ["class": "figures"]) { writer in
      for figure in figures {
        writer.element("div", ["class": figure.isLeading ? "figure leading" : "figure"]) { writer in
          writer.element("dt", text: figure.label)
          writer.element("dd", ["class": "value"], text: figure.value)
          if !figure.note.isEmpty { writer.element("dd", ["class": "note"], text: figure.note) }
        }
      }
    }
    writer.raw("\n")
  }

  private func writeCurves(to writer: inout MarkupWriter) {
    let rows = [(mainCharts, 310.0), (secondaryCharts, 230.0)].filter { !$0.0.isEmpty }
    guard !rows.isEmpty else { return }
    Self.section("Training", to: &writer) { writer in
      for (charts, height) in rows {
        writer.element("div", ["class": "grid of-\(charts.count)"]) { writer in
          for var chart in charts {
            chart.showsTitle = false
            chart.width = [1: 1120, 2: 548, 3: 352][charts.count] ?? 548
            chart.height = height
            Self.card(chart.title, chart.logY ? "logarithmic scale" : "", to: &writer) {
              $0.raw(chart.svg())
            }
          }
        }
      }
    }
  }

  private func writeFilters(to writer: inout MarkupWriter) {
    let histories = filterHistories
    guard !histories.isEmpty else { return }
    Self.section("Learned filters", to: &writer) { writer in
      if histories.count > Self.mostFilters {
        writer.element(
          "p", ["class": "note"],
          text: "The first \(Self.mostFilters) of \(histories.count) recorded filters.")
      }
      writer.element("div", ["class": "grid of-\(min(histories.count, 2))"]) { writer in
        for history in histories.prefix(Self.mostFilters) {
          let count = history.snapshots.first?.taps.count ?? 0
          let isAlone = histories.count == 1
          Self.card(
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

  /// A titled section.
  static func section(
    _ title: String, to writer: inout MarkupWriter, _ body: (inout MarkupWriter) -> Void
  ) {
    writer.element("section") { writer in
      writer.element("h2", text: title)
      body(&writer)
    }
    writer.raw("\n")
  }

  /// A titled panel.
  static func card(
    _ title: String, _ note: String, to writer: inout MarkupWriter,
    _ body: (inout MarkupWriter) -> Void
  ) {
    writer.element("article", ["class": "card"]) { writer in
      writer.element("h3") { writer in
        writer.text(title)
        if !note.isEmpty { writer.element("small", text: note) }
      }
      body(&writer)
    }
    writer.raw("\n")
  }
}
