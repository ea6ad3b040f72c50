public import Differentiation
public import SequenceTensor

/// Examples of one step: what a model reads, and what it is to answer.
public struct SequenceBatch: Sendable {
  /// What a model reads.
  public enum Input: Sendable {
    /// `[sequences, length]` in row-major order, 0 after a sequence; for pairs all first sequences, then
    /// all second ones.
    case tokens([Int32])
    /// `[sequences, length, channels]`, 0 after a sequence.
    case values(Tensor)
  }

  /// What it is to answer.
  public enum Target: Sendable {
    /// The class of each example.
    case classes([Int32])
    /// The token of each position, `[sequences, length]` in row-major order; negative where none is
    /// asked for.
    case tokens([Int32])
    /// Values of the shape that the model gives.
    case values(Tensor)
  }

  /// What a model reads.
  public var input: Input
  /// What it is to answer.
  public var target: Target
  /// The length of each sequence without padding.
  public var lengths: [Int]
  /// The padded length.
  public var length: Int

  /// Creates a batch.
  public init(input: Input, target: Target, lengths: [Int], length: Int) {
    self.input = input
    self.target = target
    self.lengths = lengths
    self.length = length
  }

  /// The lengths as a mask.
  public var mask: SequenceMask { SequenceMask(lengths: lengths, length: length) }

  /// How many answers are asked for: examples, positions or values.
  public var answers: Int {
    switch target {
    case .classes(let classes): classes.count
    case .tokens(let tokens): tokens.count { $0 >= 0 }
    case .values(let values): values.count
    }
  }

  /// Sequences of tokens, padded on the right to a common length.
  ///
  /// - Parameters:
  ///   - rows: the sequences, none of them longer than `length`.
  ///   - length: the common length.
  ///   - filler: what stands behind a sequence.
  static func padded(
    _ rows: [ArraySlice<Int32>], to length: Int, with filler: Int32 = 0
  ) -> [Int32] {
    var tokens: [Int32] = []
    tokens.reserveCapacity(rows.count * length)
    for row in rows {
      require(row.count <= length, "SequenceBatch: \(row.count) tokens for length \(length)")
      tokens.append(contentsOf: row)
      tokens.append(contentsOf: repeatElement(filler, count: length - row.count))
    }
    return tokens
  }
}
