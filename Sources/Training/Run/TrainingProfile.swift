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
    let work = try ClassifierWorkload(configuration, data)
    let training = work.recipe.training
    try self.init(work, steps: steps, warmup: warmup) { plan, index in
      plan.batch(index, of: data.train.examples)
    } loss: { model, batch, tape in
      let logits = model(
        batch.tokens, mask: batch.mask, on: tape,
        recomputesBlocks: training.checkpointsActivations)
      return (
        logits.softmaxCrossEntropy(labels: batch.labels.map(Int32.init)),
        batch.lengths.reduce(0, +)
      )
    }
  }

  /// Trains a new model of any other task for some steps and measures them; parameters as above.
  ///
  /// - Throws: `DataError` if there is no training data.
  public init(_ work: SequenceWorkload, steps: Int, warmup: Int) throws {
    let training = work.recipe.training
    try self.init(work, steps: steps, warmup: warmup) { plan, index in
      work.data.train.batch(plan.batches[index], padTo: plan.padTo)
    } loss: { model, batch, tape in
      let answers = model.answers(
        batch, on: tape, recomputesBlocks: training.checkpointsActivations)
      return (batch.loss(of: answers), batch.lengths.reduce(0, +))
    }
  }

  /// Measures steps whose batches and losses are made by two functions, so that both are seen apart.
  private init<Work: Workload, Gathered>(
    _ work: Work, steps: Int, warmup: Int, batch gathered: (Work.Plan, Int) -> Gathered,
    loss: (Work.Recipe.Model, Gathered, Tape) -> (loss: Variable, tokens: Int)
  ) throws {
    let training = work.recipe.training
    var random = RandomSource(seed: training.seed, stream: 1)
    var model = work.recipe.makeModel(using: &random)
    var optimizer = AdamW(training)
    let plan = try work.plan(epoch: 0)
    var profile = OperationProfile()
    var tokens = 0
    for step in 0..<warmup + steps {
      if step == warmup {
        profile = OperationProfile()
        tokens = 0
      }
      profile.restart()
      let batch = gathered(plan, step % plan.count)
      profile.note("batch")
      let tape = Tape(random: random)
      tape.profile = profile
      let result = loss(model, batch, tape)
      let gradients = tape.gradients(of: result.loss)
      profile = tape.profile ?? profile
      random = tape.random
      profile.restart()
      optimizer.update(&model, with: gradients)
      model.apply(tape.updates)
      profile.note("optimiser")
      tokens += result.tokens
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
