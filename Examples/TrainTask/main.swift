// Trains a small Hyena model on associative recall: pairs of keys and values, then a key whose
// value is asked for. The run's folder is like that of `longwave train`, and deleted at the end.
//
// Expected output, in a few seconds (figures may differ a little on other processors):
//
//   80 steps, validation accuracy 13.2 % after the first epoch
import Foundation
import Longwave

/// Keeps what the run tells.
final class Listener: TrainingObserver {
  var accuracies: [Double] = []
  var wantsToStop: Bool { false }

  func didStep(_ progress: TrainingProgress) {}
  func note(_ message: String) {}
  func didEvaluate(_ result: any EvaluationResult, split: String, step: Int, epoch: Int) {
    if let accuracy = (result as? SequenceEvaluation)?.accuracy { accuracies.append(accuracy) }
  }
}

let folder = FileManager.default.temporaryDirectory.path + "/longwave-\(UUID().uuidString)"
defer { try? FileManager.default.removeItem(atPath: folder) }

var run = try RunConfiguration(task: .associativeRecall, modelName: "hyena")
run.source?[AssociativeRecall.self].trainingExamples = 1280
run.training.epochs = 2
run.training.warmupSteps = 10
run.model.layers = 2
run.model.channels = 32
let trainer = try SequenceTrainer(
  newRun: RunFolder(folder), SequenceWorkload(run, run.loadParts()))

let listener = Listener()
_ = try trainer.run(listener)
guard let first = listener.accuracies.first else { fatalError("the model was not evaluated") }
let percent = (first * 1000).rounded() / 10
print("\(trainer.totalSteps) steps, validation accuracy \(percent) % after the first epoch")
