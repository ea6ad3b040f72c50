/// What counts as one token of a text.
public enum TextLevel: String, Sendable, Codable, Equatable, CaseIterable {
  /// One byte of UTF-8, with all 256 in the vocabulary (Long Range Arena's own pipeline).
  case byte
  /// One Unicode scalar, as one element of Python's `str` (`level: char` in S4's pipeline).
  case character
}

/// How the tokens of a text become a sequence of ids.
///
/// As in S4's pipeline, the tokens are cut to `maximumLength` less the room for `<bos>` and
/// `<eos>`, which are then added: a sequence always ends in `<eos>`, however long the text.
public struct TokenizationOptions: Sendable, Codable, Equatable {
  /// Most ids of a sequence, `<bos>` and `<eos>` included (`l_max`); `nil` for no limit.
  public var maximumLength: Int?
  /// Whether sequences start with `<bos>` (`append_bos`).
  public var appendBeginOfSequence: Bool
  /// Whether sequences end in `<eos>` (`append_eos`).
  public var appendEndOfSequence: Bool
  /// What happens to tokens that the vocabulary does not have.
  public var unknownTokens: UnknownTokenPolicy

  /// Creates options; the defaults are S4's but for the limit.
  public init(
    maximumLength: Int? = nil, appendBeginOfSequence: Bool = false,
    appendEndOfSequence: Bool = true, unknownTokens: UnknownTokenPolicy = .unknownToken
  ) {
    self.maximumLength = maximumLength
    self.appendBeginOfSequence = appendBeginOfSequence
    self.appendEndOfSequence = appendEndOfSequence
    self.unknownTokens = unknownTokens
  }

  /// The options of S4's ListOps task, but unknown tokens are errors.
  public static let listOps = TokenizationOptions(maximumLength: 2048, unknownTokens: .reject)
  /// The options of S4's text task.
  public static let text = TokenizationOptions(maximumLength: 4096)

  /// Checks that the limit leaves room for at least one token.
  ///
  /// - Throws: `DataError` whose `place` is the name of the option.
  public func validate() throws(DataError) {
    guard let maximumLength, maximumLength <= specialCount else { return }
    throw DataError(
      at: "tokenization option maximumLength", expected: "at least \(specialCount + 1)",
      got: "\(maximumLength)")
  }

  /// Most tokens of the text itself.
  package var maximumTokens: Int { maximumLength.map { $0 - specialCount } ?? .max }

  private var specialCount: Int {
    (appendBeginOfSequence ? 1 : 0) + (appendEndOfSequence ? 1 : 0)
  }

  /// The ids of `<bos>` and `<eos>` where they are to be added.
  ///
  /// - Throws: `DataError` if the vocabulary lacks one of them.
  package func specials(
    of vocabulary: Vocabulary
  ) throws(DataError) -> (begin: [Int32], end: [Int32]) {
    func ids(_ isWanted: Bool, _ id: Int32?, _ token: String) throws(DataError) -> [Int32] {
      guard isWanted else { return [] }
      guard let id else {
        throw DataError(
          at: "vocabulary", expected: "the special token \(token)", got: "a vocabulary without it")
      }
      return [id]
    }
    return (
      begin: try ids(appendBeginOfSequence, vocabulary.beginOfSequence, "<bos>"),
      end: try ids(appendEndOfSequence, vocabulary.endOfSequence, "<eos>")
    )
  }
}

/// Turns text into ids, by bytes or by characters.
public struct TextTokenizer: Sendable {
  /// What counts as one token.
  public let level: TextLevel
  /// How tokens become a sequence.
  public let options: TokenizationOptions
  /// The ids; for bytes always ``byteVocabulary(options:)``.
  public let vocabulary: Vocabulary

  private let begin: [Int32]
  private let end: [Int32]
  private let asciiIdentifiers: [Int32]
  private let identifiers: [UInt32: Int32]

  /// Creates a tokenizer with a vocabulary that was counted before.
  ///
  /// - Throws: `DataError` if the options leave no room for text, or do not fit the vocabulary.
  public init(
    level: TextLevel, vocabulary: Vocabulary, options: TokenizationOptions = .text
  ) throws(DataError) {
    try options.validate()
    if level == .byte, vocabulary.tokens != Self.byteTokens {
      throw DataError(
        at: "vocabulary", expected: "the 256 tokens <0x00> to <0xFF> of the byte level",
        got: "\(vocabulary.tokens.count) tokens")
    }
    self.level = level
    self.vocabulary = vocabulary
    self.options = options
    (begin, end) = try options.specials(of: vocabulary)
    var identifiers: [UInt32: Int32] = [:]
    if level == .character {
      for (position, token) in vocabulary.tokens.enumerated() {
        guard let scalar = token.unicodeScalars.first, token.unicodeScalars.count == 1 else {
          throw DataError(
            at: "vocabulary entry \(vocabulary.specials.count + position)",
            expected: "a token of one character", got: DataError.quoted(token.utf8))
        }
        identifiers[scalar.value] = Int32(vocabulary.specials.count + position)
      }
    }
    self.identifiers = identifiers
    asciiIdentifiers = (0..<128).map { identifiers[$0] ?? -1 }
  }

  /// The vocabulary of the byte level: `<0x00>` to `<0xFF>` after the special tokens.
  public static func byteVocabulary(options: TokenizationOptions) throws(DataError) -> Vocabulary {
    try Vocabulary(
      tokens: byteTokens, hasBeginOfSequence: options.appendBeginOfSequence,
      hasEndOfSequence: options.appendEndOfSequence)
  }

  /// The vocabulary of the characters that are kept of some texts.
  ///
  /// Only what remains of a text after cutting is counted, as in S4's pipeline.
  ///
  /// - Parameters:
  ///   - texts: valid UTF-8.
  ///   - minimumFrequency: rarer characters are left out (S4's text task: 15).
  ///   - options: which special tokens there are, and where texts are cut.
  public static func characterVocabulary(
    of texts: some Sequence<[UInt8]>, minimumFrequency: Int = 1, options: TokenizationOptions
  ) throws(DataError) -> Vocabulary {
    var asciiCounts = [Int](repeating: 0, count: 128)
    var counts: [UInt32: Int] = [:]
    for text in texts {
      forEachScalar(of: text, limit: options.maximumTokens) { scalar, _ in
        if scalar < 128 { asciiCounts[Int(scalar)] += 1 } else { counts[scalar, default: 0] += 1 }
      }
    }
    for (scalar, count) in asciiCounts.enumerated() where count > 0 {
      counts[UInt32(scalar)] = count
    }
    let named = counts.compactMap { value, count in
      Unicode.Scalar(value).map { (token: String($0), count: count) }
    }
    return try Vocabulary(
      counts: named, minimumFrequency: minimumFrequency,
      hasBeginOfSequence: options.appendBeginOfSequence,
      hasEndOfSequence: options.appendEndOfSequence)
  }

  /// The ids of a text, cut and with its special tokens.
  ///
  /// - Parameters:
  ///   - text: valid UTF-8.
  ///   - place: where the text stands, for the message.
  /// - Throws: `DataError` for an unknown character if the options reject those.
  public func encode(
    _ text: [UInt8], at place: @autoclosure () -> String = "text"
  ) throws(DataError) -> [Int32] {
    var ids = begin
    switch level {
    case .byte:
      let first = Int32(vocabulary.specials.count)
      ids.append(contentsOf: text.prefix(options.maximumTokens).lazy.map { first + Int32($0) })
    case .character:
      ids.reserveCapacity(min(text.count, options.maximumTokens) + 2)
      var rejected: (scalar: UInt32, index: Int)?
      Self.forEachScalar(of: text, limit: options.maximumTokens) { scalar, index in
        let id = scalar < 128 ? asciiIdentifiers[Int(scalar)] : identifiers[scalar] ?? -1
        if id < 0, rejected == nil { rejected = (scalar, index) }
        ids.append(id < 0 ? Vocabulary.unknown : id)
      }
      if let rejected, options.unknownTokens == .reject {
        let token = Unicode.Scalar(rejected.scalar).map { String($0) } ?? ""
        throw DataError(
          at: place(), expected: "characters of the vocabulary",
          got: "\(DataError.quoted(token.utf8)) as character \(rejected.index + 1)")
      }
    }
    return ids + end
  }

  /// The ids of a string; see ``encode(_:at:)``.
  public func encode(_ text: String) throws(DataError) -> [Int32] {
    try encode(Array(text.utf8))
  }

  /// The text of ids; special tokens appear by their names, invalid UTF-8 as U+FFFD.
  ///
  /// - Precondition: every id is one of the vocabulary.
  public func decode(_ ids: some Sequence<Int32>) -> String {
    var bytes: [UInt8] = []
    for id in ids {
      let byte = Int(id) - vocabulary.specials.count
      if level == .byte, 0..<256 ~= byte {
        bytes.append(UInt8(byte))
      } else {
        bytes.append(contentsOf: vocabulary[id].utf8)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let byteTokens = (0..<256).map { byte in
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
  }

  /// Calls `body` with the first scalars of valid UTF-8 and their positions.
  private static func forEachScalar(
    of text: [UInt8], limit: Int, _ body: (_ scalar: UInt32, _ index: Int) -> Void
  ) {
    var position = 0
    var index = 0
    while position < text.count && index < limit {
      let lead = text[position]
      let count = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
      var scalar = count == 1 ? UInt32(lead) : UInt32(lead & (0x7F >> UInt8(count)))
      for byte in text[position..<min(text.count, position + count)].dropFirst() {
        scalar = scalar << 6 | UInt32(byte & 0x3F)
      }
      body(scalar, index)
      position += count
      index += 1
    }
  }
}
