public import Differentiation
public import NeuralOperators
public import SequenceTensor

/// A trainer of neural operators.
public typealias OperatorTrainer = Trainer<OperatorWorkload>

/// Learning a map between fields from samples.
public struct OperatorWorkload: Workload {
  /// Configuration, shapes and normalisers.
  public let recipe: OperatorRecipe
  /// The data.
  public let data: FieldSplit
  /// A number that changes when any value of the training data does.
  public let fingerprint: UInt64

  /// Creates the workload of a new run: resolves the configuration and fits the normalisers.
  ///
  /// - Throws: `ConfigurationError` if configuration and data do not go together.
  public init(
    _ configuration: OperatorRunConfiguration, _ data: FieldSplit
  ) throws(ConfigurationError) {
    var configuration = configuration
    let fields = FieldShapes(
      inputs: data.training.inputChannels, outputs: data.training.frameChannels,
      grid: data.training.grid)
    configuration.model = configuration.model.resolved(for: fields)
    try configuration.validate()
    let training = configuration.training
    try ConfigurationCheck.that(
      training.augmentation.fits(fields.grid), "training.augmentation",
      "symmetries that grids of \(fields.grid) have", training.augmentation.rawValue)
    try ConfigurationCheck.that(
      fields.inputs % fields.outputs == 0
        || !training.predictsDifference && data.training.targetSteps == 1,
      "training.predictsDifference", "inputs of frames like those that are predicted",
      "\(fields.inputs) channels for \(fields.outputs)")
    try ConfigurationCheck.that(
      training.pushForwardSteps < data.training.targetSteps, "training.pushForwardSteps",
      "less than the \(data.training.targetSteps) frames of a target", training.pushForwardSteps)
    guard data.training.frameTimes == nil || data.training.frameInterval != nil else {
      let times = data.training.frameTimes?.prefix(4).map { "\($0)" } ?? []
      throw ConfigurationError(
        place: data.training.name, expected: "frames at equal intervals of time",
        got: "\(times.joined(separator: ", ")), …")
    }
    func fitted(_ name: FieldNormalizerName, to values: Tensor) -> AnyFieldNormalizer {
      var statistics = FieldStatistics(scope: name.scope)
      statistics.add(values)
      return AnyFieldNormalizer(name, statistics)
    }
    self.init(
      OperatorRecipe(
        configuration: configuration, fields: fields,
        input: fitted(training.inputNormalizer, to: data.training.inputs),
        output: fitted(
          training.targetNormalizer,
          to: Self.outputs(of: data.training, areChanges: training.predictsDifference)),
        frameInterval: data.training.frameInterval, origin: data.training.origin), data)
  }

  /// The first frames of the targets, or their changes since the last frames of the inputs.
  private static func outputs(of data: FieldDataset, areChanges: Bool) -> Tensor {
    let (channels, width) = (data.frameChannels, data.inputChannels)
    let frames =
      data.targetSteps == 1 ? data.targets : data.targets.sliced(axis: -1, 0..<channels)
    return areChanges ? frames - data.inputs.sliced(axis: -1, width - channels..<width) : frames
  }

  /// Creates the workload of a run that goes on.
  public init(_ recipe: OperatorRecipe, _ data: FieldSplit) {
    self.recipe = recipe
    self.data = data
    fingerprint = data.training.fingerprint
  }

  /// The samples of each batch of an epoch.
  public struct Plan: EpochPlan {
    let batches: [[Int]]
    /// How many batches there are.
    public var count: Int { batches.count }
    /// The training samples of a batch.
    public func rows(ofBatch index: Int) -> [Int] { batches[index] }
  }

  /// The batches of an epoch, in random order.
  public func plan(epoch: Int) -> Plan {
    let training = recipe.training
    var purpose = RandomSource(seed: training.seed, stream: 3)
    var random = RandomSource(seed: purpose.next(), stream: UInt64(epoch))
    var order = Array(0..<data.training.count)
    random.shuffle(&order)
    return Plan(
      batches: stride(from: 0, to: order.count, by: training.batchSize).map {
        Array(order[$0..<min($0 + training.batchSize, order.count)])
      })
  }

  /// The loss of a batch, its samples turned at random if that is wanted.
  public func loss(
    of model: NormalizedOperator, batch index: Int, of plan: Plan, on tape: Tape
  ) -> BatchLoss {
    let training = recipe.training
    let rows = plan.batches[index]
    let sources = rows.map { _ in
      training.augmentation.sources(
        grid: recipe.fields.grid, timeAxis: data.training.axes.firstIndex { $0.name == "t" },
        using: &tape.random)
    }
    var fields = data.training.inputs.gathered(rows, points: sources)
    if training.inputNoise > 0 {
      var normalized = model.input.normalized(fields)
      normalized.add(
        Tensor(normal: normalized.shape, using: &tape.random), times: training.inputNoise)
      fields = model.input.denormalized(normalized)
    }
    let targets = data.training.targets.gathered(rows, points: sources)
    let loss = training.loss.loss(isPeriodic: training.isPeriodic)
    let value: Variable
    if data.training.targetSteps > 1 {
      value = rolloutLoss(of: model, fields, targets, loss, on: tape)
    } else {
      let output = model.inner(
        Variable(model.input.normalized(fields), on: tape), outputGrid: nil)
      value =
        training.comparesNormalized
        ? loss(output, Variable(model.normalizedTarget(targets, of: fields)))
        : loss(model.finished(output, of: Variable(fields)), Variable(targets))
    }
    return BatchLoss(loss: value, examples: rows.count, amount: rows.count)
  }

  /// The mean of the losses of the frames that the model makes one after the other.
  private func rolloutLoss(
    of model: NormalizedOperator, _ fields: Tensor, _ targets: Tensor, _ loss: any FieldLoss,
    on tape: Tape
  ) -> Variable {
    let channels = data.training.frameChannels
    var rollout = recipe.rollout
    rollout.options.pushForwardSteps = recipe.training.pushForwardSteps
    let frames = rollout(
      model, history: Variable(fields, on: tape), steps: data.training.targetSteps)
    let losses = frames.indices.dropFirst(rollout.options.pushForwardSteps).map { step in
      let range = step * channels..<(step + 1) * channels
      return loss(frames[step], Variable(targets.sliced(axis: -1, range)))
    }
    return losses.dropFirst().reduce(losses[0]) { $0 + $1 } * (1 / Float(losses.count))
  }

  /// The errors on the validation samples, or, if there are none, on the test data, which then do
  /// not decide anything.
  public func validate(_ model: NormalizedOperator) throws -> OperatorEvaluation {
    let isDecisive = data.validation != nil
    return OperatorEvaluation(
      entries: (data.validation.map { [$0] } ?? data.tests).map(entry(of: model)),
      isDecisive: isDecisive)
  }

  /// The errors on the test data.
  public func test(_ model: NormalizedOperator) throws -> OperatorEvaluation {
    OperatorEvaluation(entries: data.tests.map(entry(of: model)), isDecisive: false)
  }

  /// The error on a data set.
  func entry(of model: NormalizedOperator) -> (FieldDataset) -> OperatorEvaluation.Entry {
    { pairs in
      OperatorEvaluation.Entry(
        name: pairs.resolution,
        relativeL2: recipe.relativeErrors(of: model, on: pairs).mean,
        samples: pairs.count)
    }
  }

  /// None: fields of the best model are drawn at the end.
  public func snapshots(of model: NormalizedOperator) -> [String] { [] }
}

extension NormalizedOperator {
  /// The predictions for `[samples, x, (y, (z,)) channels]`, without recording.
  ///
  /// - Parameters:
  ///   - inputs: the fields.
  ///   - outputGrid: the grid of the predictions; by default the operator's own.
  ///   - batchSize: how many are computed at once.
  public func predictions(
    for inputs: Tensor, outputGrid: Shape? = nil, batchSize: Int
  ) -> Tensor {
    let samples = inputs.shape[0]
    let parts = stride(from: 0, to: samples, by: batchSize).map { start in
      let rows = start..<min(start + batchSize, samples)
      return self(Variable(inputs.sliced(axis: 0, rows)), outputGrid: outputGrid).value
    }
    return Tensor.concatenated(parts, axis: 0)
  }
}

extension OperatorRecipe {
  /// How an operator of this recipe goes on from its own frames.
  public var rollout: Rollout {
    var options = RolloutOptions()
    options.historyFrames = max(1, fields.inputs / fields.outputs)
    return Rollout(options)
  }

  /// What a model predicts for the inputs of a data set: its targets' channels, the frames of a
  /// roll-out one after the other.
  ///
  /// - Parameters:
  ///   - model: a model of this recipe.
  ///   - pairs: the data set, which `check(_:)` has to accept.
  ///   - batchSize: how many samples are computed at once; by default as in training.
  public func predictions(
    of model: NormalizedOperator, on pairs: FieldDataset, batchSize: Int? = nil
  ) -> Tensor {
    predictions(
      of: model, for: pairs.inputs, steps: pairs.targetSteps, batchSize: batchSize)
  }

  /// What a model predicts: `steps` frames, one behind the other in the channels.
  public func predictions(
    of model: NormalizedOperator, for inputs: Tensor, steps: Int, batchSize: Int? = nil
  ) -> Tensor {
    let size = batchSize ?? training.batchSize
    guard steps > 1 else { return model.predictions(for: inputs, batchSize: size) }
    let parts = stride(from: 0, to: inputs.shape[0], by: size).map { start in
      let rows = start..<min(start + size, inputs.shape[0])
      let frames = rollout(
        model, history: Variable(inputs.sliced(axis: 0, rows)), steps: steps)
      return Tensor.concatenated(frames.map(\.value), axis: -1)
    }
    return Tensor.concatenated(parts, axis: 0)
  }

  /// ‖prediction - target‖₂ / ‖target‖₂ of each sample, all frames and channels together.
  public func relativeErrors(
    of model: NormalizedOperator, on pairs: FieldDataset, batchSize: Int? = nil
  ) -> [Double] {
    RelativeL2.perSample(
      predictions(of: model, on: pairs, batchSize: batchSize), pairs.targets)
  }
}

extension [Double] {
  var mean: Double { reduce(0, +) / Double(Swift.max(1, count)) }
}
