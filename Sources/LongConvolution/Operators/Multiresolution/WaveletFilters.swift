/// Filters with N vanishing moments and 2N taps by spectral factorisation.
enum DaubechiesFilter {
  /// The scaling filter √2·((1 + z)/2)^N·Π(z - z_i) of Daubechies, "Ten lectures", section 6.1,
  /// normalised to the sum √2.
  ///
  /// The z_i come from the N - 1 roots y of Σ_k C(N - 1 + k, k)·y^k by z + 1/z = 2 - 4y.
  ///
  /// - Parameters:
  ///   - moments: N.
  ///   - outside: bit i says that of the i-th root y, in the order of imaginary parts and each
  ///     conjugate pair counted once, the z outside the unit circle is taken; 0 gives the filter
  ///     whose energy comes first.
  static func taps(moments: Int, outside: Int) -> [Double] {
    var filter = [1.0]
    for _ in 0..<moments { filter = product(filter, [1, 1]) }
    for (index, y) in roots(moments: moments).enumerated() {
      let half = SIMD2(1, 0) - 2 * y
      let root = PolynomialRoots.squareRoot(PolynomialRoots.product(half, half) - SIMD2(1, 0))
      var z = half + root
      if PolynomialRoots.squaredMagnitude(z) > 1 { z = half - root }
      if outside >> index & 1 == 1 {
        z = PolynomialRoots.quotient(SIMD2(1, 0), z)
      }
      filter = product(
        filter,
        abs(y.y) > 1e-9 ? [1, -2 * z.x, PolynomialRoots.squaredMagnitude(z)] : [1, -z.x])
    }
    let scale = 2.0.squareRoot() / filter.reduce(0, +)
    return filter.map { $0 * scale }
  }

  /// The roots of Σ_k C(N - 1 + k, k)·y^k, k < N, by their imaginary parts, of a conjugate pair the
  /// one above the real axis; a real root has an imaginary part of rounding.
  static func roots(moments: Int) -> [SIMD2<Double>] {
    var coefficients = [1.0]
    for k in 1..<max(1, moments) {
      coefficients.append(coefficients[k - 1] * Double(moments - 1 + k) / Double(k))
    }
    return PolynomialRoots.of(coefficients).filter { $0.y > -1e-9 }.sorted { $0.y < $1.y }
  }

  static func product(_ a: [Double], _ b: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: a.count + b.count - 1)
    for (i, x) in a.enumerated() {
      for (j, y) in b.enumerated() { result[i + j] += x * y }
    }
    return result
  }
}

/// All roots of a polynomial with real coefficients; complex numbers are pairs (re, im).
enum PolynomialRoots {
  /// The roots of Σ_k c[k]·y^k by the simultaneous iteration of Weierstrass (Durand and Kerner).
  static func of(_ coefficients: [Double]) -> [SIMD2<Double>] {
    guard let leading = coefficients.last, coefficients.count > 1 else { return [] }
    let monic = coefficients.map { $0 / leading }
    let degree = coefficients.count - 1
    // Powers of a number that is neither real nor a root of unity, of about the roots' size.
    var start = SIMD2(1.0, 0)
    var roots: [SIMD2<Double>] = (0..<degree).map { _ in
      start = product(start, SIMD2(0.4, 0.9))
      return start
    }
    for _ in 0..<1000 {
      var largest = 0.0
      for i in roots.indices {
        let value = monic.reversed().reduce(SIMD2(0, 0)) {
          product($0, roots[i]) + SIMD2($1, 0)
        }
        let others = roots.indices.reduce(SIMD2(1.0, 0)) {
          $1 == i ? $0 : product($0, roots[i] - roots[$1])
        }
        let step = quotient(value, others)
        roots[i] -= step
        largest = max(largest, squaredMagnitude(step))
      }
      if largest < 1e-32 { break }
    }
    return roots
  }

  static func product(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
  }

  static func squaredMagnitude(_ a: SIMD2<Double>) -> Double { a.x * a.x + a.y * a.y }

  static func quotient(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> SIMD2<Double> {
    product(a, SIMD2(b.x, -b.y)) / squaredMagnitude(b)
  }

  static func squareRoot(_ a: SIMD2<Double>) -> SIMD2<Double> {
    let magnitude = squaredMagnitude(a).squareRoot()
    let real = max(0, (magnitude + a.x) / 2).squareRoot()
    let imaginary = max(0, (magnitude - a.x) / 2).squareRoot()
    return SIMD2(real, a.y < 0 ? -imaginary : imaginary)
  }
}

/// Which roots make the most symmetric filters.
enum Symlets {
  /// For sym2, sym3, …: bit i for the i-th root as in `DaubechiesFilter.taps`.
  ///
  /// They reproduce the published coefficients ("Ten lectures", table 6.3, and PyWavelets' tables
  /// beyond it) to ten digits.
  static let outside = [
    0, 0, 2, 1, 5, 1, 10, 6, 13, 6, 37, 52, 76, 52, 105, 30, 285, 420, 453,
  ]
}
