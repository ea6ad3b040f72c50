import Differentiation
public import LongConvolution
import SequenceTensor

/// An evaluation with a loss.
public protocol LossEvaluation: EvaluationResult {
  /// The mean loss of an answer.
  var loss: Double { get }
}

extension Evaluation: LossEvaluation {}
extension SequenceEvaluation: LossEvaluation {}

/// A workload whose model can be compared with itself after distillation.
public protocol DistillableWorkload: Workload where Recipe: RunRecipe, Result: LossEvaluation {
  /// The length of the longest training sequence.
  var longestSequence: Int { get }

  /// How far the answers of two models on the validation part lie apart.
  ///
  /// - Parameter limit: how many sequences are compared at most.
  /// - Throws: `DataError` if there are none.
  func difference(
    between first: Recipe.Model, and second: Recipe.Model, limit: Int
  ) throws -> DistillationRecord.Answers
}

/// Sums over the differences of answers.
private struct DifferenceSums {
  var (largest, squares) = (0.0, 0.0)
  var (values, sequences) = (0, 0)

  /// Adds a batch; of answers at each position those within the sequences' lengths.
  mutating func add(_ first: Tensor, _ second: Tensor, lengths: [Int]) {
    sequences += lengths.count
    let rows = first.count / max(1, lengths.count)
    let isLong = first.shape.rank == 3
    for (sequence, length) in lengths.enumerated() {
      let count = isLong ? min(rows, length * first.shape.last) : rows
      for index in sequence * rows..<sequence * rows + count {
        let difference = Double(first.pointer[index]) - Double(second.pointer[index])
        largest = max(largest, abs(difference))
        squares += difference * difference
      }
      values += count
    }
  }

  var answers: DistillationRecord.Answers {
    DistillationRecord.Answers(
      largest: largest, rootMeanSquare: (squares / Double(max(1, values))).squareRoot(),
      sequences: sequences)
  }
}

extension SequenceWorkload: DistillableWorkload {
  /// The length of the longest training sequence.
  public var longestSequence: Int { data.train.lengths.max() ?? 1 }

  /// The difference over the first sequences of the validation part.
  public func difference(
    between first: AnySequenceNetwork, and second: AnySequenceNetwork, limit: Int
  ) throws -> DistillationRecord.Answers {
    try first.difference(
      to: second, on: data.validation, batchSize: recipe.training.batchSize, limit: limit)
  }
}

extension AnySequenceNetwork {
  /// How far the answers of another model lie from those of this one.
  ///
  /// - Parameters:
  ///   - other: of the same problem.
  ///   - examples: what both answer.
  ///   - batchSize: how many are computed at once.
  ///   - limit: how many are compared at most.
  /// - Throws: `DataError` if there are none.
  public func difference(
    to other: AnySequenceNetwork, on examples: any SequenceExamples, batchSize: Int, limit: Int
  ) throws -> DistillationRecord.Answers {
    let plan = try BatchPlan(
      forLengths: Array(examples.lengths.prefix(limit)), batchSize: batchSize, policy: .sequential)
    var sums = DifferenceSums()
    for indices in plan.batches {
      let batch = examples.batch(indices, padTo: nil)
      sums.add(
        answers(batch, on: nil).value, other.answers(batch, on: nil).value,
        lengths: batch.lengths)
    }
    return sums.answers
  }
}

extension ClassifierWorkload: DistillableWorkload {
  /// The length of the longest training sequence.
  public var longestSequence: Int { data.train.lengthStatistics?.maximum ?? 1 }

  /// The difference over the first sequences of the validation part.
  public func difference(
    between first: ClassifierModel, and second: ClassifierModel, limit: Int
  ) throws -> DistillationRecord.Answers {
    let examples = Array(data.validation.examples.prefix(limit))
    let plan = try BatchPlan(
      for: examples, batchSize: recipe.training.batchSize, policy: .sequential)
    var sums = DifferenceSums()
    for step in 0..<plan.count {
      let batch = plan.batch(step, of: examples)
      sums.add(
        first(batch.tokens, mask: batch.mask, on: nil).value,
        second(batch.tokens, mask: batch.mask, on: nil).value, lengths: batch.lengths)
    }
    return sums.answers
  }
}
