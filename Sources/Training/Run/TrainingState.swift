public import SequenceTensor

/// Where a run stands, apart from weights and optimiser: what a checkpoint needs to go on
/// bit for bit.
public struct TrainingState: Sendable, Equatable, Codable {
  /// Steps taken.
  public var step = 0
  /// The epoch that the next step belongs to.
  public var epoch = 0
  /// The batch of the epoch that the next step takes.
  public var batch = 0
  /// The random numbers of dropout.
  public var random: RandomSource
  /// A number that stands for the training data.
  public var dataFingerprint: UInt64
  /// The best score of an evaluation, for a classifier its validation accuracy.
  public var bestScore: Double?
  /// The step of the best evaluation.
  public var bestStep: Int?
  /// Evaluations since then.
  public var evaluationsSinceBest = 0
  /// Whether training has ended.
  public var isFinished = false
  /// The sums since the last line of metrics.
  public var window = MetricsWindow()

  /// The state before the first step.
  public init(random: RandomSource, dataFingerprint: UInt64) {
    self.random = random
    self.dataFingerprint = dataFingerprint
  }
}

/// Sums over the steps since the last line of metrics.
public struct MetricsWindow: Sendable, Equatable, Codable {
  /// Of the losses of the steps.
  public var loss = 0.0
  /// Of right answers, where answers are right or wrong.
  public var correct: Int?
  /// Of examples.
  public var examples = 0
  /// Of steps.
  public var steps = 0
  /// Of gradient norms.
  public var gradientNorm = 0.0

  /// The mean loss of a step.
  public var meanLoss: Double { loss / Double(max(1, steps)) }
  /// The mean gradient norm of a step.
  public var meanGradientNorm: Double { gradientNorm / Double(max(1, steps)) }
  /// The fraction of right answers.
  public var accuracy: Double? { correct.map { Double($0) / Double(max(1, examples)) } }

  /// Adds a step.
  mutating func add(_ batch: BatchLoss, loss value: Double, gradientNorm norm: Double) {
    loss += value
    gradientNorm += norm
    steps += 1
    examples += batch.examples
    if let right = batch.correct { correct = (correct ?? 0) + right }
  }
}
