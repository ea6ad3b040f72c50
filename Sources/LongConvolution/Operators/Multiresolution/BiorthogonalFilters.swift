/// Symmetric biorthogonal filters: Cohen, Daubechies and Feauveau, "Biorthogonal bases of compactly
/// supported wavelets", 1992, as Daubechies, "Ten lectures on wavelets", 1992, section 8.3.4.
enum BiorthogonalFilters {
  /// What the two low-pass filters of `biorN.M` are made of.
  ///
  /// Their product is ((1 + z)/2)^(2K)·Q(y) with Q(y) = Σ_k C(K - 1 + k, k)·y^k, k < K, and
  /// y = (2 - z - 1/z)/4: each takes some of the zeros at -1 and some of the roots of Q.
  private struct Split {
    /// How many zeros at -1 the synthesis takes.
    var synthesisZeros: Int
    /// How many the analysis takes.
    var analysisZeros: Int
    /// Which roots of Q the synthesis takes, in the order of imaginary parts and each pair counted
    /// once; the analysis takes the others.
    var synthesisRoots: Set<Int> = []
  }

  private static let splits: [String: Split] = {
    var splits = [
      // Of degrees as equal as they can be: 7 and 9 taps, 11 and 9, 11 and 17.
      "4.4": Split(synthesisZeros: 4, analysisZeros: 4, synthesisRoots: [0]),
      "5.5": Split(synthesisZeros: 6, analysisZeros: 4, synthesisRoots: [0]),
      "6.8": Split(synthesisZeros: 6, analysisZeros: 8, synthesisRoots: [1]),
    ]
    // The synthesis is a spline.
    for (n, orders) in [(1, [1, 3, 5]), (2, [2, 4, 6, 8]), (3, [1, 3, 5, 7, 9])] {
      for m in orders { splits["\(n).\(m)"] = Split(synthesisZeros: n, analysisZeros: m) }
    }
    return splits
  }()

  /// PyWavelets' `dec_lo` and `rec_lo` of a `bior` or an `rbio`; `nil` if there is none of that name.
  static func named(_ name: String) -> (analysis: [Double], synthesis: [Double])? {
    let isReversed = name.hasPrefix("rbio")
    guard isReversed || name.hasPrefix("bior"), let split = splits[String(name.dropFirst(4))] else {
      return nil
    }
    let moments = (split.synthesisZeros + split.analysisZeros) / 2
    var (synthesis, analysis) = (zeros(split.synthesisZeros), zeros(split.analysisZeros))
    for (index, y) in DaubechiesFilter.roots(moments: moments).enumerated() {
      let part = factor(y)
      if split.synthesisRoots.contains(index) {
        synthesis = DaubechiesFilter.product(synthesis, part)
      } else {
        analysis = DaubechiesFilter.product(analysis, part)
      }
    }
    // Both of one even length, centred alike, their later halves a tap shorter if odd.
    let longest = max(synthesis.count, analysis.count)
    let length = longest + longest % 2
    func centred(_ filter: [Double], shift: Int) -> [Double] {
      let scale = 2.0.squareRoot() / filter.reduce(0, +)
      let before = (longest - filter.count) / 2 + shift
      return (0..<length).map { i in
        filter.indices.contains(i - before) ? filter[i - before] * scale : 0
      }
    }
    // The analysis runs backwards in time: an odd filter's spare zero comes first.
    let pair = (centred(analysis, shift: longest % 2), centred(synthesis, shift: 0))
    return isReversed ? (pair.1.reversed(), pair.0.reversed()) : pair
  }

  private static func zeros(_ count: Int) -> [Double] {
    (0..<count).reduce([1.0]) { filter, _ in DaubechiesFilter.product(filter, [1, 1]) }
  }

  /// z·(y - y₀) up to a factor, or that of a conjugate pair.
  private static func factor(_ y: SIMD2<Double>) -> [Double] {
    let (a, b) = (4 * y.x - 2, 4 * y.y)
    // (1 + (a + ib)·z + z²)·(1 + (a - ib)·z + z²)
    return abs(y.y) > 1e-9 ? [1, 2 * a, 2 + a * a + b * b, 2 * a, 1] : [1, a, 1]
  }
}
