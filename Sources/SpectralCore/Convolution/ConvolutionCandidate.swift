/// How a convolution is computed; it decides what form a filter's spectrum has.
enum ConvolutionWay: Sendable, Hashable {
  case direct
  /// In lanes, or row by row where the channels would leave most lanes empty.
  case lanes(RingGeometry)
  /// In lanes, however few the channels.
  case lanesOnly(RingGeometry)
  case rows

  func backend(
    _ problem: ConvolutionProblem, _ effort: PlanningEffort
  ) -> any ConvolutionBackend {
    switch self {
    case .direct: DirectConvolution(problem: problem)
    case .lanes(let geometry):
      LaneOrRowConvolution(
        lanes: LaneConvolution(geometry), rows: FFTConvolution(problem, effort: effort))
    case .lanesOnly(let geometry): LaneConvolution(geometry)
    case .rows: FFTConvolution(problem, effort: effort)
    }
  }
}

/// One way to compute a convolution, and what it should cost.
struct ConvolutionCandidate: Sendable {
  let way: ConvolutionWay
  /// Estimated nanoseconds a point on one thread.
  let cost: Double

  /// The ways that are worth a thought, the cheapest by estimate first.
  ///
  /// Estimates are for channels that fill the lanes; they were measured on one thread at 2.5 GHz.
  static func all(_ problem: ConvolutionProblem) -> [ConvolutionCandidate] {
    let lanes = RingGeometry.candidates(problem).prefix(4).map { geometry, cost in
      ConvolutionCandidate(way: .lanes(geometry), cost: cost / Double(problem.length))
    }
    let others = [
      ConvolutionCandidate(way: .direct, cost: directCost(problem)),
      ConvolutionCandidate(way: .rows, cost: rowCost(problem)),
    ]
    return (lanes + others).sorted { $0.cost < $1.cost }
  }

  private static func directCost(_ problem: ConvolutionProblem) -> Double {
    let tap =
      switch LaneTransformPlan.vectorWidth {
      case 16: 0.023
      case 8: 0.07
      default: 0.11
      }
    // Sums at the ends run over rows of zeros, which are gathered with the others.
    let taps = Double(problem.usedTaps.count)
    return 0.35 * (1 + taps / Double(problem.length)) + tap * taps
  }

  private static func rowCost(_ problem: ConvolutionProblem) -> Double {
    let points = problem.shortestTransform
    let bits = Double(max(8, Int.bitWidth - 1 - points.leadingZeroBitCount))
    let memory = points > 1 << 17 ? 1.5 : 0
    // FFTW chooses its own instructions; gathering and multiplying are ours.
    let portable = LaneTransformPlan.vectorWidth < 8 ? 1.35 : 1
    return Double(points) / Double(problem.length) * (0.3 * bits - 0.5 + memory) * portable
  }

  func plan(
    _ problem: ConvolutionProblem, effort: PlanningEffort, reason: String
  ) -> ConvolutionPlan {
    ConvolutionPlan(problem: problem, way, effort: effort, reason: reason)
  }

  /// For example `lanes 2048`.
  var name: String {
    switch way {
    case .direct: "direct"
    case .lanes(let geometry), .lanesOnly(let geometry):
      "lanes \(geometry.points)" + (geometry.isExtended ? " pieces \(geometry.piece)" : "")
    case .rows: "rows"
    }
  }
}
