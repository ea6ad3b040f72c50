import Differentiation
import SequenceTensor

/// One run: trains a model, keeps its folder, and can go on where it was left.
public final class Trainer<Work: Workload> {
  /// The folder of the run.
  public let folder: RunFolder
  /// What is trained.
  public let work: Work
  /// The model as it is now.
  public private(set) var model: Work.Recipe.Model
  /// Where the run stands.
  public private(set) var state: TrainingState
  private var optimizer: AdamW
  private let schedule: LearningRateSchedule
  private let stepsPerEpoch: Int
  private let log: MetricsLog
  private var clock: RunClock
  private var heartbeat: RunHeartbeat
  /// The step of the last evaluation of this part of the run.
  private var evaluatedStep: Int?

  private var training: Work.Recipe.Settings { work.recipe.training }

  /// Starts a new run in a folder.
  ///
  /// - Throws: `RunError` if the folder holds a run already, `DataError` if there is no training
  ///   data, and errors of writing.
  public convenience init(newRun folder: RunFolder, _ work: Work) throws {
    let seed = work.recipe.training.seed
    var weights = RandomSource(seed: seed, stream: 1)
    let checkpoint = Checkpoint(
      recipe: work.recipe, model: work.recipe.makeModel(using: &weights),
      optimizer: AdamW(work.recipe.training),
      state: TrainingState(
        random: RandomSource(seed: seed, stream: 2), dataFingerprint: work.fingerprint))
    try folder.create(configuration: work.recipe.configurationText)
    try self.init(folder, checkpoint, work, isNew: true)
    try log.snapshots(work.snapshots(of: model), step: 0)
    try save()
  }

  /// Goes on with a run from its newest checkpoint.
  ///
  /// - Throws: `RunError` if the data is not the data that the run was started with.
  public convenience init(
    resuming folder: RunFolder, _ checkpoint: Checkpoint<Work.Recipe>, _ work: Work
  ) throws {
    guard work.fingerprint == checkpoint.state.dataFingerprint else {
      throw RunError(
        place: work.recipe.dataPlace,
        expected: "the training data that \(folder.path) was started with",
        got: "other training data")
    }
    try self.init(folder, checkpoint, work, isNew: false)
  }

  private init(
    _ folder: RunFolder, _ checkpoint: Checkpoint<Work.Recipe>, _ work: Work, isNew: Bool
  ) throws {
    try folder.requireNoProcess()
    let training = work.recipe.training
    self.folder = folder
    self.work = work
    model = checkpoint.model
    optimizer = checkpoint.optimizer
    state = checkpoint.state
    stepsPerEpoch = try work.plan(epoch: 0).count
    totalSteps = min(training.epochs * stepsPerEpoch, training.maximumSteps ?? .max)
    schedule = LearningRateSchedule(training, steps: totalSteps)
    log = try MetricsLog(folder, step: isNew ? nil : state.step)
    clock = RunClock(elapsed: log.elapsed)
    heartbeat = RunHeartbeat(
      totalSteps: totalSteps, stepsPerEpoch: stepsPerEpoch, parameters: model.parameterCount)
  }

  /// All steps of the run.
  public let totalSteps: Int

  /// Seconds of training so far, evaluations and checkpoints included, over all parts of the run.
  public var elapsedSeconds: Double { clock.elapsed }

  /// Trains until the end, until the observer wants to stop, or until the time is up.
  ///
  /// The time counts from this call and includes evaluations; the step during which it runs out is
  /// finished. The course of the learning rate stays that of the whole run, so that a run that is
  /// stopped by time ends with the rate that it has then, and going on changes nothing.
  ///
  /// - Parameters:
  ///   - observer: who is told.
  ///   - limit: how long to train at most; `nil` is without limit.
  /// - Throws: `RunError` if the loss is no longer a number, and errors of writing; checkpoints
  ///   saved before stay.
  public func run(
    _ observer: some TrainingObserver, for limit: Duration? = nil
  ) throws -> TrainingOutcome {
    clock.start(limit: limit)
    beat(.running)
    do {
      let outcome = try train(observer)
      clock.stop()
      beat(outcome.canGoOn ? .stopped : .finished)
      return outcome
    } catch {
      clock.stop()
      beat(.stopped, reason: "\(error)")
      throw error
    }
  }

  /// Ends a run where it stands: evaluates the model once more, if that has not just been done, and saves.
  ///
  /// - Throws: `DataError` without data to evaluate on, and errors of writing.
  public func end(_ observer: some TrainingObserver) throws {
    guard !state.isFinished else { return }
    clock.start(limit: nil)
    state.isFinished = true
    if evaluatedStep != state.step { try evaluate(observer) }
    try save()
    clock.stop()
    beat(.finished)
  }

  private func train(_ observer: some TrainingObserver) throws -> TrainingOutcome {
    while !state.isFinished {
      let plan = try work.plan(epoch: state.epoch)
      while state.batch < plan.count {
        try step(plan, observer)
        let isEpochEnd = state.batch == plan.count
        if isEpochEnd {
          state.epoch += 1
          state.batch = 0
        }
        let isEvaluation =
          training.evaluateEverySteps.map { state.step % $0 == 0 }
          ?? (isEpochEnd && state.epoch % training.evaluateEveryEpochs == 0)
        if state.step == totalSteps { state.isFinished = true }
        if isEvaluation || state.isFinished {
          try evaluate(observer)
          try save()
        } else if state.step % training.checkpointEverySteps == 0 {
          try save()
        }
        let isOutOfTime = clock.isOutOfTime
        if (observer.wantsToStop || isOutOfTime) && !state.isFinished {
          try save()
          return observer.wantsToStop ? .interrupted : .outOfTime
        }
        if isEpochEnd || state.isFinished { break }
      }
    }
    return state.step < totalSteps ? .stoppedEarly : .completed
  }

  private func step(_ plan: Work.Plan, _ observer: some TrainingObserver) throws {
    let timer = ContinuousClock()
    let start = timer.now
    let tape = Tape(random: state.random)
    let batch = work.loss(of: model, batch: state.batch, of: plan, on: tape)
    let value = Double(batch.loss.value.scalar)
    let gradients = tape.gradients(of: batch.loss)
    let norm = gradients.norm
    guard value.isFinite, norm.isFinite else {
      throw RunError(
        place: "step \(state.step + 1) of epoch \(state.epoch)",
        expected: RunError.finiteLoss,
        got: "loss \(value), gradient norm \(norm). The checkpoints of \(folder.path) before it are"
          + " kept; a smaller training.learningRate or a training.clipNorm may help")
    }
    let scale = training.clipNorm.map { min(1, Double($0) / max(norm, 1e-12)) } ?? 1
    let factor = schedule.factor(step: state.step)
    optimizer.update(&model, with: gradients, factor: factor, gradientScale: Float(scale))
    model.apply(tape.updates)
    state.random = tape.random
    let epoch = state.epoch
    state.step += 1
    state.batch += 1
    state.window.add(batch, loss: value, gradientNorm: norm)
    let seconds = (timer.now - start) / .seconds(1)
    let rate = Double(batch.amount) / max(seconds, 1e-9)
    observer.didStep(
      TrainingProgress(
        step: state.step, totalSteps: totalSteps, loss: state.window.meanLoss,
        accuracy: state.window.accuracy, tokensPerSecond: rate))
    if state.step % training.logEverySteps == 0 || state.step == totalSteps {
      try log.train(state, epoch: epoch, rate: training.learningRate * factor)
      try log.timing(
        step: state.step, seconds: seconds, tokensPerSecond: rate, elapsed: clock.elapsed)
      state.window = MetricsWindow()
    }
    heartbeat.amountPerSecond = rate
    if heartbeat.isDue { beat(.running) }
  }

  private func evaluate(_ observer: some TrainingObserver) throws {
    let result = try work.validate(model)
    evaluatedStep = state.step
    let epoch = (state.step - 1) / max(1, stepsPerEpoch)
    try log.evaluation(state, epoch: epoch, split: "validation", result)
    try log.snapshots(work.snapshots(of: model), step: state.step)
    try log.timing(step: state.step, elapsed: clock.elapsed)
    observer.didEvaluate(result, split: "validation", step: state.step, epoch: epoch)
    // Without a score the newest is the best.
    if result.score.map({ $0 > state.bestScore ?? -.infinity }) ?? true {
      state.bestScore = result.score
      state.bestStep = state.step
      state.evaluationsSinceBest = 0
      try checkpoint.write(to: folder.best)
    } else {
      state.evaluationsSinceBest += 1
      if let patience = training.patience, state.evaluationsSinceBest >= patience {
        state.isFinished = true
      }
    }
  }

  /// Evaluates a model, usually the best one, on the test part and notes the result.
  ///
  /// - Throws: errors of writing.
  public func test(_ model: Work.Recipe.Model) throws -> Work.Result {
    let result = try work.test(model)
    let epoch = max(0, state.step - 1) / max(1, stepsPerEpoch)
    try log.evaluation(state, epoch: epoch, split: "test", result)
    return result
  }

  private var checkpoint: Checkpoint<Work.Recipe> {
    Checkpoint(recipe: work.recipe, model: model, optimizer: optimizer, state: state)
  }

  private func save() throws {
    try checkpoint.write(to: folder.checkpoint(step: state.step))
    folder.prune(keeping: training.keepCheckpoints)
    try log.timing(step: state.step, elapsed: clock.elapsed)
  }

  /// Tells in `status.json` where the run stands.
  private func beat(_ condition: RunHeartbeat.Condition, reason: String? = nil) {
    heartbeat.condition = condition
    heartbeat.reason = reason
    heartbeat.step = state.step
    heartbeat.elapsedSeconds = clock.elapsed
    heartbeat.secondsLeft = clock.secondsLeft
    heartbeat.write(to: folder)
  }
}
