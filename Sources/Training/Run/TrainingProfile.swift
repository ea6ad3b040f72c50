import Differentiation
import LongConvolution
import SequenceTensor

/// Where the time of training steps goes.
public struct TrainingProfile {
  /// An operation, as sums and rates over the measured steps.
  public struct Row: Sendable {
    /// The function in Swift, or `batch`, `optimiser`.
    public let name: String
    /// Calls a step.
    public let calls: Double
    /// Seconds a step, forward.
    public let forward: Double
    /// Seconds a step, backward.
    public let backward: Double
    /// The part of a step.
    public let share: Double
    /// Floating-point operations a nanosecond, forward; `nil` for operations without a count.
    public let forwardRate: Double?
    /// Floating-point operations a nanosecond, backward.
    public let backwardRate: Double?
    /// Bytes of operands and results a nanosecond, forward.
    public let traffic: Double?
  }

  /// The operations, the slowest first.
  public let rows: [Row]
  /// Seconds a step.
  public let secondsPerStep: Double
  /// Tokens, without padding, a second.
  public let tokensPerSecond: Double

  /// Trains a new model for some steps and measures them.
  ///
  /// - Parameters:
  ///   - configuration: what is trained and how.
  ///   - data: the data.
  ///   - steps: how many steps are measured.
  ///   - warmup: how many are taken before.
  /// - Throws: `ConfigurationError`, or `DataError` if there is no training data.
  public init(
    configuration: RunConfiguration, data: DatasetSplits, steps: Int, warmup: Int
  ) throws {
    try configuration.validate()
    let configuration = configuration.resolved(for: data)
    let training = configuration.training
    var random = RandomSource(seed: training.seed, stream: 1)
    var model = configuration.makeModel(
      vocabulary: data.train.vocabulary.count, classes: data.train.classNames.count,
      using: &random)
    var optimizer = AdamW(training)
    let plan = try BatchPlan(
      for: data.train.examples, batchSize: training.batchSize,
      policy: training.batching == .bucketed
        ? .bucketed(window: training.bucketWindow) : .shuffled,
      padTo: training.padTo, seed: training.seed, epoch: 0)
    var profile = OperationProfile()
    var tokens = 0
    for step in 0..<warmup + steps {
      if step == warmup {
        profile = OperationProfile()
        tokens = 0
      }
      profile.restart()
      let batch = plan.batch(step % plan.count, of: data.train.examples)
      profile.note("batch")
      let tape = Tape(random: random)
      tape.profile = profile
      let loss = model(
        batch.tokens, mask: batch.mask, on: tape, recomputesBlocks: training.checkpointsActivations
      ).softmaxCrossEntropy(labels: batch.labels.map(Int32.init))
      let gradients = tape.gradients(of: loss)
      profile = tape.profile ?? profile
      random = tape.random
      profile.restart()
      optimizer.update(&model, with: gradients)
      model.apply(tape.updates)
      profile.note("optimiser")
      tokens += batch.lengths.reduce(0, +)
    }
    let total = profile.entries.reduce(0) { $0 + $1.seconds }
    let count = Double(steps)
    rows = profile.entries.sorted { $0.seconds > $1.seconds }.map { entry in
      func rate(_ amount: Double, _ seconds: Double) -> Double? {
        amount > 0 && seconds > 0 ? amount / seconds / 1e9 : nil
      }
      return Row(
        name: entry.name, calls: Double(entry.calls) / count, forward: entry.forward / count,
        backward: entry.backward / count, share: entry.seconds / max(total, 1e-12),
        forwardRate: rate(entry.arithmetic, entry.forward),
        backwardRate: rate(entry.arithmeticBackward, entry.backward),
        traffic: rate(entry.bytes, entry.forward))
    }
    secondsPerStep = total / count
    tokensPerSecond = Double(tokens) / max(total, 1e-12)
  }
}
