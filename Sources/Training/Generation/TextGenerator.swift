public import Layers
public import LongConvolution

/// Texts from the language model of a run: letters to tokens, tokens to letters, and which tokens may
/// come.
public struct TextGenerator: Sendable {
  /// The model.
  public let model: LanguageModel<AnySequenceMixer>
  private let vocabulary: Vocabulary
  private let level: TextLevel
  private let isGenome: Bool

  /// Takes the model of a checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoint: of a run of text-file or dna.
  ///   - place: the name of the checkpoint, for messages.
  /// - Throws: `RunError` if it is of another task.
  public init(_ checkpoint: SequenceCheckpoint, place: String) throws(RunError) {
    let configuration = checkpoint.recipe.configuration
    guard [.textFile, .dna].contains(configuration.task),
      let model = checkpoint.model.network as? LanguageModel<AnySequenceMixer>,
      let vocabulary = checkpoint.recipe.vocabulary
    else {
      throw RunError(
        place: place, expected: "a language model of a text or a genome: a run of text-file or dna",
        got: "one of \(configuration.task.rawValue)")
    }
    self.model = model
    self.vocabulary = vocabulary
    level = configuration.data.level
    isGenome = configuration.task == .dna
  }

  /// Tokens that are never drawn: the special ones, and of genomes the unknown base, which models are
  /// not asked for.
  public var excluded: Set<Int32> {
    var excluded = Set(0..<Int32(vocabulary.specials.count))
    if isGenome, let unknown = vocabulary.identifier(of: "N") { excluded.insert(unknown) }
    return excluded
  }

  /// The tokens of a prompt.
  ///
  /// - Parameters:
  ///   - prompt: UTF-8, or bytes if the model reads bytes; of genomes bases in either case, where
  ///     white space is left out.
  ///   - place: where it comes from.
  /// - Throws: `DataError` for an empty prompt or a letter that the model does not know.
  public func tokens(ofPrompt prompt: [UInt8], place: String) throws(DataError) -> [Int32] {
    let tokens = isGenome ? try bases(prompt, place: place) : try letters(prompt, place: place)
    guard !tokens.isEmpty else {
      throw DataError(at: place, expected: "at least one \(unit) to begin with", got: "none")
    }
    return tokens
  }

  /// What a token stands for.
  private var unit: String { isGenome ? "base" : level == .byte ? "byte" : "character" }

  private func letters(_ prompt: [UInt8], place: String) throws(DataError) -> [Int32] {
    if level == .character, String(validating: prompt, as: UTF8.self) == nil {
      throw DataError(at: place, expected: "UTF-8 text", got: "other bytes")
    }
    let options = TokenizationOptions(appendEndOfSequence: false, unknownTokens: .reject)
    let tokenizer = try TextTokenizer(level: level, vocabulary: vocabulary, options: options)
    return try tokenizer.encode(prompt, at: place)
  }

  private func bases(_ prompt: [UInt8], place: String) throws(DataError) -> [Int32] {
    var tokens: [Int32] = []
    for (index, byte) in prompt.enumerated() {
      let letter = Character(Unicode.Scalar(byte))
      if letter.isWhitespace { continue }
      guard let token = vocabulary.identifier(of: letter.uppercased()),
        token >= Int32(vocabulary.specials.count)
      else {
        throw DataError(
          at: place, expected: "the bases \(FASTAFile.letters.joined(separator: ", "))",
          got: "\(DataError.quoted([byte])) as letter \(index + 1)")
      }
      tokens.append(token)
    }
    return tokens
  }

  /// The bytes that a token stands for.
  ///
  /// - Precondition: the token is one of the vocabulary.
  public func bytes(of token: Int32) -> [UInt8] {
    let place = Int(token) - vocabulary.specials.count
    if !isGenome, level == .byte, 0..<256 ~= place { return [UInt8(place)] }
    return Array(vocabulary[token].utf8)
  }
}
