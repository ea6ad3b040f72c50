import LongConvolution
public import SequenceTensor

/// A task whose sequences are drawn by rule, to see what a mixer can do.
///
/// The same settings give the same sequences on every machine. No sequence appears twice, in one part or
/// in two, so that a model cannot answer the test by heart (safari draws unique ones within each part;
/// MAD lets test sequences appear in training).
public protocol SyntheticTask: TaskSettings {
  /// How many different tokens there are, special ones included.
  var vocabularySize: Int { get }
  /// The length that the original's settings name; the model reads about as many tokens.
  var sequenceLength: Int { get }
  /// How many sequences the model learns from.
  var trainingExamples: Int { get }
  /// How many decide which checkpoint is best.
  var validationExamples: Int { get }
  /// How many the result is measured on.
  var testExamples: Int { get }
  /// Determines the sequences.
  var seed: UInt64 { get }
  /// What a model reads and answers.
  var problem: SequenceProblem { get }

  /// One sequence.
  ///
  /// - Parameters:
  ///   - isTraining: whether it is for training, where some tasks ask for more.
  ///   - random: where it comes from.
  func example(isTraining: Bool, using random: inout RandomSource) -> TokenSequences.Example
}

extension SyntheticTask {
  /// Each position is asked for what comes next, or for an answer.
  public static var isPredictive: Bool { true }
  /// Nothing is read.
  public static var readsFiles: Bool { false }
  /// A token at each position.
  public var problem: SequenceProblem { .predictedTokens(vocabulary: vocabularySize) }

  /// Two layers, batches of 32, clipped gradients.
  public func adjust(_ run: inout RunConfiguration) {
    run.model.layers = 2
    run.model.dropout = 0
    (run.training.epochs, run.training.learningRate) = (20, 2e-3)
    (run.training.warmupSteps, run.training.clipNorm) = (100, 1)
  }

  /// Checks the numbers of sequences.
  func validateCounts() throws(ConfigurationError) {
    for (key, count) in [
      ("trainingExamples", trainingExamples), ("validationExamples", validationExamples),
      ("testExamples", testExamples),
    ] {
      try ConfigurationCheck.range(count, 1...(1 << 26), "source.\(key)")
    }
    try ConfigurationCheck.range(sequenceLength, 2...(1 << 26), "source.sequenceLength")
    try ConfigurationCheck.range(vocabularySize, 2...(1 << 24), "source.vocabularySize")
  }

  /// Draws the sequences.
  ///
  /// - Throws: `DataError` if there are not so many different ones.
  public func load(
    _ run: RunConfiguration, vocabulary: Vocabulary?
  ) throws(DataError) -> SequenceParts {
    let name = Self.task.rawValue
    var seen: Set<[Int32]> = []
    func draw(_ count: Int, isTraining: Bool, stream: UInt64) throws(DataError) -> TokenSequences {
      var random = RandomSource(seed: seed, stream: stream)
      var examples: [TokenSequences.Example] = []
      var repeats = 0
      while examples.count < count {
        let example = example(isTraining: isTraining, using: &random)
        if seen.insert(example.inputs).inserted {
          examples.append(example)
          repeats = 0
        } else {
          repeats += 1
          guard repeats < 1000 else {
            throw DataError(
              at: "source.trainingExamples",
              expected: "no more sequences than there are different ones",
              got: "a thousand repeats after \(seen.count) of them")
          }
        }
      }
      return TokenSequences(examples, name: "\(name) \(isTraining ? "train" : "test")")
    }
    // The test comes first: it stays the same with more training sequences.
    let test = try draw(testExamples, isTraining: false, stream: 3)
    let validation = try draw(validationExamples, isTraining: false, stream: 2)
    return SequenceParts(
      problem: problem, train: try draw(trainingExamples, isTraining: true, stream: 1),
      validation: validation, test: test)
  }
}

extension TokenSequences.Example {
  /// A sequence whose positions are asked for the token that follows.
  ///
  /// - Parameters:
  ///   - tokens: the sequence; the model reads all but the last.
  ///   - isAsked: for each token whether it is asked for.
  init(predicting tokens: [Int32], where isAsked: [Bool]) {
    self.init(
      inputs: Array(tokens.dropLast()),
      targets: zip(tokens, isAsked).dropFirst().map { $1 ? $0 : -1 })
  }
}

extension RandomSource {
  /// An element of a range of tokens.
  mutating func token(in range: Range<Int>) -> Int32 {
    Int32(range.lowerBound + integer(below: range.count))
  }

  /// Different elements of a range in random order: one of all partial permutations of it.
  mutating func tokens(_ count: Int, differentIn range: Range<Int>) -> [Int32] {
    var tokens: [Int32] = []
    while tokens.count < count {
      let token = token(in: range)
      if !tokens.contains(token) { tokens.append(token) }
    }
    return tokens
  }
}
