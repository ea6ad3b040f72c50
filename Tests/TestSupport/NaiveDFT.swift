#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The real transform of one contiguous grid by its definition, in double precision, unscaled.
package struct NaiveDFT {
  package let sizes: [Int]
  package let count: Int
  private let modes: [Int]
  private let roots: [(cosine: Double, sine: Double)]

  package init(_ sizes: [Int]) {
    self.sizes = sizes
    count = sizes.reduce(1, *)
    modes = sizes.dropLast() + [sizes[sizes.count - 1] / 2 + 1]
    let count = count
    roots = (0..<count).map {
      let angle = 2 * Double.pi * Double($0) / Double(count)
      return (cos(angle), sin(angle))
    }
  }

  package var modeCount: Int { modes.reduce(1, *) }

  private static func indices(_ flat: Int, _ sizes: [Int]) -> [Int] {
    var rest = flat
    return sizes.reversed().map { size in
      defer { rest /= size }
      return rest % size
    }.reversed()
  }

  /// Calls `body(point, mode, root, doubled)` with exp(2πi·k·n/N) and whether the mode's conjugate
  /// is a mode that is not kept.
  private func forEachTerm(_ body: (Int, Int, (cosine: Double, sine: Double), Bool) -> Void) {
    let points = (0..<count).map { Self.indices($0, sizes) }
    for mode in 0..<modeCount {
      let k = Self.indices(mode, modes)
      let last = k[k.count - 1]
      let doubled = last != 0 && 2 * last != sizes[sizes.count - 1]
      let steps = zip(k, sizes).map { $0 * (count / $1) }
      for (point, n) in points.enumerated() {
        let turn = zip(steps, n).reduce(0) { ($0 + $1.0 * $1.1) % count }
        body(point, mode, roots[turn], doubled)
      }
    }
  }

  /// Σ x[n]·exp(-2πi·k·n/N), interleaved.
  package func forward(_ x: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: 2 * modeCount)
    forEachTerm { n, k, root, _ in
      result[2 * k] += x[n] * root.cosine
      result[2 * k + 1] -= x[n] * root.sine
    }
    return result
  }

  /// The real part of Σ X[k]·exp(2πi·k·n/N) over all modes, those not kept being conjugates.
  package func inverse(_ spectrum: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    forEachTerm { n, k, root, doubled in
      let term = spectrum[2 * k] * root.cosine - spectrum[2 * k + 1] * root.sine
      result[n] += doubled ? 2 * term : term
    }
    return result
  }
}

/// ‖a - b‖₂ / ‖b‖₂ for numbers in double precision.
package func relativeError(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count, "relativeError: \(a.count) and \(b.count) elements")
  let difference = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  let norm = b.reduce(0) { $0 + $1 * $1 }
  return norm == 0 ? difference.squareRoot() : (difference / norm).squareRoot()
}
