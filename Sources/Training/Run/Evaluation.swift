import Differentiation
public import LongConvolution
import SequenceTensor

/// How a model does on a data set.
public struct Evaluation: EvaluationResult, Equatable {
  /// The mean cross-entropy in nats.
  public var loss: Double
  /// The fraction of right answers.
  public var accuracy: Double
  /// How often each true class (row) was taken for each class (column).
  public var confusion: [[Int]]

  /// The accuracy.
  public var score: Double? { accuracy }

  /// Loss and accuracy.
  public var summary: String {
    "loss \(NumberFormat.fixed(loss, places: 4)), accuracy \(NumberFormat.percent(accuracy))"
  }

  /// Loss and accuracy; the confusion only at the end.
  public func record(isFinal: Bool) -> String {
    let rows = confusion.map { "[\($0.map(String.init).joined(separator: ","))]" }
    return "\"loss\":\(loss),\"accuracy\":\(accuracy)"
      + (isFinal ? ",\"confusion\":[\(rows.joined(separator: ","))]" : "")
  }
}

/// A class with the probabilities of all.
public struct Prediction: Sendable, Equatable {
  /// The most probable class.
  public var label: Int
  /// The probability of each class.
  public var probabilities: [Double]
}

extension ClassifierModel {
  /// Evaluates the model on every example of a data set, without recording.
  ///
  /// - Throws: `DataError` for an empty data set.
  public func evaluate(
    _ dataset: SequenceDataset, batchSize: Int
  ) throws(DataError) -> Evaluation {
    let plan = try BatchPlan(for: dataset.examples, batchSize: batchSize, policy: .sequential)
    let classes = dataset.classNames.count
    var confusion = Array(repeating: Array(repeating: 0, count: classes), count: classes)
    var loss = 0.0
    var correct = 0
    for step in 0..<plan.count {
      let batch = plan.batch(step, of: dataset.examples)
      let logits = self(batch.tokens, mask: batch.mask, on: nil)
      let mean = logits.softmaxCrossEntropy(labels: batch.labels.map(Int32.init)).value.scalar
      loss += Double(mean) * Double(batch.rows)
      for (label, found) in zip(batch.labels, logits.value.argmaxRows()) {
        confusion[label][found] += 1
        if label == found { correct += 1 }
      }
    }
    let count = Double(dataset.examples.count)
    return Evaluation(
      loss: loss / count, accuracy: Double(correct) / count, confusion: confusion)
  }

  /// The probabilities of the classes of one sequence.
  public func predict(_ tokens: [Int32]) -> Prediction {
    let mask = SequenceMask(lengths: [tokens.count], length: tokens.count)
    let logits = self(tokens, mask: mask, on: nil).value
    let largest = Double(logits.maximum())
    let weights = logits.elements.map { exponential(Double($0) - largest) }
    let total = weights.reduce(0, +)
    return Prediction(
      label: logits.argmaxRows()[0], probabilities: weights.map { $0 / total })
  }
}

extension Batch {
  /// The lengths as a mask.
  var mask: SequenceMask { SequenceMask(lengths: lengths, length: length) }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private func exponential(_ x: Double) -> Double { exp(x) }
