import LongConvolution
public import SequenceTensor

/// How well filters can be made by linear recurrences: their Hankel singular values, and what no
/// recurrence of an order can be better than.
///
/// A recurrence of order n has a Hankel matrix (h[i + j + 1]) of rank n at most, so that the n + 1st
/// singular value of the filter's is a lower bound for the spectral norm of the error's, and with it
/// for the sum of the magnitudes of the error's taps (Adamjan, Arov and Krein, 1971; it is reached
/// in the Hankel norm). The first tap is no part of the matrix: every recurrence may have it.
///
/// For the relative L2 error of the taps the bound is by windows. In a Hankel matrix of m rows of
/// 2m - 1 taps the error of a tap comes m times at most, and the squares of its entries sum to at
/// least those of the singular values after the n-th (Eckart and Young); the taps are cut into such
/// windows of one size, the sums added, and the best of several sizes taken.
public struct HankelAnalysis: Sendable {
  /// The largest singular values of the Hankel matrix of the taps after the first, with zeros after
  /// the last, descending.
  public let singularValues: [Double]
  /// Entry n is a lower bound of the relative L2 error over the taps of any recurrence of order n,
  /// first tap exact: up to the number of singular values, falling.
  public let relativeErrorBounds: [Double]
  /// ‖h‖₂.
  public let norm: Double

  /// Analyses one filter.
  ///
  /// - Parameters:
  ///   - taps: h[0], h[1], ….
  ///   - count: how many singular values, and up to which order.
  ///   - method: how they are found.
  /// - Throws: `DistillationError` for taps that are no numbers or not summable, or fewer than 2,
  ///   or values that were not found.
  /// - Complexity: randomised, O(count·L log L) for each of a few products, and memory for some
  ///   hundred vectors of L values.
  public init(taps: [Double], count: Int = 64, method: HankelMethod = .automatic)
    throws(DistillationError)
  {
    try FilterCheck.check(taps, place: "HankelAnalysis")
    guard count > 0 else {
      throw DistillationError(
        .size, place: "HankelAnalysis", expected: "a positive number of values", got: "\(count)")
    }
    let late = taps.dropFirst()
    let count = min(count, late.count)
    norm = taps.euclideanNorm
    singularValues = try HankelSpectrum(.padded(late), count: count, method: method)
      .values.map { abs($0) }
    relativeErrorBounds = try Self.bounds(late, orders: count, norm: norm)
  }

  /// Analyses every channel of a bank of taps, `[length, channels]`.
  public static func bank(_ taps: Tensor, count: Int = 64, method: HankelMethod = .automatic)
    throws(DistillationError) -> [HankelAnalysis]
  {
    try FilterBank.mapped(taps) { taps, _ throws(DistillationError) in
      try HankelAnalysis(taps: taps, count: count, method: method)
    }
  }

  /// The least order whose lower bounds allow a relative L2 error: no recurrence of a lower order
  /// reaches it.
  ///
  /// - Returns: `nil` if that is more than the number of singular values.
  public func leastOrder(forRelativeError error: Double) -> Int? {
    relativeErrorBounds.firstIndex { $0 <= error }
  }

  /// The lower bound of Σ|h[t] - ĥ[t]| over all recurrences ĥ of an order: the singular value after
  /// as many.
  ///
  /// - Returns: `nil` if so many values are not known.
  public func absoluteErrorBound(order: Int) -> Double? {
    singularValues.indices.contains(order) ? singularValues[order] : nil
  }

  private static let largestWindow = 256

  /// The lower bounds of ‖h - ĥ‖₂ over a norm, for orders 0 to `orders`.
  ///
  /// - Parameter taps: those after the first, or after a head.
  static func bounds(_ taps: ArraySlice<Double>, orders: Int, norm: Double)
    throws(DistillationError) -> [Double]
  {
    var best = [Double](repeating: 0, count: orders + 1)
    var rows = 2
    while rows <= largestWindow, 2 * rows - 1 <= taps.count {
      var sums = best.map { _ in 0.0 }
      for start in stride(from: 0, to: taps.count - (2 * rows - 2), by: 2 * rows - 1) {
        let window = HankelMatrix.window(taps.dropFirst(start), size: rows)
        let values = try LinearAlgebra.symmetricEigen(window.dense, wantsVectors: false).values
          .map { $0 * $0 }.sorted()
        // Sums from the smallest: a difference from the whole would be all rounding.
        var tails = [0.0]
        for value in values { tails.append((tails.last ?? 0) + value) }
        for order in 0..<min(sums.count, rows) { sums[order] += tails[rows - order] }
      }
      for order in best.indices { best[order] = max(best[order], sums[order] / Double(rows)) }
      rows *= 2
    }
    // A lower order is no better, whatever the windows say.
    for order in best.indices.dropLast().reversed() {
      best[order] = max(best[order], best[order + 1])
    }
    return best.map { norm > 0 ? $0.squareRoot() / norm : 0 }
  }
}
