/// Powers and logarithms of ten, written out because this folder imports no C library.
package enum DecimalScale {
  /// Ten to a whole power; zero or infinity where `Double` cannot hold it.
  static func power(_ exponent: Int) -> Double {
    var result = 1.0
    var base = 10.0
    var rest = exponent.magnitude
    while rest > 0 {
      if rest & 1 == 1 { result *= base }
      base *= base
      rest >>= 1
    }
    return exponent < 0 ? 1 / result : result
  }

  /// A value times ten to a whole power, with a division where that is the exact operation.
  static func scaled(_ value: Double, by exponent: Int) -> Double {
    // Two steps keep the factor finite for the smallest and the largest numbers.
    if exponent > 300 { return value * power(300) * power(exponent - 300) }
    if exponent >= 0 { return value * power(exponent) }
    if exponent < -300 { return value / power(300) / power(-exponent - 300) }
    return value / power(-exponent)
  }

  /// The largest `e` with `10^e <= |value|`; `value` is finite and not zero.
  static func exponent(of value: Double) -> Int {
    let magnitude = value.magnitude
    var exponent = Int(logarithm(magnitude).rounded(.down))
    // The logarithm is right to rounding; the powers of ten themselves decide.
    if exponent < 300, exponent > -300 {
      if power(exponent + 1) <= magnitude { exponent += 1 }
      if power(exponent) > magnitude { exponent -= 1 }
    }
    return exponent
  }

  /// The logarithm to base ten of a positive finite number, to about 15 digits.
  package static func logarithm(_ value: Double) -> Double {
    // ln(m) = 2 artanh((m - 1) / (m + 1)) for the significand m in [1, 2); |ratio| < 1/3.
    let ratio = (value.significand - 1) / (value.significand + 1)
    let square = ratio * ratio
    var sum = 0.0
    for degree in stride(from: 33, through: 1, by: -2) { sum = sum * square + 1 / Double(degree) }
    let natural = 2 * ratio * sum + Double(value.exponent) * 0.693_147_180_559_945_3
    return natural * 0.434_294_481_903_251_8
  }
}
