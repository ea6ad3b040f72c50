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
      inputs: data.training.inputChannels, outputs: data.training.targetChannels,
      grid: data.training.grid)
    configuration.model = configuration.model.resolved(for: fields)
    try configuration.validate()
    let training = configuration.training
    try ConfigurationCheck.that(
      training.augmentation.fits(fields.grid), "training.augmentation",
      "symmetries that grids of \(fields.grid) have", training.augmentation.rawValue)
    func fitted(_ name: FieldNormalizerName, to values: Tensor) -> AnyFieldNormalizer {
      var statistics = FieldStatistics(scope: name.scope)
      statistics.add(values)
      return AnyFieldNormalizer(name, statistics)
    }
    self.init(
      OperatorRecipe(
        configuration: configuration, fields: fields,
        input: fitted(training.inputNormalizer, to: data.training.inputs),
        output: fitted(training.targetNormalizer, to: data.training.targets)), data)
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
      training.augmentation.sources(grid: recipe.fields.grid, using: &tape.random)
    }
    var inputs = model.input.normalized(data.training.inputs.gathered(rows, points: sources))
    if training.inputNoise > 0 {
      let noise = Tensor(normal: inputs.shape, using: &tape.random)
      inputs.add(noise, times: training.inputNoise)
    }
    let targets = data.training.targets.gathered(rows, points: sources)
    let output = model.inner(Variable(inputs, on: tape), outputGrid: nil)
    let loss = training.loss.loss(isPeriodic: training.isPeriodic)
    let value =
      training.comparesNormalized
      ? loss(output, Variable(model.output.normalized(targets)))
      : loss(model.output.denormalized(output), Variable(targets))
    return BatchLoss(loss: value, examples: rows.count, amount: rows.count)
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

  private func entry(of model: NormalizedOperator) -> (FieldDataset) -> OperatorEvaluation.Entry {
    { pairs in
      OperatorEvaluation.Entry(
        name: pairs.resolution,
        relativeL2: model.relativeErrors(on: pairs, batchSize: recipe.training.batchSize).mean,
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

  /// ‖prediction - target‖₂ / ‖target‖₂ of each sample, all channels together.
  public func relativeErrors(on pairs: FieldDataset, batchSize: Int) -> [Double] {
    RelativeL2.perSample(
      predictions(for: pairs.inputs, batchSize: batchSize), pairs.targets)
  }
}

extension [Double] {
  var mean: Double { reduce(0, +) / Double(Swift.max(1, count)) }
}
