import Differentiation
import Layers
import LongConvolution
import SequenceTensor
import Testing
import Training

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A generated ListOps set so small that a whole run takes a fraction of a second.
struct TinyRun {
  let folder: String
  var configuration: RunConfiguration
  let data: DatasetSplits

  /// 12 steps in 2 epochs, with dropout, running statistics and every kind of record in them.
  init(folder: String) throws {
    self.folder = folder
    var options = ListOpsGenerationOptions()
    (options.trainCount, options.validationCount, options.testCount) = (24, 10, 10)
    (options.minimumLength, options.maximumLength, options.maximumArguments) = (4, 40, 4)
    options.seed = 5
    try ListOpsGenerator.write(options, toFolder: "\(folder)/data", replacesExisting: true)
    configuration = try RunConfiguration(task: .listops)
    configuration.data.folder = "\(folder)/data"
    configuration.data.maximumLength = 32
    configuration.model.channels = 6
    configuration.model.layers = 2
    configuration.model.normalization = .batch
    configuration.mixing.dropout = 0.1
    configuration.filter[SGConvOptions.self].kernelSize = 4
    configuration.filter[SGConvOptions.self].maximumLength = 32
    configuration.training.epochs = 2
    configuration.training.batchSize = 4
    configuration.training.bucketWindow = 2
    configuration.training.warmupSteps = 3
    configuration.training.clipNorm = 1
    configuration.training.logEverySteps = 2
    configuration.training.checkpointEverySteps = 2
    configuration.training.evaluateEverySteps = 5
    data = try configuration.loadData()
  }

  /// Trains a new run in a folder of this name until the end, or until a step.
  @discardableResult
  func train(
    _ name: String, stopAfter step: Int? = nil
  ) throws -> (trainer: ClassifierTrainer, outcome: TrainingOutcome) {
    let trainer = try Trainer(newRun: run(name), configuration: configuration, data: data)
    return (trainer, try trainer.run(Watcher(stopAfter: step)))
  }

  /// Goes on with a run.
  @discardableResult
  func resume(
    _ name: String, stopAfter step: Int? = nil
  ) throws -> (trainer: ClassifierTrainer, outcome: TrainingOutcome) {
    let checkpoint = try run(name).latestCheckpoint(of: ClassifierRecipe.self).checkpoint
    let trainer = try Trainer(resuming: run(name), checkpoint, data: data)
    return (trainer, try trainer.run(Watcher(stopAfter: step)))
  }

  func run(_ name: String) -> RunFolder { RunFolder("\(folder)/\(name)") }
}

/// An observer that remembers, may stop the run, and may look at its folder meanwhile.
final class Watcher: TrainingObserver {
  var steps: [Int] = []
  var evaluations: [(step: Int, result: Evaluation)] = []
  private let last: Int?
  private let onStep: (Int) -> Void

  init(stopAfter last: Int? = nil, onStep: @escaping (Int) -> Void = { _ in }) {
    self.last = last
    self.onStep = onStep
  }

  func didStep(_ progress: TrainingProgress) {
    steps.append(progress.step)
    onStep(progress.step)
  }

  func didEvaluate(_ result: any EvaluationResult, split: String, step: Int, epoch: Int) {
    if let result = result as? Evaluation { evaluations.append((step, result)) }
  }

  func note(_ message: String) {}

  var wantsToStop: Bool { last.map { (steps.last ?? 0) >= $0 } ?? false }
}

func bytes(of path: String) throws -> [UInt8] {
  try #require(
    FileManager.default.contents(atPath: path).map(Array.init), "\(path) cannot be read")
}

/// Expects that two runs stand at the same point: records, last and best checkpoint, bit for bit.
func expectSameEnd(
  _ found: RunFolder, _ expected: RunFolder, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  // An interruption leaves a checkpoint of its own, so earlier ones may differ.
  let last = try #require(found.stepCheckpoints().last)
  let pairs = [
    (found.metrics, expected.metrics), (found.filters, expected.filters),
    (found.best, expected.best), (last, try #require(expected.stepCheckpoints().last)),
  ]
  for (a, b) in pairs {
    let isSame = try fileName(a) == fileName(b) && bytes(of: a) == bytes(of: b)
    #expect(
      isSame, "\(fileName(a)) \(comment.map { "\($0)" } ?? "")",
      sourceLocation: sourceLocation)
  }
}

func fileName(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

/// The bits of every parameter, in order.
func bits(of model: ClassifierModel) -> [[UInt32]] {
  model.parameters.map { $0.parameter.value.elements.map(\.bitPattern) }
}
