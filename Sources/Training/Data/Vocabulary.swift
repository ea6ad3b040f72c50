/// What happens to a token that a vocabulary does not have.
public enum UnknownTokenPolicy: String, Sendable, Codable, Equatable {
  /// It becomes `<unk>`, as with torchtext's default index.
  case unknownToken
  /// It is an error that names the token and its place.
  case reject
}

/// The tokens that a model knows; the position of a token is its id.
///
/// Special tokens come first: `<pad>` = 0, `<unk>` = 1, then `<bos>` and `<eos>` where they are
/// used; after them the tokens of the data by descending frequency. Equal frequencies are ordered
/// by Unicode scalars (the same as by UTF-8 bytes), as torchtext's `build_vocab_from_iterator`
/// orders them in its later versions. Tokens are compared scalar by scalar, never by canonical
/// equivalence as Swift's strings are, since a precomposed letter is another token than a letter
/// with a combining accent.
public struct Vocabulary: Sendable, Equatable {
  /// The special tokens, of ids `0..<specials.count`.
  public let specials: [String]
  /// The tokens of the data, of ids `specials.count..<count`.
  public let tokens: [String]

  private let identifiers: [[UInt8]: Int32]

  /// The id of `<pad>`, with which batches are filled up.
  public static let padding: Int32 = 0
  /// The id of `<unk>`.
  public static let unknown: Int32 = 1

  /// Number of ids, special tokens included.
  public var count: Int { specials.count + tokens.count }

  /// The id of `<bos>`, the begin of a sequence, if there is one.
  public var beginOfSequence: Int32? {
    specials.firstIndex(of: "<bos>").map { Int32($0) }
  }

  /// The id of `<eos>`, the end of a sequence, if there is one.
  public var endOfSequence: Int32? {
    specials.firstIndex(of: "<eos>").map { Int32($0) }
  }

  /// Creates a vocabulary with the tokens in the given order.
  ///
  /// - Throws: `DataError` if a token appears twice or is also a special token.
  public init(
    tokens: [String], hasBeginOfSequence: Bool = false, hasEndOfSequence: Bool = true
  ) throws(DataError) {
    specials =
      ["<pad>", "<unk>"] + (hasBeginOfSequence ? ["<bos>"] : [])
      + (hasEndOfSequence ? ["<eos>"] : [])
    self.tokens = tokens
    var identifiers: [[UInt8]: Int32] = [:]
    for (id, token) in (specials + tokens).enumerated() {
      guard identifiers.updateValue(Int32(id), forKey: Array(token.utf8)) == nil else {
        throw DataError(
          at: "vocabulary entry \(id)", expected: "a token that appears once",
          got: "\(DataError.quoted(token.utf8)) again")
      }
    }
    self.identifiers = identifiers
  }

  /// Creates the vocabulary of counted tokens.
  ///
  /// - Parameters:
  ///   - counts: tokens with their frequencies, in any order; each token once.
  ///   - minimumFrequency: rarer tokens are left out (torchtext's `min_freq`).
  ///   - hasBeginOfSequence: whether `<bos>` is among the special tokens.
  ///   - hasEndOfSequence: whether `<eos>` is among the special tokens.
  /// - Throws: `DataError` if a token appears twice or is also a special token.
  public init(
    counts: some Sequence<(token: String, count: Int)>, minimumFrequency: Int = 1,
    hasBeginOfSequence: Bool = false, hasEndOfSequence: Bool = true
  ) throws(DataError) {
    let sorted = counts.filter { $0.count >= minimumFrequency }.sorted { left, right in
      left.count != right.count
        ? left.count > right.count
        : left.token.utf8.lexicographicallyPrecedes(right.token.utf8)
    }
    try self.init(
      tokens: sorted.map(\.token), hasBeginOfSequence: hasBeginOfSequence,
      hasEndOfSequence: hasEndOfSequence)
  }

  /// The id of a token, special ones included, or `nil`.
  public func identifier(of token: String) -> Int32? { identifiers[Array(token.utf8)] }

  /// The token of an id.
  ///
  /// - Precondition: `0 <= id < count`.
  public subscript(id: Int32) -> String {
    precondition(
      (0..<Int32(count)).contains(id), "Vocabulary: id must be in 0..<\(count), got \(id)")
    return Int(id) < specials.count ? specials[Int(id)] : tokens[Int(id) - specials.count]
  }

  /// The id of a token under a policy for unknown ones.
  ///
  /// - Throws: `DataError` at `place` for an unknown token if the policy is to reject.
  public func identifier(
    of token: String, unknownTokens: UnknownTokenPolicy, at place: @autoclosure () -> String
  ) throws(DataError) -> Int32 {
    if let id = identifier(of: token) { return id }
    switch unknownTokens {
    case .unknownToken: return Self.unknown
    case .reject:
      throw DataError(
        at: place(), expected: "a token of the vocabulary", got: DataError.quoted(token.utf8))
    }
  }

  /// The ids of tokens.
  ///
  /// - Parameters:
  ///   - tokens: the tokens.
  ///   - unknownTokens: what to do with a token that is not in the vocabulary.
  ///   - place: where the tokens stand, for the message.
  /// - Throws: `DataError` for an unknown token if the policy is to reject.
  public func encode(
    _ tokens: some Sequence<String>, unknownTokens: UnknownTokenPolicy = .unknownToken,
    at place: String = "text"
  ) throws(DataError) -> [Int32] {
    var ids: [Int32] = []
    for token in tokens {
      ids.append(try identifier(of: token, unknownTokens: unknownTokens, at: place))
    }
    return ids
  }

  /// The tokens of ids.
  ///
  /// - Precondition: every id is in `0..<count`.
  public func decode(_ ids: some Sequence<Int32>) -> [String] { ids.map { self[$0] } }

  /// Whether both have the same tokens, scalar by scalar, under the same ids.
  public static func == (left: Vocabulary, right: Vocabulary) -> Bool {
    left.specials == right.specials && left.identifiers == right.identifiers
  }
}

extension Vocabulary: Codable {
  private enum CodingKeys: String, CodingKey { case specials, tokens }

  /// Reads `{"specials": ["<pad>", "<unk>", …], "tokens": […]}`.
  ///
  /// - Throws: `DecodingError` if the special tokens are others, or a token appears twice.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let specials = try container.decode([String].self, forKey: .specials)
    do {
      try self.init(
        tokens: container.decode([String].self, forKey: .tokens),
        hasBeginOfSequence: specials.contains("<bos>"),
        hasEndOfSequence: specials.contains("<eos>"))
    } catch let error as DataError {
      throw DecodingError.dataCorruptedError(
        forKey: .tokens, in: container, debugDescription: error.description)
    }
    guard specials == self.specials else {
      throw DecodingError.dataCorruptedError(
        forKey: .specials, in: container,
        debugDescription: "expected \(self.specials), got \(specials)")
    }
  }

  /// Writes the special tokens and the tokens, each in the order of the ids.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(specials, forKey: .specials)
    try container.encode(tokens, forKey: .tokens)
  }
}
