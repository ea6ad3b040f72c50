import Differentiation
public import LongConvolution
import SequenceTensor

/// One run: trains a model, keeps its folder, and can go on where it was left.
public final class Trainer {
  /// The folder of the run.
  public let folder: RunFolder
  /// Everything that determines the run.
  public let configuration: RunConfiguration
  /// The data.
  public let data: DatasetSplits
  /// The model as it is now.
  public private(set) var model: ClassifierModel
  /// Where the run stands.
  public private(set) var state: TrainingState
  private var optimizer: AdamW
  private let schedule: LearningRateSchedule
  private let stepsPerEpoch: Int
  private let log: MetricsLog

  /// Starts a new run in a folder.
  ///
  /// - Throws: `RunError` if the folder holds a run already, `DataError` if there is no training
  ///   data, and errors of writing.
  public convenience init(
    newRun folder: RunFolder, configuration: RunConfiguration, data: DatasetSplits
  ) throws {
    try configuration.validate()
    let configuration = configuration.resolved(for: data)
    let seed = configuration.training.seed
    var weights = RandomSource(seed: seed, stream: 1)
    let model = configuration.makeModel(
      vocabulary: data.train.vocabulary.count, classes: data.train.classNames.count,
      using: &weights)
    let checkpoint = Checkpoint(
      configuration: configuration, vocabulary: data.train.vocabulary,
      classNames: data.train.classNames, model: model,
      optimizer: AdamW(configuration.training),
      state: TrainingState(
        random: RandomSource(seed: seed, stream: 2), dataFingerprint: data.fingerprint))
    try folder.create(configuration)
    try self.init(folder, checkpoint, data, isNew: true)
    try log.filters(of: model, step: 0, length: filterLength)
    try save()
  }

  /// Goes on with a run from its newest checkpoint.
  ///
  /// - Throws: `RunError` if the data is not the data that the run was started with.
  public convenience init(
    resuming folder: RunFolder, _ checkpoint: Checkpoint, data: DatasetSplits
  ) throws {
    guard data.fingerprint == checkpoint.state.dataFingerprint else {
      throw RunError(
        place: checkpoint.configuration.data.folder,
        expected: "the training data that \(folder.path) was started with",
        got: "other tokens or labels")
    }
    try self.init(folder, checkpoint, data, isNew: false)
  }

  private init(
    _ folder: RunFolder, _ checkpoint: Checkpoint, _ data: DatasetSplits, isNew: Bool
  ) throws {
    let training = checkpoint.configuration.training
    self.folder = folder
    self.data = data
    configuration = checkpoint.configuration
    model = checkpoint.model
    optimizer = checkpoint.optimizer
    state = checkpoint.state
    stepsPerEpoch = try Self.plan(data, training, epoch: 0).count
    schedule = LearningRateSchedule(
      training.schedule, warmupSteps: training.warmupSteps,
      totalSteps: training.epochs * stepsPerEpoch, finalFactor: training.finalRateFactor)
    log = try MetricsLog(folder, step: isNew ? nil : state.step)
  }

  private static func plan(
    _ data: DatasetSplits, _ training: TrainingConfiguration, epoch: Int
  ) throws(DataError) -> BatchPlan {
    try BatchPlan(
      for: data.train.examples, batchSize: training.batchSize,
      policy: training.batching == .bucketed
        ? .bucketed(window: training.bucketWindow) : .shuffled,
      padTo: training.padTo, seed: training.seed, epoch: epoch)
  }

  /// All steps of the run.
  public var totalSteps: Int { schedule.totalSteps }

  /// Taps shown in the report.
  private var filterLength: Int { min(256, configuration.data.maximumLength) }

  /// Trains until the end, or until the observer wants to stop.
  ///
  /// - Throws: `RunError` if the loss is no longer a number, and errors of writing; checkpoints
  ///   saved before stay.
  public func run(_ observer: some TrainingObserver) throws -> TrainingOutcome {
    let training = configuration.training
    while !state.isFinished {
      let plan = try Self.plan(data, training, epoch: state.epoch)
      while state.batch < plan.count {
        try step(plan.batch(state.batch, of: data.train.examples), observer)
        let isEpochEnd = state.batch == plan.count
        let isEvaluation =
          training.evaluateEverySteps.map { state.step % $0 == 0 } ?? isEpochEnd
        if isEpochEnd {
          state.epoch += 1
          state.batch = 0
        }
        if state.step == totalSteps { state.isFinished = true }
        if isEvaluation || state.isFinished {
          try evaluate(observer)
          try save()
        } else if state.step % training.checkpointEverySteps == 0 {
          try save()
        }
        if observer.wantsToStop && !state.isFinished {
          try save()
          return .interrupted
        }
        if isEpochEnd || state.isFinished { break }
      }
    }
    return state.step < totalSteps ? .stoppedEarly : .completed
  }

  private func step(_ batch: Batch, _ observer: some TrainingObserver) throws {
    let clock = ContinuousClock()
    let start = clock.now
    let training = configuration.training
    let tape = Tape(random: state.random)
    let logits = model(
      batch.tokens, mask: batch.mask, on: tape,
      recomputesBlocks: training.checkpointsActivations)
    let loss = logits.softmaxCrossEntropy(labels: batch.labels.map(Int32.init))
    let value = Double(loss.value.scalar)
    let gradients = tape.gradients(of: loss)
    let norm = gradients.norm
    guard value.isFinite, norm.isFinite else {
      throw RunError(
        place: "step \(state.step + 1) of epoch \(state.epoch)",
        expected: "a finite loss and gradient",
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
    state.window.loss += value
    state.window.gradientNorm += norm
    state.window.steps += 1
    state.window.sequences += batch.rows
    state.window.correct += zip(batch.labels, logits.value.argmaxRows()).count { $0 == $1 }
    let seconds = (clock.now - start) / .seconds(1)
    let tokensPerSecond = Double(batch.lengths.reduce(0, +)) / max(seconds, 1e-9)
    observer.didStep(
      TrainingProgress(
        step: state.step, totalSteps: totalSteps,
        loss: state.window.loss / Double(state.window.steps),
        accuracy: Double(state.window.correct) / Double(max(1, state.window.sequences)),
        tokensPerSecond: tokensPerSecond))
    if state.step % training.logEverySteps == 0 || state.step == totalSteps {
      try log.train(state, epoch: epoch, rate: training.learningRate * factor)
      try log.timing(
        step: state.step, seconds: seconds, tokensPerSecond: tokensPerSecond)
      state.window = MetricsWindow()
    }
  }

  private func evaluate(_ observer: some TrainingObserver) throws {
    let result = try model.evaluate(
      data.validation, batchSize: configuration.training.batchSize)
    let epoch = (state.step - 1) / max(1, stepsPerEpoch)
    try log.evaluation(state, epoch: epoch, split: "validation", result)
    try log.filters(of: model, step: state.step, length: filterLength)
    observer.didEvaluate(result, split: "validation", step: state.step, epoch: epoch)
    if result.accuracy > state.bestAccuracy ?? -1 {
      state.bestAccuracy = result.accuracy
      state.bestStep = state.step
      state.evaluationsSinceBest = 0
      try checkpoint.write(to: folder.best)
    } else {
      state.evaluationsSinceBest += 1
      if let patience = configuration.training.patience,
        state.evaluationsSinceBest >= patience
      {
        state.isFinished = true
      }
    }
  }

  /// Evaluates a model, usually the best one, on the test part and notes the result.
  ///
  /// - Throws: errors of writing.
  public func test(_ model: ClassifierModel) throws -> Evaluation {
    let result = try model.evaluate(data.test, batchSize: configuration.training.batchSize)
    let epoch = max(0, state.step - 1) / max(1, stepsPerEpoch)
    try log.evaluation(state, epoch: epoch, split: "test", result)
    return result
  }

  private var checkpoint: Checkpoint {
    Checkpoint(
      configuration: configuration, vocabulary: data.train.vocabulary,
      classNames: data.train.classNames, model: model, optimizer: optimizer, state: state)
  }

  private func save() throws {
    try checkpoint.write(to: folder.checkpoint(step: state.step))
    folder.prune(keeping: configuration.training.keepCheckpoints)
  }
}
