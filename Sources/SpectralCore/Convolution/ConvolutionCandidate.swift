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
  /// Estimates are for channels that fill the lanes, and were measured with AVX-512 at 2.5 GHz.
  static func all(_ problem: ConvolutionProblem) -> [ConvolutionCandidate] {
    let narrow = 16 / Double(LaneTransformPlan.laneCount)
    let direct = ConvolutionCandidate(
      way: .direct, cost: (0.3 + 0.077 * problem.averageTaps) * narrow)
    let lanes = RingGeometry.candidates(problem).prefix(4).map { geometry, cost in
      ConvolutionCandidate(
        way: .lanes(geometry), cost: cost / Double(problem.length) * narrow)
    }
    let bits = Double(Int.bitWidth - problem.shortestTransform.leadingZeroBitCount)
    let rows = ConvolutionCandidate(way: .rows, cost: 1.6 + 0.4 * bits)
    return ([direct] + lanes + [rows]).sorted { $0.cost < $1.cost }
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
