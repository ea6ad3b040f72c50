public import Differentiation
import Layers
import LongConvolution
import SequenceTensor

/// A trainer of models of any task but ListOps and the classification of texts.
public typealias SequenceTrainer = Trainer<SequenceWorkload>

/// Learning any task whose data comes in `SequenceParts`.
public struct SequenceWorkload: Workload {
  /// Configuration, problem, vocabulary and classes.
  public let recipe: SequenceRecipe
  /// The data.
  public let data: SequenceParts
  /// A number that changes when anything of the training part does.
  public let fingerprint: UInt64
  private let lengths: [Int]

  /// Creates the workload of a new run, its configuration resolved for the data.
  ///
  /// - Throws: `ConfigurationError`.
  public init(
    _ configuration: RunConfiguration, _ data: SequenceParts
  ) throws(ConfigurationError) {
    try configuration.validate()
    let longest = data.train.lengths.max() ?? 1
    self.init(
      SequenceRecipe(
        configuration: configuration.resolved(longest: longest), problem: data.problem,
        vocabulary: data.vocabulary, classNames: data.classNames), data)
  }

  /// Creates the workload of a run that goes on.
  public init(_ recipe: SequenceRecipe, _ data: SequenceParts) {
    self.recipe = recipe
    self.data = data
    fingerprint = data.train.fingerprint
    lengths = data.train.lengths
  }

  /// The batches of an epoch.
  ///
  /// - Throws: `DataError` if there is no training data.
  public func plan(epoch: Int) throws -> BatchPlan {
    let training = recipe.training
    return try BatchPlan(
      forLengths: lengths, batchSize: training.batchSize,
      policy: training.batching == .bucketed
        ? .bucketed(window: training.bucketWindow) : .shuffled,
      padTo: training.padTo, seed: training.seed, epoch: epoch)
  }

  /// The mean loss of an answer of a batch.
  public func loss(
    of model: AnySequenceNetwork, batch index: Int, of plan: BatchPlan, on tape: Tape
  ) -> BatchLoss {
    let batch = data.train.batch(plan.batches[index], padTo: plan.padTo)
    let answers = model.answers(
      batch, on: tape, recomputesBlocks: recipe.training.checkpointsActivations)
    return BatchLoss(
      loss: batch.loss(of: answers), examples: batch.answers,
      correct: batch.correct(answers.value), amount: batch.lengths.reduce(0, +))
  }

  /// How the model does on the validation part.
  public func validate(_ model: AnySequenceNetwork) throws -> SequenceEvaluation {
    try evaluate(model, on: data.validation)
  }

  /// How the model does on the test part.
  public func test(_ model: AnySequenceNetwork) throws -> SequenceEvaluation {
    try evaluate(model, on: data.test)
  }

  /// How the model does on some examples.
  func evaluate(
    _ model: AnySequenceNetwork, on examples: any SequenceExamples
  ) throws -> SequenceEvaluation {
    try model.evaluate(
      examples, batchSize: recipe.training.batchSize, classes: recipe.classNames.count,
      isScoredByAccuracy: recipe.isScoredByAccuracy)
  }

  /// A few taps of the filters of each layer as they are now.
  public func snapshots(of model: AnySequenceNetwork) -> [String] {
    model.mixers.filterSnapshots(length: min(256, lengths.max() ?? 1))
  }
}

extension [any SequenceMixer] {
  /// Lines of JSON with some taps of the filters of each layer that has filters.
  func filterSnapshots(length: Int) -> [String] {
    var lines: [String] = []
    for (index, mixer) in enumerated() {
      let inner = (mixer as? AnySequenceMixer)?.mixer ?? mixer
      guard let mixer = inner as? any FilteringMixer else { continue }
      let taps = mixer.filterTaps(length: length)
      let firstLag = mixer.firstLag(length: length)
      for channel in Set([0, taps.shape[1] / 2]).sorted() {
        let values = (0..<taps.shape[0]).map { "\(taps[$0, channel])" }
        lines.append(
          "\"layer\":\"blocks.\(index)\",\"channel\":\(channel)"
            + ",\"first_lag\":\(firstLag),\"taps\":[\(values.joined(separator: ","))]")
      }
    }
    return lines
  }
}
