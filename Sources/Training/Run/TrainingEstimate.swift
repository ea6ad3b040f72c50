import Differentiation
import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A workload of which a part of the evaluation can be measured.
public protocol MeasurableWorkload: Workload {
  /// How many examples the validation part has.
  var validationCount: Int { get }
  /// How many examples the test part has.
  var testCount: Int { get }
  /// How the model does on some examples of the validation part, evenly spread.
  ///
  /// - Throws: `DataError` if there are none.
  func validate(_ model: Recipe.Model, onAtMost count: Int) throws -> Result
}

/// The time and memory that a run needs on this machine, from steps that were measured.
///
/// Some steps are taken with a model of random weights, at batches that are evenly spread over the
/// first epoch, each with loss, gradients and update; then some examples are evaluated. Nothing is
/// written. The first steps, which plan transforms and ask for memory, do not count.
public struct TrainingEstimate: Sendable {
  /// Values that are learned.
  public let parameters: Int
  /// Steps of an epoch.
  public let stepsPerEpoch: Int
  /// Steps of the run.
  public let totalSteps: Int
  /// The mean seconds of the measured steps.
  public let secondsPerStep: Double
  /// The shortest of them.
  public let shortestStep: Double
  /// The longest of them: batches differ in length.
  public let longestStep: Double
  /// How many steps were measured.
  public let measuredSteps: Int
  /// Tokens or samples a second.
  public let amountPerSecond: Double
  /// Seconds to evaluate one batch.
  public let secondsPerEvaluationBatch: Double
  /// Seconds to evaluate the validation part.
  public let secondsPerEvaluation: Double
  /// How often that happens.
  public let evaluations: Int
  /// Seconds to evaluate the test part.
  public let secondsOfTest: Double
  /// The most memory that the process has had, in bytes, data included.
  public let peakMemory: Int

  /// Seconds of the steps of an epoch.
  public var secondsPerEpoch: Double { Double(stepsPerEpoch) * secondsPerStep }
  /// Seconds of the steps of the run.
  public var secondsOfSteps: Double { Double(totalSteps) * secondsPerStep }
  /// Seconds of the run, evaluations and the test at its end included.
  public var secondsInAll: Double {
    secondsOfSteps + Double(evaluations) * secondsPerEvaluation + secondsOfTest
  }

  /// Measures.
  ///
  /// - Parameters:
  ///   - work: what is trained.
  ///   - warmup: steps that do not count.
  ///   - steps: the steps that are measured, at least one.
  ///   - least: more steps are measured until they have taken so long.
  ///   - limit: no further step is begun after so long.
  /// - Throws: `DataError` if there is no data.
  /// - Complexity: the time of that many steps, and of evaluating two batches.
  public init<Work: MeasurableWorkload>(
    of work: Work, warmup: Int = 2, steps: Int = 10, atLeast least: Duration = .zero,
    limit: Duration = .seconds(60)
  ) throws {
    let training = work.recipe.training
    let clock = ContinuousClock()
    let plan = try work.plan(epoch: 0)
    var weights = RandomSource(seed: training.seed, stream: 1)
    var model = work.recipe.makeModel(using: &weights)
    var optimizer = AdamW(training)
    var random = RandomSource(seed: training.seed, stream: 2)
    func step(_ index: Int) -> (seconds: Double, amount: Int) {
      let start = clock.now
      let tape = Tape(random: random)
      let batch = work.loss(of: model, batch: index, of: plan, on: tape)
      let gradients = tape.gradients(of: batch.loss)
      let norm = gradients.norm
      let scale = training.clipNorm.map { min(1, Double($0) / max(norm, 1e-12)) } ?? 1
      // A rate of nothing: the weights stay as they begin, and the work is the same.
      optimizer.update(&model, with: gradients, factor: 0, gradientScale: Float(scale))
      model.apply(tape.updates)
      random = tape.random
      return ((clock.now - start) / .seconds(1), batch.amount)
    }
    let begin = clock.now
    for index in 0..<max(0, warmup) { _ = step(index * plan.count / max(1, warmup)) }
    let stride = max(1, plan.count / max(1, steps))
    var times: [Double] = []
    var (amount, total) = (0, 0.0)
    while times.count < max(1, steps) || total < least / .seconds(1) {
      if !times.isEmpty, clock.now - begin >= limit { break }
      let taken = step(times.count * stride % plan.count)
      times.append(taken.seconds)
      total += taken.seconds
      amount += taken.amount
    }

    let few = min(training.batchSize, work.validationCount)
    _ = try work.validate(model, onAtMost: few)
    let start = clock.now
    _ = try work.validate(model, onAtMost: few)
    let batch: Double = (clock.now - start) / .seconds(1)

    parameters = model.parameterCount
    stepsPerEpoch = plan.count
    totalSteps = min(training.epochs * plan.count, training.maximumSteps ?? .max)
    secondsPerStep = total / Double(times.count)
    shortestStep = times.min() ?? 0
    longestStep = times.max() ?? 0
    measuredSteps = times.count
    amountPerSecond = Double(amount) / max(total, 1e-12)
    secondsPerEvaluationBatch = batch
    secondsPerEvaluation = batch * Double(work.validationCount) / Double(max(1, few))
    secondsOfTest = batch * Double(work.testCount) / Double(max(1, few))
    evaluations = Self.evaluations(
      steps: totalSteps, stepsPerEpoch: plan.count, every: training.evaluateEverySteps,
      everyEpochs: training.evaluateEveryEpochs)
    peakMemory = Self.peakMemory
  }

  /// How many evaluations `Trainer` makes, the last one at the end.
  private static func evaluations(
    steps: Int, stepsPerEpoch: Int, every: Int?, everyEpochs: Int
  ) -> Int {
    let interval = every ?? ConfigurationCheck.product(stepsPerEpoch, everyEpochs)
    return steps / interval + (steps % interval == 0 ? 0 : 1)
  }

  /// The most resident memory of the process so far, in bytes.
  private static var peakMemory: Int {
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss * 1024
    #else
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }
}
