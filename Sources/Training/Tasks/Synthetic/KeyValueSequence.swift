import SequenceTensor

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

  /// A sequence whose answers are asked for, or all of its tokens.
  func example(asksForAll: Bool, using random: inout RandomSource) -> TokenSequences.Example {
    let (tokens, isAnswer) = tokens(using: &random)
    return TokenSequences.Example(predicting: tokens, where: isAnswer.map { $0 || asksForAll })
  }
}
