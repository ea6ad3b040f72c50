import Differentiation
import LongConvolution
import SequenceTensor

/// How a model does on a part of a task's data.
public struct SequenceEvaluation: EvaluationResult, Equatable {
  /// The mean cross-entropy of an answer in nats, or the mean squared error of a value.
  public var loss: Double
  /// The fraction of right answers; `nil` where answers are values.
  public var accuracy: Double?
  /// The mean absolute error; `nil` where answers are classes or tokens.
  public var absoluteError: Double?
  /// How often each true class (row) was taken for each class (column); empty unless whole sequences
  /// have classes.
  public var confusion: [[Int]]
  /// Bits for each byte or base, where answers are such.
  public var bits: Double?
  /// What the bits are for.
  public var unit: String?
  /// How many examples there were.
  public var examples: Int
  /// Whether more right answers, and not a lower loss, are better.
  public var isScoredByAccuracy: Bool

  /// The accuracy, or the negative loss.
  public var score: Double? { isScoredByAccuracy ? accuracy : -loss }

  /// The measures with their names, for people.
  public var measures: [(name: String, value: String)] {
    var measures: [(String, String)] = []
    if let accuracy {
      measures.append(("accuracy", NumberFormat.percent(accuracy, places: 2)))
    }
    measures.append(
      (absoluteError == nil ? "loss" : "squared error", NumberFormat.fixed(loss, places: 4)))
    if let absoluteError {
      measures.append(("absolute error", NumberFormat.fixed(absoluteError, places: 4)))
    }
    if let bits, let unit {
      measures.append(("bits a \(unit)", NumberFormat.fixed(bits, places: 4)))
    }
    return measures
  }

  /// The measures in a line.
  public var summary: String {
    measures.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
  }

  /// The measures; the confusion only at the end.
  public func record(isFinal: Bool) -> String {
    var text = "\"loss\":\(loss)"
    if let accuracy { text += ",\"accuracy\":\(accuracy)" }
    if let absoluteError { text += ",\"absolute_error\":\(absoluteError)" }
    if let bits, let unit { text += ",\"bits\":\(bits),\"unit\":\"\(unit)\"" }
    guard isFinal, !confusion.isEmpty else { return text }
    let rows = confusion.map { "[\($0.map(String.init).joined(separator: ","))]" }
    return text + ",\"confusion\":[\(rows.joined(separator: ","))]"
  }
}

extension SequenceBatch {
  /// The mean loss of an answer: cross-entropy in nats, or squared error.
  func loss(of answers: Variable) -> Variable {
    switch target {
    case .classes(let classes): answers.softmaxCrossEntropy(labels: classes)
    case .tokens(let tokens): answers.softmaxCrossEntropy(labels: tokens)
    case .values(let values): answers.meanSquaredError(values)
    }
  }

  /// How many answers are right; `nil` where answers are values.
  func correct(_ answers: Tensor) -> Int? {
    switch target {
    case .classes(let expected), .tokens(let expected):
      zip(expected, answers.argmaxRows()).count { $0 >= 0 && Int($0) == $1 }
    case .values: nil
    }
  }
}

extension AnySequenceNetwork {
  /// Evaluates the model on every example, without recording.
  ///
  /// - Parameters:
  ///   - examples: the examples.
  ///   - batchSize: how many are computed at once.
  ///   - classes: how many classes sequences have; 0 if they have none.
  ///   - isScoredByAccuracy: what the score is.
  /// - Throws: `DataError` if there are no examples.
  public func evaluate(
    _ examples: any SequenceExamples, batchSize: Int, classes: Int, isScoredByAccuracy: Bool
  ) throws(DataError) -> SequenceEvaluation {
    let plan = try BatchPlan(
      forLengths: examples.lengths, batchSize: batchSize, policy: .sequential)
    var (loss, distance) = (0.0, 0.0)
    var (answered, correct) = (0, 0)
    var isRight = false
    var confusion = Array(repeating: Array(repeating: 0, count: classes), count: classes)
    for indices in plan.batches {
      let batch = examples.batch(indices, padTo: nil)
      let answers = answers(batch, on: nil)
      let count = batch.answers
      loss += Double(batch.loss(of: answers).value.scalar) * Double(count)
      answered += count
      if let right = batch.correct(answers.value) {
        correct += right
        isRight = true
      }
      switch batch.target {
      case .classes(let expected) where classes > 0:
        for (label, found) in zip(expected, answers.value.argmaxRows()) {
          confusion[Int(label)][found] += 1
        }
      case .values(let values):
        let difference = answers.value - values
        distance += difference.elements.reduce(0) { $0 + Double(abs($1)) }
      default: break
      }
    }
    let total = Double(max(1, answered))
    let unit = examples.unit
    return SequenceEvaluation(
      loss: loss / total, accuracy: isRight ? Double(correct) / total : nil,
      absoluteError: isRight ? nil : distance / total, confusion: confusion,
      bits: unit.map { loss / total / 0.6931471805599453 / $0.perAnswer }, unit: unit?.name,
      examples: examples.count, isScoredByAccuracy: isScoredByAccuracy)
  }
}
