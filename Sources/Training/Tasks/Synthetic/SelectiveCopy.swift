public import SequenceTensor

/// `selective-copy`: tokens among blanks, in their order.
///
/// Tokens with blanks between them at random, a mark, and then as many blanks, at which the tokens are
/// asked for in their order (Poli et al., 2024, section 3.1; MAD, `selective_copying`; Gu and Dao, 2023).
///
/// Deviation: MAD draws the places of the blanks from NumPy's global random numbers, not from its seed,
/// and never behind the last token; here all arrangements are equally likely.
public struct SelectiveCopy: SyntheticTask {
  /// `selective-copy`.
  public static let task = TrainingTask.selectiveCopy
  /// What the task is.
  public static let summary = "tokens among blanks, in their order (MAD)"
  /// A command.
  public static let example = "selective-copy --model s5"
  /// Tokens, blank and mark included ("vocab_size").
  public var vocabularySize = 16
  /// "seq_len": what the model reads.
  public var sequenceLength = 256
  /// "num_tokens_to_copy".
  public var tokensToCopy = 16
  /// Whether blanks stand between the tokens; otherwise all behind them ("selective").
  public var isSelective = true
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

  /// Checks sizes.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try validateCounts()
    try ConfigurationCheck.range(vocabularySize, 3...(1 << 24), "source.vocabularySize")
    try ConfigurationCheck.range(tokensToCopy, 1...(1 << 24), "source.tokensToCopy")
    try ConfigurationCheck.range(
      sequenceLength, (2 * tokensToCopy + 1)...(1 << 26), "source.sequenceLength")
  }

  /// One sequence.
  public func example(
    isTraining: Bool, using random: inout RandomSource
  ) -> TokenSequences.Example {
    let (blank, mark) = (Int32(vocabularySize - 2), Int32(vocabularySize - 1))
    let copied = (0..<tokensToCopy).map { _ in random.token(in: 0..<vocabularySize - 2) }
    let room = sequenceLength - tokensToCopy - 1
    var places = Array(0..<room)
    if isSelective { random.shuffle(&places) }
    var inputs = [Int32](repeating: blank, count: sequenceLength)
    for (token, place) in zip(copied, places.prefix(tokensToCopy).sorted()) {
      inputs[place] = token
    }
    inputs[room] = mark
    return TokenSequences.Example(
      inputs: inputs, targets: [Int32](repeating: -1, count: room + 1) + copied)
  }
}
