import SequenceTensor

/// Times the ways to compute a convolution.
struct ConvolutionTiming {
  private let problem: ConvolutionProblem
  private let operands: ConvolutionOperands
  private let filter: Tensor

  /// Points that are timed at least, and channels at most.
  private static let points = 1 << 18
  private static let channels = 64

  init(_ problem: ConvolutionProblem) {
    self.problem = problem
    let channels = min(Self.channels, max(16, Self.points / problem.length))
    let batch = max(1, Self.points / (problem.length * channels))
    var random = RandomSource(seed: 0)
    operands = ConvolutionOperands(
      input: Tensor(normal: [batch, problem.length, channels], using: &random))
    filter = Tensor(normal: [problem.taps, channels], using: &random)
  }

  /// The fastest of some ways, a training step's forward and backward pass counting.
  func fastest(
    _ candidates: [ConvolutionCandidate], effort: PlanningEffort
  ) -> ConvolutionCandidate {
    let rounds = effort == .patient ? 10 : 3
    let plans = candidates.map { $0.plan(problem, effort: effort, reason: "") }
    var best = candidates.map { _ in Duration.seconds(1 << 30) }
    // In turns, so that a disturbance meets all of them.
    for _ in 0...rounds {
      for (index, plan) in plans.enumerated() {
        let elapsed = ContinuousClock().measure {
          let spectrum = plan.spectrum(of: filter)
          _ = plan.gradients(of: plan(operands, spectrum), operands, spectrum)
        }
        best[index] = min(best[index], elapsed)
      }
    }
    let index = best.indices.min { best[$0] < best[$1] }
    return candidates[index ?? 0]
  }
}
