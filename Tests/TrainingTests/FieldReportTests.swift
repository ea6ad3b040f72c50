import Testing
import Training

@Suite("Field reports")
struct FieldReportTests {
  /// A report with something in every section.
  static func fullReport() -> FieldReport {
    var report = FieldReport(title: "Darcy flow")
    report.task = "darcy"
    report.model = "FNO, 4 layers"
    report.status = "finished"
    report.parameterCount = 2_368_001
    report.durationSeconds = 734
    report.epochs = (1...40).map { epoch in
      let error = 0.3 / Double(epoch) + 0.01
      return FieldReport.EpochPoint(
        epoch: Double(epoch), seconds: Double(epoch) * 18, trainingLoss: error * 0.8,
        learningRate: 1e-3 * (1 - Double(epoch) / 41),
        testErrors: [("64 × 64", error), ("128 × 128", error * 1.7)])
    }
    let errors = (0..<50).map { 0.01 + 0.001 * Double($0 * 7 % 50) }
    report.resolutions = [
      FieldReport.Resolution("64 × 64", errors: errors, isTraining: true, secondsPerSample: 0.0021),
      FieldReport.Resolution(
        "128 × 128", errors: errors.map { $0 * 1.5 }, secondsPerSample: 0.0093),
    ]
    var figure = FieldGallery.square
    figure.rows = FieldReport.extremes(of: errors) { _ in FieldGallery.row([64, 64]) }
    report.samples = figure
    let row = FieldGallery.row([64, 64])
    let spectra = [row.truth, row.prediction].compactMap(\.self).map {
      RadialSpectrum($0).power.prefix(33)
    }
    report.spectra = [
      FieldReport.Spectrum("64 × 64", truth: Array(spectra[0]), prediction: Array(spectra[1]))
    ]
    report.rollouts = [FieldGallery.rollout]
    report.settings = [("model.modes", "12")]
    report.environment = [("threads", "2")]
    report.commands = [("Repeat:", "longwave pde train --seed 1")]
    return report
  }

  @Test func fullPageIsWellFormedAndComplete() {
    let page = Self.fullReport().html()
    #expect(MarkupChecker(page).problem == nil)
    for text in [
      "Darcy flow", "finished", "Training loss", "Test error", "time (min)", "epoch", "128 × 128",
      "Worst of 50", "Median of 50", "Best of 50", "Spectrum, 64 × 64", "wave number |k|",
      "Roll-out", "diverges at t = ", "model.modes", "threads", "longwave pde train --seed 1",
      "2.10 ms", "(trained at)", "data:image/png;base64,", "prefers-color-scheme:dark",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"))
    // The page lets its own images show, and nothing else.
    #expect(page.contains("default-src &#39;none&#39;") && page.contains("img-src data:"))
    #expect(page.utf8.count < 2_000_000)
  }

  @Test func emptyPageHasOnlyItsTitle() {
    let page = FieldReport(title: "Nothing yet").html()
    #expect(MarkupChecker(page).problem == nil)
    #expect(page.contains("No measurements"))
    #expect(!page.contains("<section") && !page.contains("<svg") && !page.contains("<dl"))
  }

  @Test func hostileTextIsEscapedEverywhere() {
    let hostile = "<script>alert('1')</script>\"&\u{0}\u{202E}"
    var report = Self.fullReport()
    (report.title, report.task, report.model, report.status) = (hostile, hostile, hostile, hostile)
    report.samples?.rows[0].title = hostile
    report.resolutions[0].name = hostile
    report.spectra[0].name = hostile
    report.rollouts[0].title = hostile
    report.rollouts[0].timeName = hostile
    report.epochs[0].testErrors[0].resolution = hostile
    report.settings = [(hostile, hostile)]
    report.commands = [(hostile, hostile)]
    let page = report.html()
    #expect(MarkupChecker(page).problem == nil)
    #expect(!page.contains("<script") && !page.contains("\u{202E}"))
  }

  @Test func measurementsAtTheLimitsStaySound() {
    var report = Self.fullReport()
    report.epochs = [
      .init(epoch: 1, seconds: .nan, trainingLoss: .infinity, testErrors: [("a", .nan)]),
      .init(epoch: 2, trainingLoss: 0, testErrors: [("b", -1)]),
    ]
    report.resolutions = [.init("none", errors: []), .init("bad", errors: [.nan, 1])]
    report.spectra = [
      .init("", truth: [], prediction: [1]), .init("", truth: [.nan, 0, 1], prediction: []),
    ]
    report.rollouts = [.init(title: ""), .init(title: "", curves: [.init("", points: [(0, 0)])])]
    #expect(MarkupChecker(report.html()).problem == nil)
    #expect(report.html().contains("not finite"))
  }

  @Test func extremesAreWorstMedianAndBest() {
    func titles(_ errors: [Double]) -> [String] {
      FieldReport.extremes(of: errors) { .init("\($0)") }.map(\.title)
    }
    #expect(
      titles([0.5, 0.1, 0.3, .nan, 0.2]) == [
        "Worst of 5: sample 3, relative L² nan", "Median of 5: sample 2, relative L² 0.300",
        "Best of 5: sample 1, relative L² 0.100",
      ])
    #expect(titles([2]) == ["Worst of 1: sample 0, relative L² 2.00"])
    #expect(titles([1, 2]).count == 2 && titles([]).isEmpty)
  }

  @Test func divergenceIsTheFirstBadTime() {
    func divergence(_ errors: [Double]) -> Double? {
      RolloutFigure.Curve("", points: errors.enumerated().map { (Double($0.offset), $0.element) })
        .divergence()
    }
    #expect(divergence([0, 0.5, 1, 1.5, 0.2]) == 3)
    #expect(divergence([0, .nan, 2]) == 1 && divergence([0.1, 0.2]) == nil)
  }

  @Test(arguments: [[16], [15], [8, 12], [7, 5], [4, 6, 5], [1, 1]])
  func spectraSumToTheMeanSquare(_ sizes: [Int]) {
    let field = FieldGallery.field(sizes, shift: 0.3)
    let spectrum = RadialSpectrum(field)
    let square =
      field.values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(field.values.count)
    #expect((spectrum.power.reduce(0, +) / square - 1).magnitude < 1e-5)
  }

  @Test func waveLiesInItsShell() {
    let values = (0..<20 * 20).map { place -> Float in
      let (x, y) = (place / 20, place % 20)
      return 2 * FieldGallery.cosine(Float(3 * x - 4 * y) / 20) + 0.5
    }
    let power = RadialSpectrum(.init(values, sizes: [20, 20])).power
    #expect((power[5] - 2).magnitude < 1e-5 && (power[0] - 0.25).magnitude < 1e-6)
    for (shell, value) in power.enumerated() where shell != 0 && shell != 5 {
      #expect(value < 1e-10)
    }
    #expect(RadialSpectrum.mean([RadialSpectrum(.init([2], sizes: [1]))]) == [4])
  }
}
