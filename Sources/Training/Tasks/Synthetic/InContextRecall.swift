public import SequenceTensor

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
    sequence.example(asksForAll: isTraining && predictsAllTokens, using: &random)
  }
}
