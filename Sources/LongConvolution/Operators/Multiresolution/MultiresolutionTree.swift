import SequenceTensor

/// Which rows of the weights belong to which level of a wavelet tree.
///
/// Row 0 is the weight of the coarsest approximation a_J, the last row that of the input. Of the rows
/// between, a level has those of its detail coefficients: row `details.lowerBound + t` is the weight
/// of b_j at t·2^j positions ago.
public struct MultiresolutionTree: Sendable, Hashable {
  /// One level: a_{j-1} to a_j and b_j.
  public struct Level: Sendable, Hashable {
    /// 2^(j-1), the distance of the taps.
    public let dilation: Int
    /// The rows of the weights of b_j.
    public let details: Range<Int>

    /// 2^j, the distance of the coefficients of b_j that count.
    var spacing: Int { 2 * dilation }
  }

  /// Deeper trees would reach further back than positions can be counted.
  static let maximumDepth = 40

  /// The levels from the finest, j = 1, to the coarsest.
  public let levels: [Level]
  /// m + 1, the number of rows of the weights.
  public let weightCount: Int

  /// Lays out a tree.
  ///
  /// A fading tree has m = J + 1 coefficients, and the authors count its rows from the coarsest level
  /// on. In a uniform tree of m the coarsest level has one detail coefficient, each finer one
  /// 2(n - 1) + K if the one before had n, and the last that fits what is left of m; rows beyond
  /// those of the finest level are never read.
  ///
  /// - Precondition: sizes are positive, the depth is at most 40, and a uniform tree has a memory size.
  public init(selection: TreeSelection, depth: Int, taps: Int, memorySize: Int? = nil) {
    let coefficients = selection == .fading ? depth + 1 : memorySize ?? 0
    require(
      depth >= 0 && depth <= Self.maximumDepth && taps > 0 && coefficients > 0,
      "MultiresolutionTree: \(selection), depth \(depth) (none is -1), \(taps) taps,"
        + " memory \(coefficients)")
    weightCount = coefficients + 1
    switch selection {
    case .fading:
      levels = (0..<depth).map { Level(dilation: 1 << $0, details: depth - $0..<depth - $0 + 1) }
    case .uniform:
      var (row, width) = (1, 1)
      var coarsestFirst: [Level] = []
      for j in (0..<depth).reversed() {
        let count = max(0, min(width, coefficients - row))
        coarsestFirst.append(Level(dilation: 1 << j, details: row..<row + count))
        row += count
        width = 2 * (count - 1) + taps
      }
      levels = coarsestFirst.reversed()
    }
  }
}
