public import SequenceTensor

/// How pairs of a key and a value become a sequence: MAD's recall, with or without noise.
struct KeyValueSequence {
  var vocabularySize: Int
  var sequenceLength: Int
  var isMultiQuery: Bool
  var noiseVocabularySize = 0
  var noiseFraction = 0.0

  /// Tokens that are keys, values or noise, in this order; without several queries the last token of the
  /// vocabulary announces the query.
  var plain: Int { vocabularySize - (isMultiQuery ? 0 : 1) - noiseVocabularySize }

  func validate() throws(ConfigurationError) {
    try ConfigurationCheck.range(noiseVocabularySize, 0...(1 << 24), "source.noiseVocabularySize")
    try ConfigurationCheck.that(
      (0..<1).contains(noiseFraction), "source.noiseFraction", "in 0..<1", noiseFraction)
    try ConfigurationCheck.that(
      noiseFraction == 0 || noiseVocabularySize > 0, "source.noiseVocabularySize",
      "above 0 where source.noiseFraction is", noiseVocabularySize)
    try ConfigurationCheck.that(
      plain >= 2, "source.vocabularySize", "room for a key and a value", vocabularySize)
    try ConfigurationCheck.that(
      sequenceLength >= 4 && sequenceLength.isMultiple(of: 2), "source.sequenceLength",
      "even and at least 4", sequenceLength)
  }

  /// The tokens, and whether each answers a query.
  func tokens(using random: inout RandomSource) -> (tokens: [Int32], isAnswer: [Bool]) {
    let (keys, values) = (0..<plain / 2, plain / 2..<plain)
    let pairs = sequenceLength / 2 - 1
    var answers: [Int32: Int32] = [:]
    var present: [Int32] = []
    var (tokens, isAnswer): ([Int32], [Bool]) = ([], [])
    // One pair at least is no noise.
    let sound = random.integer(below: pairs)
    for pair in 0..<pairs {
      if pair != sound, noiseFraction > 0, random.uniform() < noiseFraction {
        for _ in 0..<2 { tokens.append(random.token(in: plain..<plain + noiseVocabularySize)) }
        isAnswer += [false, false]
        continue
      }
      let key = random.token(in: keys)
      let known = answers[key]
      let value = known ?? random.token(in: values)
      if known == nil {
        answers[key] = value
        present.append(key)
      }
      tokens += [key, value]
      isAnswer += [false, known != nil && isMultiQuery]
    }
    let asked = present[random.integer(below: present.count)]
    if !isMultiQuery {
      tokens.append(Int32(vocabularySize - 1))
      isAnswer.append(false)
    }
    tokens += [asked, answers[asked] ?? 0]
    isAnswer += [false, true]
    return (tokens, isAnswer)
  }
}

/// `recall`: the value of a key, asked for whenever the key comes again.
///
/// k v k v …, each sequence with its own values for the keys (Poli et al., "Mechanistic design and
/// scaling of hybrid architectures", 2024, section 3.1; MAD, `mad/data/instances.py`,
/// `in_context_recall`). Tokens are numbered as: keys, then values.
public struct InContextRecall: SyntheticTask {
  /// `recall`.
  public static let task = TrainingTask.recall
  /// What the task is.
  public static let summary = "the value of a key, whenever the key comes again (MAD)"
  /// A command.
  public static let example = "recall --model hyena"
  /// "vocab_size".
  public var vocabularySize = 16
  /// "seq_len"; the model reads one token less, or as many with one query.
  public var sequenceLength = 128
  /// Whether every key that comes again is a query, and not only one at the end ("multi_query").
  public var isMultiQuery = true
  /// Whether all tokens are asked for in training, as in the original, and not only the answers.
  public var predictsAllTokens = true
  /// "num_train_examples".
  public var trainingExamples = 12_800
  /// Sequences for validation; the original validates on the test sequences.
  public var validationExamples = 640
  /// "num_test_examples" of the original is 1280.
  public var testExamples = 1280
  /// Determines the sequences.
  public var seed: UInt64 = 0

  /// MAD's baseline.
  public init(forTraining: Void) {}

  var sequence: KeyValueSequence {
    KeyValueSequence(
      vocabularySize: vocabularySize, sequenceLength: sequenceLength, isMultiQuery: isMultiQuery)
  }

  /// Checks sizes.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try validateCounts()
    try sequence.validate()
  }

  /// One sequence.
  public func example(
    isTraining: Bool, using random: inout RandomSource
  ) -> TokenSequences.Example {
    let (tokens, isAnswer) = sequence.tokens(using: &random)
    return TokenSequences.Example(
      predicting: tokens, where: isAnswer.map { $0 || isTraining && predictsAllTokens })
  }
}

/// `noisy-recall`: the value of a key whenever it comes again, among noise.
///
/// As `recall`, but some pairs are tokens of a vocabulary of their own that mean nothing (MAD,
/// `noisy_in_context_recall`). The original draws the pair that is certainly none of noise among one pair
/// too many, so that a sequence can be all noise and fail; here it cannot.
public struct NoisyRecall: SyntheticTask {
  /// `noisy-recall`.
  public static let task = TrainingTask.noisyRecall
  /// What the task is.
  public static let summary = "recall among tokens that mean nothing (MAD)"
  /// A command.
  public static let example = "noisy-recall --model hyena"
  /// Tokens, those of the noise included ("vocab_size").
  public var vocabularySize = 32
  /// "seq_len".
  public var sequenceLength = 128
  /// Tokens of the noise, the last ones ("noise_vocab_size").
  public var noiseVocabularySize = 16
  /// How many pairs are noise ("frac_noise").
  public var noiseFraction = 0.2
  /// Whether every key that comes again is a query, and not only one at the end ("multi_query").
  public var isMultiQuery = true
  /// Whether all tokens are asked for in training, as in the original, and not only the answers.
  public var predictsAllTokens = true
  /// "num_train_examples".
  public var trainingExamples = 12_800
  /// Sequences for validation; the original validates on the test sequences.
  public var validationExamples = 640
  /// "num_test_examples" of the original is 1280.
  public var testExamples = 1280
  /// Determines the sequences.
  public var seed: UInt64 = 0

  /// MAD's baseline.
  public init(forTraining: Void) {}

  var sequence: KeyValueSequence {
    KeyValueSequence(
      vocabularySize: vocabularySize, sequenceLength: sequenceLength, isMultiQuery: isMultiQuery,
      noiseVocabularySize: noiseVocabularySize, noiseFraction: noiseFraction)
  }

  /// Checks sizes.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try validateCounts()
    try sequence.validate()
  }

  /// One sequence.
  public func example(
    isTraining: Bool, using random: inout RandomSource
  ) -> TokenSequences.Example {
    let (tokens, isAnswer) = sequence.tokens(using: &random)
    return TokenSequences.Example(
      predicting: tokens, where: isAnswer.map { $0 || isTraining && predictsAllTokens })
  }
}
