public import SequenceTensor

/// `compression`: a whole sequence from the one vector that a model makes of it.
///
/// Random tokens and a mark; the output at the mark is all that a small decoder sees, which is to give
/// the token of each position (Poli et al., 2024, section 3.1; MAD, `compression` and
/// `mad/model/auto_encoder.py`).
///
/// Deviation: the original computes targets without the noise and then returns the inputs, so that noise
/// is asked for; here it is not.
public struct Compression: SyntheticTask {
  /// `compression`.
  public static let task = TrainingTask.compression
  /// What the task is.
  public static let summary = "a whole sequence from one vector (MAD)"
  /// A command.
  public static let example = "compression --model sgconv"
  /// Tokens, mark and noise included ("vocab_size").
  public var vocabularySize = 16
  /// "seq_len", the mark included.
  public var sequenceLength = 32
  /// Tokens of the noise, the last ones before the mark ("noise_vocab_size").
  public var noiseVocabularySize = 0
  /// How many tokens are noise ("frac_noise").
  public var noiseFraction = 0.0
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

  /// From one vector.
  public var problem: SequenceProblem { .compressedTokens(vocabulary: vocabularySize) }

  private var plain: Int { vocabularySize - 1 - noiseVocabularySize }

  /// Checks sizes.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try validateCounts()
    try ConfigurationCheck.range(noiseVocabularySize, 0...(1 << 24), "source.noiseVocabularySize")
    try ConfigurationCheck.that(
      plain >= 1, "source.vocabularySize", "room for tokens beside mark and noise", vocabularySize)
    try ConfigurationCheck.that(
      (0..<1).contains(noiseFraction) && (noiseFraction == 0 || noiseVocabularySize > 0),
      "source.noiseFraction", "in 0..<1, and 0 without source.noiseVocabularySize", noiseFraction)
  }

  /// One sequence.
  public func example(
    isTraining: Bool, using random: inout RandomSource
  ) -> TokenSequences.Example {
    let mark = Int32(vocabularySize - 1)
    var (inputs, targets): ([Int32], [Int32]) = ([], [])
    for _ in 0..<sequenceLength - 1 {
      if noiseFraction > 0, random.uniform() < noiseFraction {
        inputs.append(random.token(in: plain..<plain + noiseVocabularySize))
        targets.append(-1)
      } else {
        inputs.append(random.token(in: 0..<plain))
        targets.append(inputs[inputs.count - 1])
      }
    }
    return TokenSequences.Example(inputs: inputs + [mark], targets: targets + [mark])
  }
}
