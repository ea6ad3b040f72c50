/// Checks of single settings; each failure names the key.
enum ConfigurationCheck {
  /// Longer sequences are a slip of the keyboard, and their sizes would not be numbers.
  static let longest = 1 << 30

  static func that(
    _ holds: Bool, _ key: String, _ expected: String, _ got: any CustomStringConvertible
  ) throws(ConfigurationError) {
    if !holds {
      throw ConfigurationError(place: "configuration: \(key)", expected: expected, got: "\(got)")
    }
  }

  static func range(
    _ value: Int, _ range: ClosedRange<Int>, _ key: String
  ) throws(ConfigurationError) {
    let limit =
      value < range.lowerBound ? "at least \(range.lowerBound)" : "at most \(range.upperBound)"
    try that(range.contains(value), key, limit, value)
  }

  /// 0 ≤ value < 1.
  static func fraction(_ value: Float, _ key: String) throws(ConfigurationError) {
    try that((0..<1).contains(value), key, "in 0..<1", value)
  }

  static func positive(_ value: Float, _ key: String) throws(ConfigurationError) {
    try that(value.isFinite && value > 0, key, "above 0", value)
  }

  /// A product that stays at the largest number instead of overflowing.
  static func product(_ factors: Int...) -> Int {
    factors.reduce(1) { product, factor in
      let (result, overflows) = product.multipliedReportingOverflow(by: factor)
      return overflows ? .max : result
    }
  }
}

extension ConfigurationCheck {
  /// A range of steps of a state space.
  static func steps(
    _ least: Double, _ most: Double, _ key: String
  ) throws(ConfigurationError) {
    try that(
      least.isFinite && most.isFinite && least > 0 && least <= most, key,
      "above 0 and at most the maximum \(most)", least)
  }
}
