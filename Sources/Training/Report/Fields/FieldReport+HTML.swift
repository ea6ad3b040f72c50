extension FieldReport {
  /// The page: one HTML file that needs nothing else, readable in light and dark.
  ///
  /// - Complexity: O(n) in the number of values; each image of a field adds up to a quarter of a
  ///   megabyte.
  public func html() -> String {
    ReportPage.html(title: title, holdsImages: true) { writer in
      let isEmpty =
        epochs.isEmpty && resolutions.isEmpty && (samples?.rows ?? []).isEmpty && spectra.isEmpty
        && rollouts.isEmpty
      ReportPage.writeHeader(
        title: title, task: task, model: model, status: status, isEmpty: isEmpty, to: &writer)
      ReportPage.write(figures, to: &writer)
      writeCurves(to: &writer)
      writeSamples(to: &writer)
      writeResolutions(to: &writer)
      writeRollouts(to: &writer)
      ReportPage.writeTables(settings: settings, environment: environment, to: &writer)
      ReportPage.write(commands: commands, to: &writer)
      writer.element("footer", text: "Longwave field report")
    }
  }

  /// The figures that are known.
  var figures: [ReportPage.Figure] {
    var figures = resolutions.prefix(3).map { entry in
      ReportPage.Figure(
        label: "Test error at \(entry.name)",
        value: NumberFormat.significant(entry.mean, digits: 3),
        note: "relative L², \(NumberFormat.grouped(entry.errors.count)) "
          + (entry.errors.count == 1 ? "sample" : "samples"),
        isLeading: entry.isTraining || resolutions.count == 1)
    }
    if let parameterCount {
      let text = NumberFormat.compact(Double(parameterCount))
      let exact = NumberFormat.grouped(parameterCount)
      figures.append(
        ReportPage.Figure(label: "Parameters", value: text, note: exact == text ? "" : exact))
    }
    if let durationSeconds {
      let note = epochs.last.map { "\(NumberFormat.compact($0.epoch)) epochs" } ?? ""
      figures.append(
        ReportPage.Figure(
          label: "Duration", value: DurationFormat.text(seconds: durationSeconds), note: note))
    }
    return figures
  }

  private func writeCurves(to writer: inout MarkupWriter) {
    let rows = [
      (epochCharts, 290.0), (timeCharts, 290.0), ([learningRateChart].compactMap { $0 }, 200.0),
    ]
    .filter { !$0.0.isEmpty }
    guard !rows.isEmpty else { return }
    ReportPage.section("Training", to: &writer) { writer in
      for (charts, height) in rows { ReportPage.write(charts, height: height, to: &writer) }
    }
  }

  private func writeSamples(to writer: inout MarkupWriter) {
    guard let samples, !samples.rows.isEmpty else { return }
    ReportPage.section("Test samples", to: &writer) { writer in
      for row in samples.rows {
        var figure = samples
        figure.rows = [row]
        // The panel's heading says what the row would.
        figure.rows[0].title = ""
        figure.showsTitle = false
        writer.element("div", ["class": "grid"]) { writer in
          ReportPage.card(row.title.isEmpty ? samples.title : row.title, "", to: &writer) {
            $0.raw(figure.svg())
          }
        }
      }
    }
  }

  private func writeResolutions(to writer: inout MarkupWriter) {
    guard !resolutions.isEmpty || !spectra.isEmpty else { return }
    ReportPage.section("Resolutions", to: &writer) { writer in
      if !resolutions.isEmpty {
        ReportPage.card("Error by resolution", "relative L²", to: &writer) { writer in
          writeTable(to: &writer)
        }
      }
      for start in stride(from: 0, to: spectra.count, by: 2) {
        let charts = spectra[start..<min(start + 2, spectra.count)].map { spectrum in
          var chart = Self.chart(spectrum)
          chart.title = "Spectrum, " + spectrum.name
          return chart
        }
        writer.element("div", ["style": "margin-top:16px"]) { writer in
          ReportPage.write(charts, height: 290, to: &writer)
        }
      }
    }
  }

  private func writeTable(to writer: inout MarkupWriter) {
    let isTimed = resolutions.contains { $0.secondsPerSample != nil }
    let heads = ["mean", "median", "best", "worst", "samples"] + (isTimed ? ["time/sample"] : [])
    writer.element("table", ["class": "classes"]) { writer in
      writer.element("thead") { writer in
        writer.element("tr") { writer in
          writer.element("th", ["scope": "col"], text: "resolution")
          for head in heads {
            writer.element("th", ["scope": "col", "class": "number"], text: head)
          }
        }
      }
      writer.element("tbody") { writer in
        for entry in resolutions {
          let ordered = entry.errors.filter(\.isFinite).sorted()
          let worst = entry.errors.allSatisfy(\.isFinite) ? ordered.last : Double.infinity
          let median = ordered.isEmpty ? nil : ordered[(ordered.count - 1) / 2]
          var cells = [entry.errors.isEmpty ? nil : entry.mean, median, ordered.first, worst].map {
            $0.map { NumberFormat.significant($0, digits: 3) } ?? "–"
          }
          cells.append(NumberFormat.grouped(entry.errors.count))
          if isTimed {
            cells.append(
              entry.secondsPerSample.map { NumberFormat.significant($0 * 1e3, digits: 3) + " ms" }
                ?? "–")
          }
          writer.element("tr") { writer in
            writer.element("th", ["scope": "row"]) { writer in
              writer.text(entry.name)
              if entry.isTraining { writer.element("small", text: " (trained at)") }
            }
            for text in cells { writer.element("td", ["class": "number"], text: text) }
          }
        }
      }
    }
  }

  private func writeRollouts(to writer: inout MarkupWriter) {
    guard !rollouts.isEmpty else { return }
    ReportPage.section("Roll-out", to: &writer) { writer in
      for var figure in rollouts {
        figure.showsTitle = false
        writer.element("div", ["class": "grid"]) { writer in
          ReportPage.card(figure.title, "logarithmic scale", to: &writer) {
            $0.raw(figure.svg())
          }
        }
      }
    }
  }
}
