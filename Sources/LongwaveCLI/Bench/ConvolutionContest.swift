import Longwave

/// What is timed about a convolution.
enum ConvolutionTask: String, CaseIterable {
  /// The filter's spectrum is computed too.
  case forward
  case fixedFilter = "forward_fixed_filter"
  /// Forward, and the gradients of input, filter and skip term.
  case withGradients = "forward_backward"

  /// The name in JSON lines.
  var key: String { "\(rawValue)_ms" }
}

/// Longwave's plan for one shape, and FFTW's yardsticks if it is to be compared with them.
struct ConvolutionContest {
  private let shape: BenchShape
  private let plan: ConvolutionPlan
  private let operands: ConvolutionOperands
  private let filter: Tensor
  private let skip: Tensor
  private let gradient: Tensor
  private let yardsticks: [PackedYardstick]

  /// A yardstick with the values in its rows.
  private struct PackedYardstick {
    let yardstick: FFTWYardstick
    let input, filter, gradient: Tensor
  }

  /// - Parameters:
  ///   - method: Longwave's way; the planner's choice if nil.
  ///   - planningSeconds: how long FFTW may look for a plan; `nil` leaves it out.
  init(
    _ shape: BenchShape, method: ConvolutionPlanner.Method? = nil, effort: PlanningEffort,
    planningSeconds: Double?
  ) {
    self.shape = shape
    var random = RandomSource(seed: 0)
    let sizes: Shape = [shape.batch, shape.length, shape.channels]
    let input = Tensor(normal: sizes, using: &random)
    let filter =
      Tensor(normal: [shape.length, shape.channels], using: &random) * (1 / Float(shape.length))
    let gradient = Tensor(normal: sizes, using: &random)
    skip = Tensor(normal: [shape.channels], using: &random)
    operands = ConvolutionOperands(input: input, skip: skip)
    let problem = ConvolutionProblem(
      length: shape.length, taps: shape.length, boundary: .causal)
    plan =
      method.map { ConvolutionPlanner.plan(problem, using: $0, effort: effort) }
      ?? ConvolutionPlanner.plan(problem, effort: effort)
    yardsticks =
      planningSeconds.map { seconds in
        YardstickRows.Form.allCases.map { form in
          let rows = YardstickRows(
            form, batch: shape.batch, channels: shape.channels, length: shape.length)
          return PackedYardstick(
            yardstick: FFTWYardstick(rows, planningSeconds: seconds), input: rows.packed(input),
            filter: rows.filters.packed(filter.reshaped(1, shape.length, shape.channels)),
            gradient: rows.packed(gradient))
        }
      } ?? []
    self.filter = filter
    self.gradient = gradient
  }

  /// Times every task.
  func run(_ stopwatch: Stopwatch) -> ConvolutionRecord {
    var record = ConvolutionRecord(shape: shape)
    for task in ConvolutionTask.allCases {
      let others = yardsticks.flatMap { yardstick in
        rivals(yardstick, task).map { (form: yardstick.yardstick.rows.form, run: $0) }
      }
      let times = stopwatch.shortest([ours(task)] + others.map(\.run))
      record.ours[task] = times[0]
      let best = others.indices.min { times[$0 + 1] < times[$1 + 1] }
      if let best {
        record.fftw[task] = times[best + 1]
        record.fftwForm[task] = others[best].form
      }
    }
    return record
  }

  private func ours(_ task: ConvolutionTask) -> () -> Void {
    switch task {
    case .forward:
      return { _ = plan(operands, plan.spectrum(of: filter)) }
    case .fixedFilter:
      let spectrum = plan.spectrum(of: filter)
      return { _ = plan(operands, spectrum) }
    case .withGradients:
      return {
        let spectrum = plan.spectrum(of: filter)
        _ = plan(operands, spectrum)
        _ = plan.gradients(of: gradient, operands, spectrum)
      }
    }
  }

  /// The ways in which a yardstick can do a task.
  private func rivals(_ rows: PackedYardstick, _ task: ConvolutionTask) -> [() -> Void] {
    let yardstick = rows.yardstick
    switch task {
    case .forward:
      return [{ _ = yardstick.forward(rows.input, filter: rows.filter, skip: skip) }]
    case .fixedFilter:
      let spectra = yardstick.spectra(of: rows.filter)
      return [{ _ = yardstick.forward(rows.input, spectra: spectra, skip: skip) }]
    case .withGradients:
      return [false, true].map { keeps in
        {
          _ = yardstick.step(
            rows.input, filter: rows.filter, skip: skip, outputGradient: rows.gradient,
            keepsSpectra: keeps)
        }
      }
    }
  }
}

/// The times of one shape in milliseconds.
struct ConvolutionRecord {
  let shape: BenchShape
  var ours: [ConvolutionTask: Double] = [:]
  /// Empty if FFTW was left out.
  var fftw: [ConvolutionTask: Double] = [:]
  /// How the rows of the fastest yardstick lay.
  var fftwForm: [ConvolutionTask: YardstickRows.Form] = [:]

  /// How many times as long FFTW took.
  func ratio(_ task: ConvolutionTask) -> Double? {
    guard let ours = ours[task], let fftw = fftw[task] else { return nil }
    return fftw / ours
  }

  /// One line; the keys are those of the peers' scripts, and those of FFTW.
  var json: String {
    JSONLine(case: "conv", shape)
      .adding(ConvolutionTask.allCases.map { ($0.key, ours[$0]) })
      .adding(ConvolutionTask.allCases.map { ("fftw_\($0.key)", fftw[$0]) }).text
  }
}
