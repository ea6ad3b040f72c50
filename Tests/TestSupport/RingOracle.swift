package import SequenceTensor
package import SpectralCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Filters that are sparse in frequency, in double precision: 2P real values modulo x^P - i, their P
/// bins at (k + 1/4)/P turns a position, and back.
package struct RingOracle {
  package let pattern: SparsityPattern
  private let points: Int

  package init(_ pattern: SparsityPattern) {
    self.pattern = pattern
    points = pattern.levels.reduce(1, *)
  }

  private typealias Complex = SIMD2<Double>

  private func times(_ a: Complex, _ b: Complex) -> Complex {
    [a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x]
  }

  private func root(_ turns: Double) -> Complex {
    [cos(2 * Double.pi * turns), sin(2 * Double.pi * turns)]
  }

  /// Σ z[n]·exp(±2πi·kn/N) by factors of N.
  private func transform(_ z: [Complex], _ sign: Double) -> [Complex] {
    let count = z.count
    guard let factor = (2...max(2, count)).first(where: { count % $0 == 0 }) else { return z }
    let parts = (0..<factor).map { r in
      transform(stride(from: r, to: count, by: factor).map { z[$0] }, sign)
    }
    return (0..<count).map { k in
      parts.indices.reduce(Complex(0, 0)) { sum, r in
        sum
          + times(
            root(sign * Double(r * k % count) / Double(count)), parts[r][k % (count / factor)])
      }
    }
  }

  private func bins(_ values: [Double]) -> [Complex] {
    let z = (0..<points).map { n in
      times([values[n], values[n + points]], root(Double(n) / Double(4 * points)))
    }
    return transform(z, 1)
  }

  /// Which bins are kept, by the definition: block b of a level of 2^m (or an odd number times that)
  /// holds the digit of k that is b with its bits reversed.
  package func isKept(_ bin: Int) -> Bool {
    var rest = bin
    for (size, kept) in zip(pattern.levels, pattern.kept) {
      var odd = size
      while odd % 2 == 0 { odd /= 2 }
      let digit = rest % size
      var (place, weight) = (digit % odd * (size / odd), size / odd / 2)
      var bits = digit / odd
      while weight > 0 {
        place += bits % 2 * weight
        (bits, weight) = (bits / 2, weight / 2)
      }
      if place >= kept { return false }
      rest /= size
    }
    return true
  }

  /// The part of 2P values that the pattern keeps.
  package func kept(_ values: [Double]) -> [Double] {
    let masked = bins(values).enumerated().map { isKept($0.offset) ? $0.element : [0, 0] }
    let z = transform(masked, -1).enumerated().map { n, value in
      times(value, root(-Double(n) / Double(4 * points))) / Double(points)
    }
    return z.map(\.x) + z.map(\.y)
  }

  /// ‖dropped‖ / ‖all‖ of the bins of columns of 2P values.
  package func error(_ columns: [[Double]]) -> Double {
    var (dropped, all) = (0.0, 0.0)
    for column in columns {
      for (k, bin) in bins(column).enumerated() {
        let energy = bin.x * bin.x + bin.y * bin.y
        all += energy
        if !isKept(k) { dropped += energy }
      }
    }
    return (dropped / all).squareRoot()
  }

  /// The places of the taps of a problem in the ring, with the sign of each.
  package func place(_ lag: Int) -> (index: Int, sign: Double) {
    let turns = Int((Double(lag) / Double(2 * points)).rounded(.down))
    return (lag - turns * 2 * points, turns % 2 == 0 ? 1 : -1)
  }

  /// Columns of 2P values from the taps of a filter.
  package func columns(_ filter: Tensor, _ problem: ConvolutionProblem) -> [[Double]] {
    (0..<filter.shape[1]).map { c in
      var ring = [Double](repeating: 0, count: 2 * points)
      for tap in problem.usedTaps {
        let (index, sign) = place(tap - problem.centre)
        ring[index] += sign * Double(filter[tap, c])
      }
      return ring
    }
  }

  /// The two-sided filter of 2L - 1 taps that the kept bins of a filter are.
  package func effectiveTaps(_ filter: Tensor, _ problem: ConvolutionProblem) -> Tensor {
    let (length, channels) = (problem.length, filter.shape[1])
    var taps = Tensor(zeros: [2 * length - 1, channels])
    for (c, column) in columns(filter, problem).enumerated() {
      let column = kept(column)
      for lag in 1 - length..<length {
        let (index, sign) = place(lag)
        taps[lag + length - 1, c] = Float(sign * column[index])
      }
    }
    return taps
  }

  /// The gradient of a filter from that of its effective taps: masks are projections, so they are
  /// their own adjoints.
  package func filterGradient(
    _ effective: [Double], _ problem: ConvolutionProblem, channels: Int
  ) -> [Double] {
    var gradient = [Double](repeating: 0, count: problem.taps * channels)
    for c in 0..<channels {
      var ring = [Double](repeating: 0, count: 2 * points)
      for lag in 1 - problem.length..<problem.length {
        let (index, sign) = place(lag)
        ring[index] += sign * effective[(lag + problem.length - 1) * channels + c]
      }
      ring = kept(ring)
      for tap in problem.usedTaps {
        let (index, sign) = place(tap - problem.centre)
        gradient[tap * channels + c] = sign * ring[index]
      }
    }
    return gradient
  }
}
