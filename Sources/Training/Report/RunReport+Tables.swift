extension RunReport {
  /// Beyond this number of classes a matrix would be too fine to read.
  static let mostMatrixClasses = 160

  func writeConfusion(to writer: inout MarkupWriter) {
    guard !confusion.isEmpty else { return }
    let summary = ConfusionSummary(confusion, classNames: classNames)
    let count = confusion.count
    ReportPage.section("Test set", to: &writer) { writer in
      writer.element("div", ["class": "grid of-\(count <= 12 ? 2 : 1)"]) { writer in
        if count <= Self.mostMatrixClasses {
          ReportPage.card("Confusion matrix", "row percentages", to: &writer) { writer in
            var map = HeatMap.confusion(confusion, classNames: classNames)
            map.showsTitle = false
            map.width = count <= 12 ? 548 : 1120
            writer.raw(map.svg())
          }
        }
        let total = NumberFormat.grouped(summary.total)
        ReportPage.card(
          "Classes", "\(NumberFormat.grouped(summary.correct)) of \(total) right", to: &writer
        ) { writer in
          Self.writeClasses(summary, to: &writer)
          Self.writeMistakes(summary, to: &writer)
        }
      }
    }
  }

  private static func writeClasses(_ summary: ConfusionSummary, to writer: inout MarkupWriter) {
    writer.element("div", ["class": "scroll"]) { writer in
      writer.element("table", ["class": "classes"]) { writer in
        writer.element("thead") { writer in
          writer.element("tr") { writer in
            writer.element("th", ["scope": "col"], text: "class")
            for name in ["accuracy", "precision", "F1", "examples"] {
              writer.element("th", ["scope": "col", "class": "number"], text: name)
            }
          }
        }
        writer.element("tbody") { writer in
          for row in summary.rows {
            writer.element("tr") { writer in
              writer.element("th", ["scope": "row"], text: row.name)
              let share = NumberFormat.fixed((row.recall ?? 0) * 100, places: 1)
              writer.element("td", ["class": "number"]) { writer in
                writer.element("span", ["class": "bar"]) {
                  $0.element("i", ["style": "width:\(share)%"], text: "")
                }
                writer.text(percent(row.recall))
              }
              for text in [percent(row.precision), percent(row.f1)] {
                writer.element("td", ["class": "number"], text: text)
              }
              writer.element("td", ["class": "number"], text: NumberFormat.grouped(row.count))
            }
          }
        }
      }
    }
  }

  private static func writeMistakes(_ summary: ConfusionSummary, to writer: inout MarkupWriter) {
    guard summary.rows.count > 2, !summary.mistakes.isEmpty else { return }
    writer.element("h4", text: "Most frequent mistakes")
    writer.element("ol", ["class": "mistakes"]) { writer in
      for mistake in summary.mistakes.prefix(5) {
        writer.element("li") { writer in
          writer.element("b", text: mistake.truth)
          writer.text(" taken for ")
          writer.element("b", text: mistake.prediction)
          writer.element(
            "small",
            text: "\(NumberFormat.grouped(mistake.count)) × "
              + "(\(NumberFormat.percent(mistake.share)))")
        }
      }
    }
  }

  private static func percent(_ share: Double?) -> String {
    share.map { NumberFormat.percent($0) } ?? "–"
  }
}
