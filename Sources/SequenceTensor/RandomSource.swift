/// A seeded source of random numbers that yields the same values on every platform.
///
/// The generator is xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number
/// generators", 2021), seeded through SplitMix64. Every derived quantity uses only IEEE 754
/// additions, multiplications, divisions and square roots, never the platform's mathematics
/// library, so that a seed means the same initial weights on x86-64 and on arm64.
///
/// A source is a value: a copy replays the same numbers, and encoding it saves its place.
public struct RandomSource: RandomNumberGenerator, Sendable, Equatable, Codable {
  /// The four words of state of xoshiro256++, never all zero.
  public private(set) var state: [UInt64]

  /// Creates a source from a seed; every seed is valid and gives an independent sequence.
  ///
  /// - Parameters:
  ///   - seed: the seed that a user chooses.
  ///   - stream: which of the seed's independent sequences (weights, shuffling, dropout, …).
  public init(seed: UInt64, stream: UInt64 = 0) {
    var mixer = seed &+ stream &* 0xD1B5_4A32_D192_ED03
    state = (0..<4).map { _ in
      mixer &+= 0x9E37_79B9_7F4A_7C15
      var word = mixer
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return word ^ (word >> 31)
    }
  }

  /// Restores a source from the four words of its `state`; `nil` if they are not such a state.
  public init?(state: [UInt64]) {
    guard state.count == 4, state.contains(where: { $0 != 0 }) else { return nil }
    self.state = state
  }

  private enum CodingKeys: CodingKey { case state }

  /// Restores a source; an error if what was encoded is not a state.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let words = try container.decode([UInt64].self, forKey: .state)
    guard let source = RandomSource(state: words) else {
      throw DecodingError.dataCorruptedError(
        forKey: .state, in: container,
        debugDescription: "expected four words that are not all zero, got \(words)")
    }
    self = source
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    func rotated(_ word: UInt64, by count: UInt64) -> UInt64 {
      (word << count) | (word >> (64 - count))
    }
    let result = rotated(state[0] &+ state[3], by: 23) &+ state[0]
    let shifted = state[1] << 17
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = rotated(state[3], by: 45)
    return result
  }

  /// A number drawn uniformly from `[0, 1)`, a multiple of 2⁻⁵³.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number drawn uniformly from `[lower, upper)`.
  public mutating func uniform(from lower: Double, to upper: Double) -> Double {
    lower + (upper - lower) * uniform()
  }

  /// An integer drawn uniformly from `0..<bound`, without bias (Lemire, 2019).
  ///
  /// - Precondition: `bound > 0`.
  public mutating func integer(below bound: Int) -> Int {
    require(bound > 0, "RandomSource.integer: bound must be positive, got \(bound)")
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      let threshold = (0 &- range) % range
      while product.low < threshold { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// An integer drawn uniformly from a closed range.
  public mutating func integer(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + integer(below: range.count)
  }

  /// A number drawn from the standard normal distribution.
  ///
  /// One uniform number through the inverse of the normal distribution function, algorithm
  /// AS 241 (PPND16) of Wichura, "The percentage points of the normal distribution", 1988.
  public mutating func normal() -> Double {
    // The midpoint of the 2⁵³ cells keeps the argument strictly inside (0, 1).
    Self.normalQuantile((Double(next() >> 11) + 0.5) * 0x1p-53)
  }

  /// Puts the elements of an array in random order (Fisher and Yates).
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, integer(below: last + 1))
    }
  }
}

extension RandomSource {
  /// The `p`-quantile of the standard normal distribution, relative error about 1e-16.
  package static func normalQuantile(_ p: Double) -> Double {
    let q = p - 0.5
    if abs(q) <= 0.425 {
      let r = 0.180625 - q * q
      return q * horner(r, centralNumerator) / horner(r, centralDenominator)
    }
    let r = (-naturalLogarithm(q < 0 ? p : 1 - p)).squareRoot()
    let magnitude =
      r <= 5
      ? horner(r - 1.6, middleNumerator) / horner(r - 1.6, middleDenominator)
      : horner(r - 5, tailNumerator) / horner(r - 5, tailDenominator)
    return q < 0 ? -magnitude : magnitude
  }

  /// The natural logarithm from IEEE operations alone: `x = 2ᵉ·m`, then the series of atanh.
  package static func naturalLogarithm(_ x: Double) -> Double {
    var exponent = Double(x.exponent)
    var significand = x.significand
    if significand > 1.4142135623730951 {
      significand *= 0.5
      exponent += 1
    }
    let t = (significand - 1) / (significand + 1)
    let square = t * t
    var sum = 0.0
    for odd in stride(from: 25, through: 1, by: -2) { sum = sum * square + 1 / Double(odd) }
    return exponent * 0.6931471805599453 + 2 * t * sum
  }

  private static func horner(_ x: Double, _ coefficients: [Double]) -> Double {
    coefficients.reversed().reduce(0) { $0 * x + $1 }
  }

  // Coefficients of AS 241, constant term first.
  private static let centralNumerator = [
    3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3,
    1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
    3.3430575583588128105e+4, 2.5090809287301226727e+3,
  ]
  private static let centralDenominator = [
    1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
    2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4,
    5.2264952788528545610e+3,
  ]
  private static let middleNumerator = [
    1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
    3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
    2.27238449892691845833e-2, 7.74545014278341407640e-4,
  ]
  private static let middleDenominator = [
    1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
    1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
    1.05075007164441684324e-9,
  ]
  private static let tailNumerator = [
    6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
    2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
    2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ]
  private static let tailDenominator = [
    1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
    7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
    2.04426310338993978564e-15,
  ]
}
