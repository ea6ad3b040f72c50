import LongConvolution
public import SequenceTensor

/// `memorisation`: values of keys that are the same in all sequences.
///
/// k ? k ? …, where the model is to answer each ? by the value that belongs to k; the pairs are never
/// shown and have to be learned by heart (Poli et al., 2024, section 3.1; MAD, `memorization`). Tokens are
/// numbered as: keys, values, ?.
public struct Memorization: SyntheticTask {
  /// `memorisation`.
  public static let task = TrainingTask.memorization
  /// What the task is.
  public static let summary = "values of keys, learned by heart (MAD)"
  /// A command.
  public static let example = "memorisation --model longconv"
  /// Tokens, the question mark included ("vocab_size").
  public var vocabularySize = 256
  /// "seq_len".
  public var sequenceLength = 32
  /// Determines which value belongs to which key ("kv_map_seed").
  public var pairSeed: UInt64 = 12345
  /// "num_train_examples".
  public var trainingExamples = 256
  /// Sequences for validation; the original validates on the test sequences.
  public var validationExamples = 640
  /// "num_test_examples" of the original is 1280.
  public var testExamples = 1280
  /// Determines the sequences.
  public var seed: UInt64 = 0

  /// MAD's baseline.
  public init(forTraining: Void) {}

  /// Few sequences are seen often.
  public func adjust(_ run: inout RunConfiguration) {
    run.model.layers = 2
    run.model.dropout = 0
    (run.training.epochs, run.training.learningRate) = (100, 2e-3)
    (run.training.warmupSteps, run.training.clipNorm) = (100, 1)
    run.training.evaluateEveryEpochs = 10
  }

  /// Checks sizes.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try validateCounts()
    try ConfigurationCheck.range(vocabularySize, 3...(1 << 24), "source.vocabularySize")
  }

  /// The value of each key.
  public var values: [Int32] {
    let half = (vocabularySize - 1) / 2
    var values = (0..<half).map { Int32(half + $0) }
    // A stream of its own ("pairs" in ASCII).
    var random = RandomSource(seed: pairSeed, stream: 0x70_6169_7273)
    random.shuffle(&values)
    return values
  }

  /// One sequence.
  public func example(
    isTraining: Bool, using random: inout RandomSource
  ) -> TokenSequences.Example {
    let values = values
    var (inputs, targets): ([Int32], [Int32]) = ([], [])
    for _ in 0..<sequenceLength / 2 {
      let key = random.integer(below: values.count)
      inputs += [Int32(key), Int32(vocabularySize - 1)]
      targets += [-1, values[key]]
    }
    return TokenSequences.Example(inputs: inputs, targets: targets)
  }
}
