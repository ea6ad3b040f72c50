import SequenceTensor

/// Which examples belong to which part.
///
/// Keys under `source.splits`. The pool that is split is what a task has for training; tasks without a
/// test part of their own take it from the pool too. The originals split by the random numbers of
/// PyTorch: for their very splits, name files of indices.
public struct SplitSettings: Sendable, Hashable, Codable {
  /// A file with the positions of the training examples in the pool, one a line, from 0.
  public var trainIndices: String?
  /// A file with those of the validation examples.
  public var validationIndices: String?
  /// A file with those of the test examples: in the test part if the task has one, else in the pool.
  public var testIndices: String?
  /// For tasks without a test part: the fraction of the pool that becomes one.
  public var testFraction = 0.1
  /// Only so many training examples are used: random ones, of a long sequence evenly spread ones, of a
  /// file of indices the first.
  public var trainingExamples: Int?

  /// A tenth for testing where the task has no test part.
  public init() {}

  func validate() throws(ConfigurationError) {
    try ConfigurationCheck.that(
      testFraction > 0 && testFraction < 1, "source.splits.testFraction", "between 0 and 1",
      testFraction)
    try ConfigurationCheck.range(
      trainingExamples ?? 1, 1...Int.max, "source.splits.trainingExamples")
    try ConfigurationCheck.that(
      trainIndices == nil || validationIndices != nil, "source.splits.validationIndices",
      "a file of indices where source.splits.trainIndices is one", "nothing")
  }

  /// Checks settings of a split into pieces of one long sequence, which has no indices.
  func validateContiguous() throws(ConfigurationError) {
    try validate()
    for (key, file) in [
      ("trainIndices", trainIndices), ("validationIndices", validationIndices),
      ("testIndices", testIndices),
    ] {
      try ConfigurationCheck.that(
        file == nil, "source.splits.\(key)", "nothing: parts of this task are contiguous",
        file ?? "")
    }
  }

  /// Evenly spread ones of some training examples, if only some are wanted.
  func limited(_ examples: any SequenceExamples) -> any SequenceExamples {
    guard let trainingExamples, trainingExamples < examples.count else { return examples }
    return SelectedExamples(
      (0..<trainingExamples).map { $0 * examples.count / trainingExamples }, of: examples,
      name: examples.name)
  }

  /// Splits a pool.
  ///
  /// - Parameters:
  ///   - pool: the examples for training and validation, and for testing if there is no `test`.
  ///   - test: the test part, if the task has one.
  ///   - run: the fraction for validation (0 validates on the test part), and the seed.
  ///   - name: the name of the data set.
  /// - Throws: `DataError` if a part is empty or a file of indices cannot be used.
  func parts(
    of pool: any SequenceExamples, test: (any SequenceExamples)? = nil, _ run: RunConfiguration,
    name: String
  ) throws(DataError) -> (
    train: any SequenceExamples, validation: any SequenceExamples, test: any SequenceExamples
  ) {
    var order = Array(0..<pool.count)
    var random = RandomSource(seed: run.training.seed, stream: Self.stream)
    random.shuffle(&order)
    func taken(_ fraction: Double) -> [Int] {
      let count = min(order.count, Int((Double(pool.count) * fraction).rounded()))
      let indices = order.prefix(count).sorted()
      order.removeFirst(count)
      return indices
    }
    func read(
      _ path: String?, _ base: any SequenceExamples, besides used: Set<Int> = [],
      _ part: String = ""
    ) throws(DataError) -> [Int]? {
      guard let path else { return nil }
      return try IndexFile(path: path, below: base.count).disjoint(from: used, part)
    }
    // Test examples are taken first, so that they stay the same with another validation fraction.
    let testPart: any SequenceExamples
    var used: Set<Int> = []
    if let test {
      testPart =
        if let indices = try read(testIndices, test) {
          SelectedExamples(indices, of: test, name: "\(name) test")
        } else { test }
    } else {
      let indices = try read(testIndices, pool) ?? taken(testFraction)
      used.formUnion(indices)
      testPart = SelectedExamples(indices, of: pool, name: "\(name) test")
    }
    order.removeAll { used.contains($0) }
    let held =
      try read(validationIndices, pool, besides: used, "testing")
      ?? taken(run.data.validationFraction)
    used.formUnion(held)
    order.removeAll { used.contains($0) }
    let limit = trainingExamples ?? .max
    let train =
      try read(trainIndices, pool, besides: used, "validation or testing")
      .map { Array($0.prefix(limit)) } ?? order.prefix(limit).sorted()
    let validation: any SequenceExamples =
      held.isEmpty ? testPart : SelectedExamples(held, of: pool, name: "\(name) validation")
    guard !train.isEmpty, testPart.count > 0 else {
      throw DataError(
        at: name, expected: "at least one example in each part",
        got: "\(train.count) of \(pool.count) for training, \(testPart.count) for testing")
    }
    return (SelectedExamples(train, of: pool, name: "\(name) train"), validation, testPart)
  }

  /// The random stream that only splits use ("splits" in ASCII).
  private static let stream: UInt64 = 0x7370_6C69_7473

  /// Cuts a range of a long sequence into a training, a validation and a test piece, in this order.
  ///
  /// - Parameters:
  ///   - count: the length of the sequence.
  ///   - validationFraction: the fraction for validation.
  ///   - boundary: moves a border to where a piece may begin.
  func pieces(
    count: Int, validationFraction: Double, boundary: (Int) -> Int = { $0 }
  ) -> (train: Range<Int>, validation: Range<Int>, test: Range<Int>) {
    let last = boundary(count - Int((Double(count) * testFraction).rounded()))
    let first = min(last, boundary(last - Int((Double(count) * validationFraction).rounded())))
    return (0..<max(0, first), max(0, first)..<last, last..<count)
  }
}
