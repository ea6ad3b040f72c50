import Testing
import Training

@Suite("Run reports")
struct ReportPageTests {
  /// A report with something in every section.
  private func fullReport(steps: Int = 300) -> RunReport {
    var report = RunReport(title: "Adding problem")
    report.task = "adding"
    report.model = "small"
    report.status = "finished"
    report.parameterCount = 12_345
    report.durationSeconds = 100
    report.steps = (1...steps).map { step in
      RunReport.StepPoint(
        step: step, epoch: Double(step) / 100, loss: 3 / Double(step) + Double(step % 5) * 0.01,
        accuracy: Double(step % 100) / 100, learningRate: 1e-3, gradientNorm: 1,
        tokensPerSecond: 5000)
    }
    report.evaluations = [
      RunReport.EvaluationPoint(step: 100, loss: 0.5, accuracy: 0.8),
      RunReport.EvaluationPoint(step: 200, loss: 0.6, accuracy: 0.9),
      RunReport.EvaluationPoint(step: 300, loss: 0.7, accuracy: 0.85),
      RunReport.EvaluationPoint(step: 300, split: "test", loss: 0.65, accuracy: 0.875),
    ]
    report.filters = (0..<6).map { time in
      RunReport.FilterSnapshot(
        step: time * 50, layer: "blocks.0", channel: 3, taps: [0.5, Float(time), -0.25],
        firstLag: -1)
    }
    report.confusion = [[8, 2, 0], [1, 9, 0], [0, 0, 10]]
    report.classNames = ["one", "two", "three"]
    report.settings = [("model.channels", "64")]
    report.environment = [("threads", "4")]
    report.commands = [("Repeat:", "longwave train --seed 1")]
    return report
  }

  @Test func fullPageIsWellFormedAndShowsTheFigures() {
    let page = fullReport().html()
    #expect(MarkupChecker(page).problem == nil)
    for text in [
      "87.50%", "90.00%", "85.00%", "12,345", "1m 40s", "accuracy, step 200", "best 90.00%",
      "Learning rate", "Gradient norm", "Throughput", "blocks.0", "channel 3", "Confusion matrix",
      "27 of 30 right", "model.channels", "threads", "longwave train --seed 1", "finished",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"))
  }

  @Test func emptyPageHasOnlyItsTitle() {
    let page = RunReport(title: "Nothing yet").html()
    #expect(MarkupChecker(page).problem == nil)
    #expect(page.contains("<h1>Nothing yet</h1>"))
    #expect(page.contains("No measurements"))
    #expect(!page.contains("<section") && !page.contains("<svg") && !page.contains("<dl"))
  }

  @Test func hostileTextIsEscapedEverywhere() {
    let hostile = "<script>alert('1')</script>\"&\u{0}\u{202E}"
    var report = fullReport()
    report.title = hostile
    report.task = hostile
    report.model = hostile
    report.status = hostile
    report.evaluations = report.evaluations.map { point in
      var point = point
      point.split = point.step == 100 ? hostile : point.split
      return point
    }
    for index in report.filters.indices { report.filters[index].layer = hostile }
    report.classNames = [hostile]
    report.settings = [(hostile, hostile)]
    report.environment = [(hostile, hostile)]
    report.commands = [(hostile, hostile)]
    let page = report.html()
    #expect(MarkupChecker(page).problem == nil)
    #expect(!page.contains("<script") && !page.contains("\u{202E}"))
    #expect(page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;"))
  }

  @Test func notFiniteMeasurementsDoNotBreakThePage() {
    var report = RunReport(title: "Diverged")
    report.steps = (0..<500).map { RunReport.StepPoint(step: $0, loss: $0 < 200 ? 1 : .nan) }
    report.evaluations = [RunReport.EvaluationPoint(step: 9, loss: .infinity, accuracy: .nan)]
    report.filters = [
      RunReport.FilterSnapshot(step: 0, layer: "a", channel: 0, taps: [.nan, .infinity]),
      RunReport.FilterSnapshot(step: 0, layer: "b", channel: 0, taps: []),
    ]
    report.confusion = [[0, 0], [0, 0]]
    report.tokensPerSecond = .infinity
    report.durationSeconds = .nan
    let checker = MarkupChecker(report.html())
    #expect(checker.problem == nil)
    for value in checker.coordinates {
      #expect(!value.contains("nan") && !value.contains("inf"), "\(value)")
    }
  }

  @Test func bestIsByLossWithoutAccuracy() {
    var report = RunReport(title: "Language")
    for (step, loss) in [(10, 3.0), (20, 2.5), (30, 2.75)] {
      report.evaluations.append(RunReport.EvaluationPoint(step: step, loss: loss))
    }
    let page = report.html()
    #expect(page.contains("loss, step 20") && page.contains("best 2.500"))
    #expect(!page.contains("Accuracy"))
  }

  @Test func longRunMakesASmallFile() {
    let page = fullReport(steps: 200_000).html()
    #expect(page.utf8.count < 400_000)
    let longest = MarkupChecker(page).attributes.filter { $0.name == "d" }
      .map { $0.value.split(whereSeparator: { $0 == " " || $0 == "L" }).count / 2 }.max()
    #expect((longest ?? 0) <= 1500)
  }

  @Test func perClassFiguresAreRight() {
    let page = fullReport().html()
    // Class "one": 8 of 10 recognised, 8 of 9 predictions right, F1 = 16 / 19.
    #expect(page.contains("80.0%") && page.contains("88.9%") && page.contains("84.2%"))
    #expect(page.contains("<b>one</b> taken for <b>two</b><small>2 × (20.0%)</small>"))
  }
}
