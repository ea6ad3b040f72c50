import LongConvolution

extension DistillationRecord {
  /// How many layers are shown with charts; more would only make the page long.
  private static let mostLayers = 12

  /// The sections of a report.
  func write(to writer: inout MarkupWriter) {
    ReportPage.section("Distillation", to: &writer) { writer in
      ReportPage.write(figures, to: &writer)
      ReportPage.card("Error by layer", "over the channels", to: &writer) { writeTable(to: &$0) }
      ReportPage.write([errorChart, speedChart].compactMap { $0 }, height: 250, to: &writer)
      for layer in layers.prefix(Self.mostLayers) { layer.write(to: &writer) }
      if layers.count > Self.mostLayers {
        writer.element(
          "p", ["class": "note"],
          text: "The first \(Self.mostLayers) of \(layers.count) filters are shown.")
      }
    }
  }

  private var figures: [ReportPage.Figure] {
    let orders = layers.map(\.order)
    var figures = [
      ReportPage.Figure(
        label: "Validation loss", value: NumberFormat.fixed(loss, places: 4),
        note: "\(NumberFormat.fixed(originalLoss, places: 4)) before"
          + " (\(lossChange < 0 ? "" : "+")\(NumberFormat.percent(lossChange, places: 2)))",
        isLeading: true),
      ReportPage.Figure(
        label: "Largest order", value: "\(orders.max() ?? 0)",
        note: "of \(length) taps, \(layers.map(\.headLength).max() ?? 0) of them direct"),
      ReportPage.Figure(
        label: "Largest error of taps",
        value: NumberFormat.significant(layers.map(\.relativeL2Error).max() ?? 0, digits: 3),
        note: "relative L2 of a channel"),
    ]
    if let answers {
      figures.append(
        ReportPage.Figure(
          label: "Largest change of a logit",
          value: NumberFormat.significant(answers.largest, digits: 3),
          note: "over \(answers.sequences) validation sequences; certified for others:"
            + " \(NumberFormat.significant(answers.bound, digits: 3))"))
    }
    return figures
  }

  private func writeTable(to writer: inout MarkupWriter) {
    let heads = [
      "channels", "order", "mean order", "direct taps", "relative L2", "all channels", "maximum",
      "output bound", "pole radius", "amplification",
    ]
    writer.element("div", ["class": "scroll"]) { writer in
      writer.element("table", ["class": "classes"]) { writer in
        writer.element("thead") { writer in
          writer.element("tr") { writer in
            writer.element("th", ["scope": "col"], text: "filter")
            for head in heads {
              writer.element("th", ["scope": "col", "class": "number"], text: head)
            }
          }
        }
        writer.element("tbody") { writer in
          for layer in layers {
            writer.element("tr") { writer in
              writer.element("th", ["scope": "row"], text: layer.name)
              for cell in layer.cells {
                writer.element("td", ["class": "number"], text: cell)
              }
            }
          }
        }
      }
    }
    writer.element(
      "p", ["class": "note"],
      text: "Errors are those of the channel with the largest; the output bound times the largest"
        + " input is more than any output is wrong by.")
  }

  /// The errors of the layers against their number.
  private var errorChart: LineChart? {
    guard layers.count > 1 else { return nil }
    var chart = LineChart(
      title: "Error by layer", xLabel: "filter", yLabel: "relative L2 error", logY: true)
    func points(_ value: (Layer) -> Double) -> [(x: Double, y: Double)] {
      layers.enumerated().map { (Double($0.offset), value($0.element)) }
    }
    chart.series = [
      LineChart.Series("hardest channel", points: points(\.relativeL2Error)),
      LineChart.Series("all channels", points: points(\.joinedRelativeL2Error)),
    ]
    return chart
  }

  /// Tokens a second against context.
  private var speedChart: LineChart? {
    guard !speeds.isEmpty else { return nil }
    var chart = LineChart(
      title: "Speed of generation", xLabel: "context (tokens)", yLabel: "tokens/s", logX: true,
      logY: true)
    chart.series = [("recurrence", 0), ("online", 1), ("recompute", 2)].map { name, color in
      LineChart.Series(
        name,
        points: speeds.filter { $0.method.rawValue == name }
          .map { (Double($0.context), $0.tokensPerSecond) }, color: .palette(color))
    }
    return chart
  }
}

extension DistillationRecord.Layer {
  /// The cells of its row.
  var cells: [String] {
    let errors = [
      relativeL2Error, joinedRelativeL2Error, relativeMaximumError, outputErrorBound,
    ].map { NumberFormat.significant($0, digits: 3) }
    return ["\(channels)", "\(order)", NumberFormat.fixed(meanOrder, places: 1), "\(headLength)"]
      + errors
      + [
        NumberFormat.fixed(largestRadius, places: 5),
        NumberFormat.significant(amplification, digits: 3),
      ]
  }

  /// Filters against recurrences, singular values and poles.
  fileprivate func write(to writer: inout MarkupWriter) {
    writer.element("h3", text: "\(name), \(kind)")
    ReportPage.write(
      examples.prefix(2).map(Self.tapsChart), height: 230, to: &writer)
    writer.element("div", ["class": "grid of-2"]) { writer in
      ReportPage.card("Hankel singular values", "logarithmic scale", to: &writer) { writer in
        var chart = singularValueChart
        chart.showsTitle = false
        (chart.width, chart.height) = (548, 280)
        writer.raw(chart.svg())
      }
      ReportPage.card("Poles", "of all channels, in the unit disc", to: &writer) { writer in
        writer.raw(PoleChart(title: "Poles of \(name)", poles: poles).svg())
      }
    }
  }

  private static func tapsChart(_ example: DistillationRecord.Example) -> LineChart {
    let error = NumberFormat.significant(example.relativeL2Error, digits: 3)
    var chart = LineChart(
      title: "Channel \(example.channel): order \(example.order), error \(error)", xLabel: "lag",
      yLabel: "tap")
    func points(_ taps: [Float]) -> [(x: Double, y: Double)] {
      taps.enumerated().map { (Double($0.offset), Double($0.element)) }
    }
    chart.maximumPoints = 400
    chart.series = [
      LineChart.Series("filter", points: points(example.taps)),
      LineChart.Series("recurrence", points: points(example.recurrence), style: .dashed),
    ]
    return chart
  }

  private var singularValueChart: LineChart {
    var chart = LineChart(
      title: "Hankel singular values", xLabel: "number", yLabel: "value", logY: true)
    chart.series = examples.map { example in
      LineChart.Series(
        "channel \(example.channel)",
        points: example.singularValues.enumerated().filter { $0.element > 1e-12 }
          .map { (Double($0.offset + 1), $0.element) })
    }
    return chart
  }
}
