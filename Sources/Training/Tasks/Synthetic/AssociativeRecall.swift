public import SequenceTensor

/// `associative-recall`: the value that belonged to a key, asked for once at the end.
///
/// k v k v … `=>` k, answered by v (safari, `src/dataloaders/synthetics.py`, `assoc_recall`; Poli et al.,
/// "Hyena hierarchy", 2023, section 4.1; the values are the paper's for short sequences). Tokens are
/// numbered as: keys, then values, then `.` and `=>`. Each sequence has its own values for the keys. With
/// several keys a pair is a tuple of keys and a value.
///
/// Deviation: safari orders its vocabulary as text and takes its first half for keys; ours is ordered as
/// numbers, which renames the tokens.
public struct AssociativeRecall: SyntheticTask {
  /// `associative-recall`.
  public static let task = TrainingTask.associativeRecall
  /// What the task is.
  public static let summary = "the value of a key, asked for once at the end (safari)"
  /// A command.
  public static let example = "associative-recall --model hyena"
  /// Tokens, `.` and `=>` included ("vocab_size").
  public var vocabularySize = 20
  /// The length of the pairs together ("input_seq_len").
  public var sequenceLength = 40
  /// Keys in a tuple ("num_keys").
  public var keys = 1
  /// Whether a key that was not there may be asked for, with the answer `.` ("allow_dot").
  public var allowsAbsentKeys = false
  /// Whether all tokens are asked for in training, as in the original, and not only the answer.
  public var predictsAllTokens = true
  /// "num_examples".
  public var trainingExamples = 5000
  /// Sequences for validation; the original validates on the test sequences.
  public var validationExamples = 500
  /// "num_test_examples".
  public var testExamples = 500
  /// Determines the sequences.
  public var seed: UInt64 = 0

  /// safari's defaults.
  public init(forTraining: Void) {}

  /// Checks sizes.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try validateCounts()
    try ConfigurationCheck.range(vocabularySize, 4...(1 << 24), "source.vocabularySize")
    try ConfigurationCheck.range(keys, 1...16, "source.keys")
    try ConfigurationCheck.range(sequenceLength, (keys + 1)...(1 << 26), "source.sequenceLength")
  }

  /// One sequence.
  public func example(
    isTraining: Bool, using random: inout RandomSource
  ) -> TokenSequences.Example {
    let plain = vocabularySize - 2
    let (absent, prefix) = (Int32(plain), Int32(plain + 1))
    let (keyTokens, values) = (0..<plain / 2, plain / 2..<plain)
    var answers: [[Int32]: Int32] = [:]
    var present: [[Int32]] = []
    var tokens: [Int32] = []
    func key(_ random: inout RandomSource) -> [Int32] {
      (0..<keys).map { _ in random.token(in: keyTokens) }
    }
    for _ in 0..<sequenceLength / (keys + 1) {
      let key = key(&random)
      if answers[key] == nil {
        answers[key] = random.token(in: values)
        present.append(key)
      }
      tokens += key + [answers[key] ?? absent]
    }
    var asked = key(&random)
    // As the original: any key first, and only if it was not there one of those that were.
    if answers[asked] == nil, !allowsAbsentKeys {
      asked = present[random.integer(below: present.count)]
    }
    tokens += [prefix] + asked + [answers[asked] ?? absent]
    let isAsked = tokens.indices.map {
      isTraining && predictsAllTokens || $0 == tokens.count - 1
    }
    return TokenSequences.Example(predicting: tokens, where: isAsked)
  }
}
