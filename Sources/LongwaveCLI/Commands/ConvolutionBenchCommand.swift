public import ArgumentParser
public import Longwave

struct ConvolutionBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conv",
    abstract: "Time depthwise causal long convolutions with skip term against FFTW at its best.",
    discussion: """
      Times are the minimum of repeats after a warm-up, in milliseconds: forward, forward with the \
      filter's spectrum given, and forward with gradients of input, filter and skip term. Longwave \
      and FFTW take turns in one process. FFTW gets contiguous rows beforehand, so that no \
      transposition counts against it, plans that it has measured, and the faster of real rows \
      (r) and of pairs of rows as complex ones (c).

      Example:
        longwave bench conv --json --threads 2
        longwave bench conv --sweep --plot convolutions.svg
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var measurement: MeasurementOptions

  @Option(name: .customLong("shape"), help: "A shape BATCHxCHANNELSxLENGTH; repeatable.")
  var shapes: [BenchShape] = BenchShape.standard

  @Flag(help: "Measure lengths that are powers of two, with batch 1 and larger.")
  var sweep = false

  @OptionGroup var sweepOptions: SweepOptions

  @Option(help: "How FFTW plans where Longwave uses it: estimate, measure or patient.")
  var effort: PlanningEffort = .estimate

  @Option(help: "Longwave's way: direct, lanes or fftw instead of what the planner chooses.")
  var method: ConvolutionPlanner.Method?

  @Flag(inversion: .prefixedNo, help: "Compare with FFTW.")
  var fftw = true

  @Option(
    name: .customLong("planning-seconds"),
    help: "Seconds that FFTW may look for one plan of the comparison.")
  var planningSeconds = 2.0

  @Option(
    help: """
      An SVG file for a chart: the time per point against the length, the geometric mean over the
      shapes of a length, and the bound that this machine's measured rates set.
      """)
  var plot: String?

  func validate() throws {
    guard planningSeconds.isFinite, planningSeconds >= 0 else {
      throw ValidationError(
        "--planning-seconds: expected a number of at least 0, got \(planningSeconds)")
    }
    guard !sweep || shapes == BenchShape.standard else {
      throw ValidationError("--sweep: expected no --shape beside it, got \(shapes.count)")
    }
    guard sweep || !sweepOptions.isUsed else {
      throw ValidationError("\(SweepOptions.names): expected --sweep beside them, got none")
    }
  }

  func run() throws {
    common.apply()
    if let plot { try ConvolutionChart.checkFolder(of: plot) }
    let shapes = sweep ? sweepOptions.shapes : shapes
    // Also a table shows the bound; JSON lines alone do without, and without its seconds.
    var roofline = plot != nil || !measurement.json ? Roofline.measured() : nil
    var records: [ConvolutionRecord] = []
    if !measurement.json { show(ConvolutionTable.head(comparesWithFFTW: fftw)) }
    for shape in shapes {
      let contest = ConvolutionContest(
        shape, method: method, effort: effort, planningSeconds: fftw ? planningSeconds : nil)
      let record = contest.run(measurement.stopwatch)
      records.append(record)
      show(measurement.json ? record.json : ConvolutionTable.row(record))
      // After each shape, so that a run cut short leaves a chart too.
      if let plot { try ConvolutionChart(records, roofline).write(to: plot) }
    }
    roofline = roofline?.combined(with: .measured())
    if let plot { try ConvolutionChart(records, roofline).write(to: plot) }
    if !measurement.json {
      for line in ConvolutionTable.summary(records) { show(line) }
      if let roofline { show(roofline.description) }
    }
  }
}

/// Which shapes a sweep has.
struct SweepOptions: ParsableArguments {
  static let names = "--min-length, --max-length, --points, --odd-lengths"

  @Option(name: .customLong("min-length"), help: "The shortest length of a sweep.")
  var minimumLength = 256

  @Option(name: .customLong("max-length"), help: "The longest length of a sweep.")
  var maximumLength = 1 << 22

  @Option(help: "About how many points the shapes of a sweep have.")
  var points = 1 << 21

  @Flag(name: .customLong("odd-lengths"), help: "Add odd and prime lengths to a sweep.")
  var oddLengths = false

  func validate() throws {
    guard minimumLength > 0, maximumLength >= minimumLength, maximumLength <= 1 << 26 else {
      throw ValidationError(
        "--min-length, --max-length: expected a range of lengths within 1...\(1 << 26),"
          + " got \(minimumLength)...\(maximumLength)")
    }
    guard points > 0, points <= 1 << 28 else {
      throw ValidationError("--points: expected 1...\(1 << 28), got \(points)")
    }
  }

  var isUsed: Bool {
    oddLengths || minimumLength != 256 || maximumLength != 1 << 22 || points != 1 << 21
  }

  var shapes: [BenchShape] {
    var lengths = (0...26).map { 1 << $0 }
    if oddLengths { lengths += [257, 1000, 3001, 10_007, 100_003, 1_000_003] }
    return lengths.sorted().filter { minimumLength...maximumLength ~= $0 }
      .flatMap { BenchShape.sweep(length: $0, points: points) }
  }
}

extension PlanningEffort: ExpressibleByArgument {}
extension ConvolutionPlanner.Method: ExpressibleByArgument {}
