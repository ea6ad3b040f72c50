import LongConvolution
import SequenceTensor
import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How a distilled model is trained on by `longwave train --resume`.
public struct FineTuningSettings: Sendable, Hashable, Codable {
  /// Passes over the training data.
  public var epochs = 1
  /// What the learning rate of the run is multiplied by.
  public var learningRateFactor: Float = 0.1

  /// One epoch at a tenth of the rate.
  public init() {}
}

/// A model whose long filters have become recurrences, as a run that has not begun.
public struct DistilledRun<Work: DistillableWorkload>: Sendable {
  /// The model, at step 0.
  public var checkpoint: Checkpoint<Work.Recipe>
  /// How well it was distilled.
  public var record: DistillationRecord
  /// The evaluation on the validation part.
  public let validation: Work.Result

  /// Distils the model of a checkpoint and measures the difference on the validation part.
  ///
  /// - Parameters:
  ///   - original: the checkpoint.
  ///   - work: its data.
  ///   - source: its name.
  ///   - length: the taps of sequences of this length are distilled; by default those of the longest
  ///     training sequence.
  ///   - settings: what the recurrences should be.
  ///   - tuning: how the run will go on.
  ///   - observe: told of every filter that is done.
  /// - Throws: as `ModelDistillation.distilled`.
  public init(
    of original: Checkpoint<Work.Recipe>, _ work: Work, source: String, length: Int? = nil,
    settings: DistillationSettings, tuning: FineTuningSettings = FineTuningSettings(),
    observe: (DistilledLayer) -> Void = { _ in }
  ) throws {
    let length = length ?? work.longestSequence
    let (model, filters, layers) = try ModelDistillation.distilled(
      original.model, length: length, settings: settings, place: source, observe: observe)
    let before = try work.validate(original.model)
    validation = try work.validate(model)
    record = try DistillationRecord(
      source: source, length: length, settings: settings, layers: layers,
      originalLoss: before.loss, loss: validation.loss,
      answers: try work.difference(between: original.model, and: model, limit: 64))
    var recipe = original.recipe
    recipe.distilledFilters = filters
    recipe.configuration.training.epochs = tuning.epochs
    recipe.configuration.training.learningRate *= tuning.learningRateFactor
    var state = TrainingState(
      random: RandomSource(seed: recipe.training.seed, stream: 2),
      dataFingerprint: work.fingerprint)
    // What training does not better is not forgotten.
    (state.bestScore, state.bestStep) = (validation.score, 0)
    checkpoint = Checkpoint(
      recipe: recipe, model: model, optimizer: AdamW(recipe.training), state: state)
  }

  /// Writes the folder of the run, apart from its report.
  ///
  /// - Throws: `RunError` if the folder holds a run already, and errors of writing.
  public func write(to folder: RunFolder) throws {
    try folder.create(configuration: checkpoint.recipe.configurationText)
    let log = try MetricsLog(folder, step: nil)
    try log.evaluation(checkpoint.state, epoch: 0, split: "validation", validation)
    try writeRecord(to: folder)
    try checkpoint.write(to: folder.best)
    try checkpoint.write(to: folder.checkpoint(step: 0))
  }

  private func writeRecord(to folder: RunFolder) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(
      [UInt8](encoder.encode(record)) + [UInt8(ascii: "\n")], to: folder.distillation)
  }
}

extension RunFolder {
  /// What was distilled and how well, in a run of a distilled model.
  public var distillation: String { "\(path)/distillation.json" }

  /// What was distilled and how well; `nil` if the run's model was not distilled.
  ///
  /// - Throws: `RunError` for a file that is no such record.
  public func distillationRecord() throws -> DistillationRecord? {
    guard let data = FileManager.default.contents(atPath: distillation) else { return nil }
    do {
      return try JSONDecoder().decode(DistillationRecord.self, from: data)
    } catch {
      throw RunError(
        place: distillation, expected: "the record of a distillation", got: "\(error)")
    }
  }
}
