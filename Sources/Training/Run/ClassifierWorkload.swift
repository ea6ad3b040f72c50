public import Differentiation
import Layers
public import LongConvolution
import SequenceTensor

/// A trainer of classifiers of sequences.
public typealias ClassifierTrainer = Trainer<ClassifierWorkload>

/// The classification of sequences.
public struct ClassifierWorkload: Workload {
  /// Configuration, vocabulary and classes.
  public let recipe: ClassifierRecipe
  /// The data.
  public let data: DatasetSplits
  /// A number that changes when any token or label of the training part does.
  public let fingerprint: UInt64

  /// Creates the workload of a new run, its configuration resolved for the data.
  ///
  /// - Throws: `ConfigurationError`.
  public init(_ configuration: RunConfiguration, _ data: DatasetSplits) throws(ConfigurationError) {
    try configuration.validate()
    self.init(
      ClassifierRecipe(
        configuration: configuration.resolved(for: data), vocabulary: data.train.vocabulary,
        classNames: data.train.classNames), data)
  }

  /// Creates the workload of a run that goes on.
  public init(_ recipe: ClassifierRecipe, _ data: DatasetSplits) {
    self.recipe = recipe
    self.data = data
    fingerprint = data.fingerprint
  }

  /// The batches of an epoch.
  ///
  /// - Throws: `DataError` if there is no training data.
  public func plan(epoch: Int) throws -> BatchPlan {
    let training = recipe.training
    return try BatchPlan(
      for: data.train.examples, batchSize: training.batchSize,
      policy: training.batching == .bucketed
        ? .bucketed(window: training.bucketWindow) : .shuffled,
      padTo: training.padTo, seed: training.seed, epoch: epoch)
  }

  /// The mean cross-entropy of a batch.
  public func loss(
    of model: ClassifierModel, batch index: Int, of plan: BatchPlan, on tape: Tape
  ) -> BatchLoss {
    let batch = batch(index, of: plan, using: &tape.random)
    let logits = model(
      batch.tokens, mask: batch.mask, on: tape,
      recomputesBlocks: recipe.training.checkpointsActivations)
    let loss = logits.softmaxCrossEntropy(labels: batch.labels.map(Int32.init))
    let correct = zip(batch.labels, logits.value.argmaxRows()).count { $0 == $1 }
    return BatchLoss(
      loss: loss, examples: batch.rows, correct: correct, amount: batch.lengths.reduce(0, +))
  }

  private func batch(
    _ index: Int, of plan: BatchPlan, using random: inout RandomSource
  ) -> Batch {
    guard recipe.configuration.data.shufflesArguments else {
      return plan.batch(index, of: data.train.examples)
    }
    let arguments = ListOpsArguments(recipe.vocabulary)
    let examples = plan.batches[index].map { position in
      var example = data.train.examples[position]
      example.tokens = arguments.shuffled(example.tokens, using: &random)
      return example
    }
    return Batch(gathering: Array(examples.indices), from: examples, padTo: plan.padTo)
  }

  /// How the model does on the validation part.
  public func validate(_ model: ClassifierModel) throws -> Evaluation {
    try model.evaluate(data.validation, batchSize: recipe.training.batchSize)
  }

  /// How the model does on the test part.
  public func test(_ model: ClassifierModel) throws -> Evaluation {
    try model.evaluate(data.test, batchSize: recipe.training.batchSize)
  }

  /// A few taps of the filters of each layer as they are now.
  public func snapshots(of model: ClassifierModel) -> [String] {
    model.mixers.filterSnapshots(length: min(256, recipe.configuration.data.maximumLength))
  }
}

extension Trainer where Work == ClassifierWorkload {
  /// Starts a new run in a folder.
  ///
  /// - Throws: `ConfigurationError`, `RunError` if the folder holds a run already, `DataError` if
  ///   there is no training data, and errors of writing.
  public convenience init(
    newRun folder: RunFolder, configuration: RunConfiguration, data: DatasetSplits
  ) throws {
    try self.init(newRun: folder, ClassifierWorkload(configuration, data))
  }

  /// Goes on with a run from its newest checkpoint.
  ///
  /// - Throws: `RunError` if the data is not the data that the run was started with.
  public convenience init(
    resuming folder: RunFolder, _ checkpoint: ClassifierCheckpoint, data: DatasetSplits
  ) throws {
    try self.init(
      resuming: folder, checkpoint, ClassifierWorkload(checkpoint.recipe, data))
  }

  /// Everything that determines the run.
  public var configuration: RunConfiguration { work.recipe.configuration }

  /// The data.
  public var data: DatasetSplits { work.data }
}
