public import SequenceTensor

/// `induction`: what stood behind a mark the first time, when the mark stands there again.
///
/// Random tokens with `=>` at a random place; the sequence ends in `=>`, and the tokens behind the first
/// one are asked for (Fu et al., "Hungry hungry hippos", 2023, section 3.1; safari,
/// `src/dataloaders/synthetics.py`, `induction_head`).
///
/// Deviation: safari places marks among the first L - 1 - n of L tokens, so that the last place where n
/// tokens still fit is never used; here it is.
public struct InductionHeads: SyntheticTask {
  /// `induction`.
  public static let task = TrainingTask.induction
  /// What the task is.
  public static let summary = "what stood behind a mark, when the mark comes again (safari)"
  /// A command.
  public static let example = "induction --model h3"
  /// Tokens, `.` and `=>` included ("vocab_size").
  public var vocabularySize = 20
  /// The tokens before the last mark ("input_seq_len").
  public var sequenceLength = 40
  /// The tokens that are copied ("induction_len").
  public var inductionLength = 1
  /// The most marks in a sequence ("induction_num_triggers"): one in half of the sequences, else up to so
  /// many, all with the same tokens behind them.
  public var triggers = 1
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
    try ConfigurationCheck.range(inductionLength, 1...(1 << 20), "source.inductionLength")
    try ConfigurationCheck.range(triggers, 1...(1 << 20), "source.triggers")
    try ConfigurationCheck.range(
      sequenceLength, (inductionLength + 1)...(1 << 26), "source.sequenceLength")
  }

  /// One sequence.
  public func example(
    isTraining: Bool, using random: inout RandomSource
  ) -> TokenSequences.Example {
    let plain = vocabularySize - 2
    let prefix = Int32(plain + 1)
    var tokens = (0..<sequenceLength).map { _ in random.token(in: 0..<plain) }
    let copied = (0..<inductionLength).map { _ in random.token(in: 0..<plain) }
    let most = random.uniform() < 0.5 ? 1 : triggers
    let places = (0..<most).map { _ in
      random.integer(below: sequenceLength - inductionLength)
    }.sorted()
    var end = 0
    for (index, place) in places.enumerated() where index == 0 || place >= end {
      tokens.replaceSubrange(place...(place + inductionLength), with: [prefix] + copied)
      end = place + inductionLength + 1
    }
    tokens += [prefix] + copied
    let isAsked = tokens.indices.map {
      isTraining && predictsAllTokens || $0 > sequenceLength
    }
    return TokenSequences.Example(predicting: tokens, where: isAsked)
  }
}
