public import SequenceTensor

/// `fuzzy-recall`: the value of a key, both of several tokens.
///
/// As `recall`, but keys and values are runs of 1 to 3 different tokens (Poli et al., 2024, section 3.1;
/// MAD, `fuzzy_in_context_recall`). In training lengths are drawn, in testing all keys have the greatest.
/// A key is presented before the end and asked for there; what is too short is padded on the left.
///
/// Deviation: the original can miss the place where the asked pair is to be presented, and then asks for
/// what was never shown; here it is presented whatever place was drawn.
public struct FuzzyRecall: SyntheticTask {
  /// `fuzzy-recall`.
  public static let task = TrainingTask.fuzzyRecall
  /// What the task is.
  public static let summary = "recall with keys and values of several tokens (MAD)"
  /// A command.
  public static let example = "fuzzy-recall --model hyena"
  /// Tokens, that of the padding (and with one query its announcement) included ("vocab_size").
  public var vocabularySize = 16
  /// "seq_len": what the model reads, padding included.
  public var sequenceLength = 128
  /// The most tokens of a key ("k_motif_size").
  public var keyMotifSize = 3
  /// The most tokens of a value ("v_motif_size").
  public var valueMotifSize = 3
  /// Whether every key that comes again is a query, and not only the one at the end ("multi_query").
  public var isMultiQuery = true
  /// Whether all tokens but the padding are asked for in training, and not only the answers. (The
  /// original asks for the padding too.)
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

  private var plain: Int { vocabularySize - (isMultiQuery ? 1 : 2) }

  /// Checks sizes.
  public func validate(_ run: RunConfiguration) throws(ConfigurationError) {
    try validateCounts()
    try ConfigurationCheck.range(keyMotifSize, 1...64, "source.keyMotifSize")
    try ConfigurationCheck.range(valueMotifSize, 1...64, "source.valueMotifSize")
    try ConfigurationCheck.that(
      plain / 2 >= max(keyMotifSize, valueMotifSize), "source.vocabularySize",
      "halves of at least \(max(keyMotifSize, valueMotifSize)) tokens", vocabularySize)
    try ConfigurationCheck.range(
      sequenceLength, (3 * (keyMotifSize + valueMotifSize))...(1 << 26), "source.sequenceLength")
  }

  /// One sequence.
  public func example(
    isTraining: Bool, using random: inout RandomSource
  ) -> TokenSequences.Example {
    let (keys, values) = (0..<plain / 2, plain / 2..<plain)
    let padding = Int32(isMultiQuery ? vocabularySize - 1 : vocabularySize - 2)
    func key(_ random: inout RandomSource) -> [Int32] {
      let size = isTraining ? 1 + random.integer(below: keyMotifSize) : keyMotifSize
      return random.tokens(size, differentIn: keys)
    }
    func value(_ random: inout RandomSource) -> [Int32] {
      random.tokens(1 + random.integer(below: valueMotifSize), differentIn: values)
    }
    let (askedKey, askedValue) = (key(&random), value(&random))
    var answers = [askedKey: askedValue]
    var shown: Set<[Int32]> = []
    var (tokens, isAnswer): ([Int32], [Bool]) = ([], [])
    func append(_ key: [Int32], _ value: [Int32], isQuery: Bool) {
      tokens += key + value
      isAnswer += key.map { _ in false } + value.map { _ in isQuery }
    }
    // Room for the query and for one more pair of any size.
    let asked = askedKey.count + askedValue.count
    let end = sequenceLength - asked - (keyMotifSize + valueMotifSize)
    let place = random.integer(below: max(1, end - (keyMotifSize + valueMotifSize)))
    while tokens.count < end {
      let isPlaced = tokens.count >= place && !shown.contains(askedKey)
      let key = isPlaced ? askedKey : key(&random)
      let known = answers[key] ?? value(&random)
      append(key, known, isQuery: isMultiQuery && shown.contains(key))
      answers[key] = known
      shown.insert(key)
    }
    if !isMultiQuery {
      tokens.append(Int32(vocabularySize - 1))
      isAnswer.append(false)
    }
    append(askedKey, askedValue, isQuery: true)
    let missing = max(0, sequenceLength + 1 - tokens.count)
    let isAsked = isAnswer.map { $0 || isTraining && predictsAllTokens }
    return TokenSequences.Example(
      predicting: [Int32](repeating: padding, count: missing) + tokens,
      where: [Bool](repeating: false, count: missing) + isAsked)
  }
}
