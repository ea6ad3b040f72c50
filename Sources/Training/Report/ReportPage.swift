/// What the pages of all reports share: one HTML file without scripts or outside resources.
enum ReportPage {
  /// One figure at the top of a page.
  struct Figure {
    var label: String
    var value: String
    var note = ""
    /// Whether the figure is the one a reader looks for first.
    var isLeading = false
  }

  /// A page with its style, readable in light and dark.
  ///
  /// - Parameters:
  ///   - title: The name of the page.
  ///   - holdsImages: Whether images inside of the text may be shown.
  ///   - body: What the page shows.
  static func html(
    title: String, holdsImages: Bool = false, _ body: (inout MarkupWriter) -> Void
  ) -> String {
    var writer = MarkupWriter()
    writer.raw("<!DOCTYPE html>\n")
    writer.element("html", ["lang": "en"]) { writer in
      writer.element("head") { writer in
        writer.empty("meta", ["charset": "utf-8"])
        writer.empty(
          "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        // Even markup that slipped in could then load or run nothing.
        let policy = "default-src 'none'; style-src 'unsafe-inline'"
        writer.empty(
          "meta",
          [
            "http-equiv": "Content-Security-Policy",
            "content": holdsImages ? policy + "; img-src data:" : policy,
          ])
        writer.empty("meta", ["name": "color-scheme", "content": "light dark"])
        writer.element("title", text: title)
        writer.element("style") { $0.raw(ReportStyle.styleSheet + ChartStyle.styleSheet) }
      }
      writer.raw("\n")
      writer.element("body") { writer in
        writer.element("main") { body(&$0) }
      }
    }
    return writer.output + "\n"
  }

  /// The heading of a page.
  static func writeHeader(
    title: String, task: String?, model: String?, status: String?, isEmpty: Bool,
    to writer: inout MarkupWriter
  ) {
    writer.element("header") { writer in
      if let task { writer.element("p", ["class": "eyebrow"], text: task) }
      writer.element("h1") { writer in
        writer.text(title)
        if let status { writer.element("span", ["class": "status"], text: status) }
      }
      if let model { writer.element("p", ["class": "subtitle"], text: model) }
      if isEmpty {
        writer.element("p", ["class": "note"], text: "No measurements were recorded.")
      }
    }
    writer.raw("\n")
  }

  /// The figures at the top, if there are any.
  static func write(_ figures: [Figure], to writer: inout MarkupWriter) {
    guard !figures.isEmpty else { return }
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

  /// Charts side by side, each in a panel of its own.
  static func write(_ charts: [LineChart], height: Double, to writer: inout MarkupWriter) {
    guard !charts.isEmpty else { return }
    writer.element("div", ["class": "grid of-\(charts.count)"]) { writer in
      for var chart in charts {
        chart.showsTitle = false
        chart.width = [1: 1120, 2: 548, 3: 352][charts.count] ?? 548
        chart.height = height
        card(chart.title, chart.logY ? "logarithmic scale" : "", to: &writer) {
          $0.raw(chart.svg())
        }
      }
    }
  }

  /// The resolved settings and the environment, each if there are any.
  static func writeTables(
    settings: [(String, String)], environment: [(String, String)], to writer: inout MarkupWriter
  ) {
    let tables = [("Settings", settings), ("Environment", environment)].filter { !$0.1.isEmpty }
    guard !tables.isEmpty else { return }
    section("Configuration", to: &writer) { writer in
      writer.element("div", ["class": "grid of-\(tables.count)"]) { writer in
        for (title, pairs) in tables {
          card(title, "", to: &writer) { writer in
            writer.element("table", ["class": "pairs"]) { writer in
              for (key, value) in pairs {
                writer.element("tr") { writer in
                  writer.element("th", ["scope": "row"], text: key)
                  writer.element("td", text: value)
                }
              }
            }
          }
        }
      }
    }
  }

  /// Commands that repeat a run, each with a sentence that says what it does.
  static func write(commands: [(String, String)], to writer: inout MarkupWriter) {
    guard !commands.isEmpty else { return }
    section("Run it again", to: &writer) { writer in
      writer.element("article", ["class": "card"]) { writer in
        for (purpose, command) in commands {
          writer.element("p", ["class": "note"], text: purpose)
          writer.element("pre") { $0.element("code", text: command) }
        }
      }
    }
  }
}
