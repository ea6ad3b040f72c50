import SequenceTensor

/// Which bins of a frequency-sparse filter are kept.
///
/// They are the first blocks of each level of a plan's decomposition. The others are zero, and the
/// work on them is skipped.
///
/// A plan takes sequences modulo x^P - i, so bin k of P has the frequency (k + 1/4)/P turns a
/// position (a real filter has the same at its negative). The outermost level splits the bins by the
/// low digits of k and the innermost by the high ones; within a level blocks are in bit-reversed
/// order: the first half of the outermost blocks holds the even k, the first quarter those
/// divisible by four. (After Fu, Kumbong, Nguyen and Ré, "FlashFFTConv", 2023, section 3.3, whose
/// patterns cut the levels of another decomposition.)
///
/// Keeping 1/2ʲ of the outermost blocks is the product modulo x^(P/2ʲ) - c: the filter is made
/// periodic. A band of low frequencies is no such pattern, see `Docs/Design/FrequencySparse.md`.
public struct SparsityPattern: Sendable, Hashable, CustomStringConvertible {
  /// The number of blocks of each level, outermost first; their product is P.
  public let levels: [Int]
  /// How many of them are kept.
  public let kept: [Int]

  /// Creates a pattern.
  ///
  /// - Parameters:
  ///   - levels: the plan's `frequencyLevels`.
  ///   - kept: for each of them from one block to all.
  public init(levels: [Int], kept: [Int]) {
    require(
      levels.count == kept.count && zip(levels, kept).allSatisfy { (1...$0).contains($1) },
      "SparsityPattern: \(kept) blocks kept of levels of \(levels)")
    (self.levels, self.kept) = (levels, kept)
  }

  /// The part of the bins that is kept, at most 1.
  public var keptFraction: Double {
    zip(levels, kept).reduce(1) { $0 * Double($1.1) / Double($1.0) }
  }

  /// Whether bin k, of frequency (k + 1/4)/P turns a position, is kept.
  public func keeps(bin: Int) -> Bool {
    var rest = bin
    return zip(levels, kept).allSatisfy { size, count in
      let bits = size.trailingZeroBitCount
      var (high, block) = rest.quotientAndRemainder(dividingBy: size >> bits)
      for _ in 0..<bits { (high, block) = (high >> 1, 2 * block + high & 1) }
      rest = high
      return block < count
    }
  }

  /// For example `16 of 32 × 128 of 128 blocks kept`.
  public var description: String {
    zip(kept, levels).map { "\($0) of \($1)" }.joined(separator: " × ") + " blocks kept"
  }

  /// The numbers of blocks to choose from: halves of halves, and one.
  static func choices(_ size: Int) -> [Int] {
    Array(sequence(first: size) { $0 > 1 ? $0 / 2 : nil })
  }
}
