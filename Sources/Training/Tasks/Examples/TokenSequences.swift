import SequenceTensor

/// Tokens to read with the token that is asked for at each position.
public struct TokenSequences: SequenceExamples {
  /// One sequence.
  public struct Example: Sendable, Equatable {
    /// What is read.
    public var inputs: [Int32]
    /// As many tokens; negative where none is asked for.
    public var targets: [Int32]

    /// Creates a sequence.
    ///
    /// - Precondition: there are as many targets as inputs.
    public init(inputs: [Int32], targets: [Int32]) {
      require(
        inputs.count == targets.count,
        "TokenSequences: \(inputs.count) inputs and \(targets.count) targets")
      self.inputs = inputs
      self.targets = targets
    }
  }

  /// A name for reports.
  public let name: String
  /// The sequences.
  public let examples: [Example]

  /// Creates a data set.
  public init(_ examples: [Example], name: String) {
    self.examples = examples
    self.name = name
  }

  /// How many sequences there are.
  public var count: Int { examples.count }

  /// The length of a sequence.
  public func length(of index: Int) -> Int { examples[index].inputs.count }

  /// Tokens and targets, padded with 0 and with targets that do not count.
  public func batch(_ indices: [Int], padTo: Int?) -> SequenceBatch {
    let length = paddedLength(indices, padTo: padTo)
    return SequenceBatch(
      input: .tokens(SequenceBatch.padded(indices.map { examples[$0].inputs[...] }, to: length)),
      target: .tokens(
        SequenceBatch.padded(indices.map { examples[$0].targets[...] }, to: length, with: -1)),
      lengths: indices.map(self.length(of:)), length: length)
  }
}

/// Windows of one long sequence of tokens, each position asked for the token that comes next.
public struct TokenWindows: SequenceExamples {
  /// A name for reports.
  public let name: String
  let tokens: [Int32]
  /// Where windows begin and end; a window of n inputs spans n + 1 tokens.
  let windows: [Range<Int>]
  /// A token that is read but not asked for.
  let ignored: Int32?
  /// What the loss is also told by.
  public let unit: AnswerUnit?

  /// Cuts pieces of tokens into windows that share their ends, so that each token but the first of a
  /// piece is asked for once.
  ///
  /// - Parameters:
  ///   - tokens: all tokens.
  ///   - pieces: the ranges that are cut; a window does not cross their ends.
  ///   - length: the inputs of a window; the last one of a piece may have fewer.
  ///   - ignored: a token that is read but not asked for.
  ///   - unit: what the loss is also told by.
  ///   - name: a name for reports.
  init(
    _ tokens: [Int32], pieces: [Range<Int>], length: Int, ignored: Int32? = nil,
    unit: AnswerUnit? = nil, name: String
  ) {
    require(length > 0, "TokenWindows: length must be positive, got \(length)")
    self.tokens = tokens
    self.ignored = ignored
    self.unit = unit
    self.name = name
    windows = pieces.flatMap { piece in
      stride(from: piece.lowerBound, to: piece.upperBound - 1, by: length).map { start in
        start..<min(start + length + 1, piece.upperBound)
      }
    }
  }

  /// How many windows there are.
  public var count: Int { windows.count }

  /// The inputs of a window.
  public func length(of index: Int) -> Int { windows[index].count - 1 }

  /// All tokens of the windows but the last, and all but the first.
  public func batch(_ indices: [Int], padTo: Int?) -> SequenceBatch {
    let length = paddedLength(indices, padTo: padTo)
    let rows = indices.map { tokens[windows[$0]] }
    var targets = SequenceBatch.padded(rows.map { $0.dropFirst() }, to: length, with: -1)
    if let ignored {
      for index in targets.indices where targets[index] == ignored { targets[index] = -1 }
    }
    return SequenceBatch(
      input: .tokens(SequenceBatch.padded(rows.map { $0.dropLast() }, to: length)),
      target: .tokens(targets), lengths: indices.map(self.length(of:)), length: length)
  }
}
