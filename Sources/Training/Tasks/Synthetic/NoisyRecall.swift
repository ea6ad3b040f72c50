public import SequenceTensor

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
    sequence.example(asksForAll: isTraining && predictsAllTokens, using: &random)
  }
}
