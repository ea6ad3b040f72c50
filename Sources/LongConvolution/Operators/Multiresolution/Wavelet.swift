/// An orthogonal wavelet, known by the name that it has in the literature and in PyWavelets.
///
/// Daubechies' extremal-phase wavelets `db1` (or `haar`) to `db20`, her least asymmetric ones, the
/// symlets `sym2` to `sym20`, and the coiflets `coif1` to `coif5` (Daubechies, "Ten lectures on
/// wavelets", 1992, sections 6.4, 8.1.1 and 8.2).
public struct Wavelet: Sendable, Hashable, CustomStringConvertible {
  /// A family of wavelets, and how many there are.
  private enum Family: String, CaseIterable {
    case haar, daubechies = "db", symlet = "sym", coiflet = "coif"

    var orders: ClosedRange<Int> {
      switch self {
      case .haar: 1...1
      case .daubechies: 1...20
      case .symlet: 2...20
      case .coiflet: 1...Coiflets.filters.count
      }
    }
  }

  /// The name, for example `db2`.
  public let description: String
  /// The low-pass filter of the analysis, its first tap for the current sample; its sum is √2.
  ///
  /// PyWavelets' `dec_lo`.
  public let lowPass: [Double]

  /// Finds a wavelet by its name; `nil` if there is none.
  public init?(_ name: String) {
    if name == Family.haar.rawValue {
      description = name
      lowPass = DaubechiesFilter.taps(moments: 1, outside: 0)
      return
    }
    guard
      let family = Family.allCases.dropFirst().first(where: { name.hasPrefix($0.rawValue) }),
      let order = Int(name.dropFirst(family.rawValue.count)), family.orders.contains(order),
      name == "\(family.rawValue)\(order)"
    else { return nil }
    description = name
    let synthesis =
      switch family {
      case .haar, .daubechies: DaubechiesFilter.taps(moments: order, outside: 0)
      case .symlet: DaubechiesFilter.taps(moments: order, outside: Symlets.outside[order - 2])
      case .coiflet: Coiflets.filters[order - 1].map { $0 * 2.0.squareRoot() }
      }
    lowPass = synthesis.reversed()
  }

  /// The high-pass filter of the analysis, orthogonal to the low-pass one and all its even shifts.
  ///
  /// PyWavelets' `dec_hi`: tap k is -(-1)^k times tap K - 1 - k of the low-pass filter.
  public var highPass: [Double] {
    lowPass.indices.map { ($0.isMultiple(of: 2) ? -1 : 1) * lowPass[lowPass.count - 1 - $0] }
  }
}

extension Wavelet: Codable {
  /// Reads the wavelet's name.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    guard let wavelet = Wavelet(name) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "expected haar, db1 to db20, sym2 to sym20, coif1 to coif5; got \(name)")
    }
    self = wavelet
  }

  /// Writes the wavelet's name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Filters with N vanishing moments and 2N taps by spectral factorisation.
private enum DaubechiesFilter {
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
    var coefficients = [1.0]
    for k in 1..<max(1, moments) {
      coefficients.append(coefficients[k - 1] * Double(moments - 1 + k) / Double(k))
    }
    // Of a conjugate pair the root above the real axis; a real root has an imaginary part of rounding.
    let roots = PolynomialRoots.of(coefficients).filter { $0.y > -1e-9 }.sorted { $0.y < $1.y }
    for (index, y) in roots.enumerated() {
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

  private static func product(_ a: [Double], _ b: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: a.count + b.count - 1)
    for (i, x) in a.enumerated() {
      for (j, y) in b.enumerated() { result[i + j] += x * y }
    }
    return result
  }
}

/// All roots of a polynomial with real coefficients; complex numbers are pairs (re, im).
private enum PolynomialRoots {
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
private enum Symlets {
  /// For sym2, sym3, …: bit i for the i-th root as in `DaubechiesFilter.taps`.
  ///
  /// They reproduce the published coefficients ("Ten lectures", table 6.3, and PyWavelets' tables
  /// beyond it) to ten digits.
  static let outside = [
    0, 0, 2, 1, 5, 1, 10, 6, 13, 6, 37, 52, 76, 52, 105, 30, 285, 420, 453,
  ]
}
