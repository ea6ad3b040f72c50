public import LongConvolution
public import NeuralOperators

extension ClassifierWorkload: MeasurableWorkload {
  /// How many sequences the validation part has.
  public var validationCount: Int { data.validation.examples.count }
  /// How many sequences the test part has.
  public var testCount: Int { data.test.examples.count }

  /// How the model does on some sequences of the validation part.
  public func validate(_ model: ClassifierModel, onAtMost count: Int) throws -> Evaluation {
    var part = data.validation
    part.examples = spread(part.examples.count, atMost: count).map { part.examples[$0] }
    return try model.evaluate(part, batchSize: recipe.training.batchSize)
  }
}

extension SequenceWorkload: MeasurableWorkload {
  /// How many examples the validation part has.
  public var validationCount: Int { data.validation.count }
  /// How many examples the test part has.
  public var testCount: Int { data.test.count }

  /// How the model does on some examples of the validation part.
  public func validate(
    _ model: AnySequenceNetwork, onAtMost count: Int
  ) throws -> SequenceEvaluation {
    let part = SelectedExamples(
      spread(data.validation.count, atMost: count), of: data.validation,
      name: data.validation.name)
    return try evaluate(model, on: part)
  }
}

extension OperatorWorkload: MeasurableWorkload {
  /// How many samples evaluations during the run have.
  public var validationCount: Int { data.validation?.count ?? testCount }
  /// How many test samples there are.
  public var testCount: Int { data.tests.reduce(0) { $0 + $1.count } }

  /// How the model does on the first samples of each set that validates.
  public func validate(
    _ model: NormalizedOperator, onAtMost count: Int
  ) throws -> OperatorEvaluation {
    let share = Double(count) / Double(max(1, validationCount))
    let parts = (data.validation.map { [$0] } ?? data.tests).map { part in
      let few = Int((Double(part.count) * share).rounded())
      return part[0..<min(part.count, max(1, few))]
    }
    return OperatorEvaluation(
      entries: parts.map(entry(of: model)), isDecisive: data.validation != nil)
  }
}

/// At most so many of some indices, evenly spread.
private func spread(_ all: Int, atMost count: Int) -> [Int] {
  let count = min(all, max(0, count))
  return (0..<count).map { $0 * all / count }
}
