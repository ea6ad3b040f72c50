import SequenceTensor

/// Sequences of tokens with a class each.
public struct LabeledTokens: SequenceExamples {
  /// A name for reports.
  public let name: String
  /// The sequences.
  public let examples: [SequenceExample]

  /// Creates a data set.
  public init(_ examples: [SequenceExample], name: String) {
    self.examples = examples
    self.name = name
  }

  /// How many sequences there are.
  public var count: Int { examples.count }

  /// The length of a sequence.
  public func length(of index: Int) -> Int { examples[index].tokens.count }

  /// The tokens, padded with 0.
  public func batch(_ indices: [Int], padTo: Int?) -> SequenceBatch {
    let length = paddedLength(indices, padTo: padTo)
    return SequenceBatch(
      input: .tokens(SequenceBatch.padded(indices.map { examples[$0].tokens[...] }, to: length)),
      target: .classes(indices.map { Int32(examples[$0].label) }),
      lengths: indices.map(self.length(of:)), length: length)
  }
}

/// Pairs of sequences of tokens with a class each.
public struct TokenPairs: SequenceExamples {
  /// One pair.
  public struct Pair: Sendable, Equatable {
    /// The first sequence.
    public var first: [Int32]
    /// The second sequence.
    public var second: [Int32]
    /// The class.
    public var label: Int

    /// Creates a pair.
    public init(first: [Int32], second: [Int32], label: Int) {
      self.first = first
      self.second = second
      self.label = label
    }
  }

  /// A name for reports.
  public let name: String
  /// The pairs.
  public let pairs: [Pair]

  /// Creates a data set.
  public init(_ pairs: [Pair], name: String) {
    self.pairs = pairs
    self.name = name
  }

  /// How many pairs there are.
  public var count: Int { pairs.count }

  /// The length of the longer sequence.
  public func length(of index: Int) -> Int {
    max(pairs[index].first.count, pairs[index].second.count)
  }

  /// All first sequences, then all second ones, padded with 0 to one length.
  public func batch(_ indices: [Int], padTo: Int?) -> SequenceBatch {
    let length = paddedLength(indices, padTo: padTo)
    let sequences = indices.map { pairs[$0].first[...] } + indices.map { pairs[$0].second[...] }
    return SequenceBatch(
      input: .tokens(SequenceBatch.padded(sequences, to: length)),
      target: .classes(indices.map { Int32(pairs[$0].label) }),
      lengths: sequences.map(\.count), length: length)
  }
}
