import Testing
import Training

@Suite("Charts")
struct ReportChartTests {
  /// The chart is well-formed and every coordinate is made of finite numbers.
  private func expectSound(_ svg: String, _ location: SourceLocation = #_sourceLocation) {
    let checker = MarkupChecker(svg)
    #expect(checker.problem == nil, sourceLocation: location)
    #expect(!checker.coordinates.isEmpty, sourceLocation: location)
    for value in checker.coordinates {
      #expect(
        value.allSatisfy { "MLHVhvz0123456789.- ".contains($0) }, "\(value)",
        sourceLocation: location)
    }
  }

  @Test(arguments: [(0.0, 3.0), (0.0123, 0.0124), (-7, 1e6), (1e9, 1e9 + 7), (-3e-5, 2e-5)])
  func linearTicksAreNice(_ lower: Double, _ upper: Double) throws {
    let axis = ChartAxis.linear(lower...upper)
    #expect((3...8).contains(axis.ticks.count))
    #expect(axis.lower <= lower && axis.upper >= upper)
    let step = axis.ticks[1].value - axis.ticks[0].value
    #expect((ChartAxis.niceStep(step * 0.999) / step - 1).magnitude < 1e-6)
    #expect(Set(axis.ticks.map(\.label)).count == axis.ticks.count)
    #expect(axis.ticks.map(\.value) == axis.ticks.map(\.value).sorted())
  }

  @Test func stepsAreTheNextRoundNumber() {
    #expect(ChartAxis.niceStep(0.6) == 1)
    #expect(ChartAxis.niceStep(11) == 20)
    #expect(ChartAxis.niceStep(0.023) == 0.025)
    #expect(ChartAxis.niceStep(2.1, wholeNumbers: true) == 5)
    #expect(ChartAxis.niceStep(0.2, wholeNumbers: true) == 1)
  }

  @Test func tickLabelsAreShortAndExact() {
    let labels = { (axis: ChartAxis) in axis.ticks.map(\.label) }
    #expect(labels(.linear(0...1)) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(labels(.linear(0...20_000)) == ["0", "5k", "10k", "15k", "20k"])
    #expect(labels(.linear(0...1e6)) == ["0", "200k", "400k", "600k", "800k", "1M"])
    #expect(labels(.linear(10_000...10_100)).prefix(3) == ["10.00k", "10.02k", "10.04k"])
    #expect(labels(.linear(0...100, suffix: "%")).last == "100%")
    let small = ChartAxis.linear(0...0.001)
    #expect(small.factor == "×10⁻³")
    #expect(small.ticks.last?.label == "1.0")
  }

  @Test func logarithmicTicksAreDecadesOrPowersOfTwo() {
    let decades = ChartAxis.logarithmic(0.003...400)
    #expect(decades.ticks.map(\.label) == ["0.01", "0.1", "1", "10", "100"])
    #expect(decades.position(decades.lower) == 0)
    #expect((decades.position(1) - decades.position(0.1)).magnitude > 0.15)
    let fine = ChartAxis.logarithmic(1...20)
    #expect(fine.ticks.map(\.label) == ["1", "2", "5", "10", "20"])
    let lengths = ChartAxis.logarithmic(256...65_536, target: 9, powersOfTwo: true)
    #expect(lengths.ticks.map(\.label).prefix(2) == ["256", "512"])
    #expect(lengths.ticks.last?.label == "64K")
    #expect(!ChartAxis.logarithmic(5...5).ticks.isEmpty)
    #expect(!ChartAxis.logarithmic(nil).ticks.isEmpty)
  }

  @Test func decimationKeepsEveryPeakAndTheEnds() {
    var points = (0..<100_000).map { (x: Double($0), y: Double($0 % 7)) }
    points[0].y = 3.5
    points[54_321].y = 1000
    points[54_399].y = -1000
    points[777].y = .nan
    let kept = Decimation.extremes(points, limit: 1500)
    #expect(kept.count <= 1500 && kept.count > 700)
    #expect(kept.first?.y == 3.5 && kept.last?.x == 99_999)
    #expect(kept.contains { $0 == (54_321, 1000) } && kept.contains { $0 == (54_399, -1000) })
    #expect(kept.map(\.x) == kept.map(\.x).sorted())
    #expect(Decimation.extremes(Array(points[..<10]), limit: 10).count == 10)
    let empty = (0..<9000).map { (x: Double($0), y: Double.nan) }
    #expect(!Decimation.extremes(empty, limit: 100).contains { $0.y.isFinite })
  }

  @Test func smoothingKeepsMeanAndPlace() {
    let ramp = (0..<1000).map { index -> (x: Double, y: Double) in
      let noise = index % 2 == 0 ? 5.0 : -5.0
      return (Double(index), Double(index) + noise)
    }
    let smooth = Decimation.smoothed(ramp, window: 100)
    #expect(smooth.count == 1000)
    #expect((smooth[500].y - 500).magnitude < 0.2)
    var gap = ramp
    gap[500].y = .nan
    #expect(Decimation.smoothed(gap, window: 100)[500].y.isFinite)
  }

  @Test func evenChoiceHasBothEnds() {
    #expect(Decimation.evenly(Array(0...100), limit: 5) == [0, 25, 50, 75, 100])
    #expect(Decimation.evenly([1, 2], limit: 5) == [1, 2])
  }

  @Test(arguments: [false, true])
  func difficultDataStaySound(_ logarithmic: Bool) {
    let cases: [[(x: Double, y: Double)]] = [
      [], [(1, 1)], [(.nan, 1), (2, .infinity)], [(1, 0), (2, -1)], [(3, 7), (3, 7)],
      [(1, 1e308), (2, -1e308), (3, .leastNormalMagnitude / 64)],
      [(1, 2), (2, .nan), (3, 4), (4, .nan)],
      [(-1e18, .leastNonzeroMagnitude), (1e18, 1e299)], [(1e15, 1e15), (1e15 + 1, 1e15 + 1)],
    ]
    for points in cases {
      var chart = LineChart(title: "a < b & \"c\"", xLabel: "<x>", yLabel: "&")
      chart.series = [.init("]]>", points: points), .init("other", points: [])]
      (chart.logX, chart.logY) = (logarithmic, logarithmic)
      chart.markers = [.init(x: .nan, y: 0, label: "<none>")]
      expectSound(chart.svg())
      expectSound(chart.svg(standalone: true))
    }
  }

  @Test func undrawableValuesAreCountedAndLeaveGaps() {
    var chart = LineChart(title: "", series: [.init("", points: [(1, 1), (2, .nan), (3, 1)])])
    chart.showsTitle = false
    let svg = chart.svg()
    #expect(svg.contains("1 value is not finite"))
    let line = MarkupChecker(svg).attributes.first { $0.name == "d" && $0.value.contains("h0") }
    #expect(line?.value.filter { $0 == "M" }.count == 2)
    #expect(LineChart(title: "t").svg().contains("no values"))
  }

  @Test func standaloneFilesCarryTheirStyle() {
    let chart = LineChart(title: "Time", series: [.init("a", points: [(1, 2), (3, 4)])])
    let file = chart.svg(standalone: true)
    #expect(file.hasPrefix("<?xml"))
    #expect(file.contains("xmlns=\"http://www.w3.org/2000/svg\""))
    #expect(file.contains("prefers-color-scheme:dark"))
    #expect(!chart.svg().contains("<style"))
    for svg in [file, chart.svg()] {
      #expect(svg.contains("<title>Time</title>") && svg.contains("<desc>"))
    }
  }

  @Test func heatMapsStaySound() {
    let maps: [HeatMap] = [
      HeatMap(title: "", values: []), HeatMap(title: "", values: [[], [.nan]]),
      HeatMap(title: "<", values: [[1, -2], [.infinity]], rowNames: ["<a>"]),
      HeatMap(title: "", values: [[0, 0]], columnNames: ["a", "b", "c"]),
      .confusion([[5, 1], [0, 0]], classNames: ["<b>"]), .confusion([[3]]),
    ]
    for map in maps { expectSound(map.svg(standalone: true)) }
    var flat = HeatMap(title: "", values: [[1]])
    flat.fullScale = .nan
    expectSound(flat.svg())
  }

  @Test func largeHeatMapsKeepTheirPeakAndStaySmall() {
    var values = [[Double]](repeating: .init(repeating: 0, count: 4000), count: 500)
    values[77][3001] = -9
    let svg = HeatMap(title: "", values: values).svg()
    expectSound(svg)
    #expect(svg.contains("lw-warm\" fill-opacity=\"1\" d="))
    #expect(svg.utf8.count < 20_000)
  }

  @Test func confusionCellsShowCountAndShare() {
    let svg = HeatMap.confusion([[96, 4], [25, 75]], classNames: ["cat", "dog"]).svg()
    #expect(svg.contains(">96<") && svg.contains(">96.0%<") && svg.contains(">25.0%<"))
    #expect(svg.contains("dog → cat: 25 (25.0%)"))
  }
}
