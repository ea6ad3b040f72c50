/// Numbers as text, the same in every locale and without Foundation.
///
/// Reports, charts and the progress line share these rules, so one quantity reads the same
/// everywhere.
public enum NumberFormat {
  /// A number with a fixed count of decimal places, for example `0.50`.
  ///
  /// Numbers beyond the exact integer range of `Double` are written in scientific notation.
  ///
  /// - Parameters:
  ///   - value: The number; not-a-number and infinities become `nan`, `inf` and `-inf`.
  ///   - places: The decimal places, limited to 0...12.
  public static func fixed(_ value: Double, places: Int) -> String {
    guard value.isFinite else { return nonFinite(value) }
    let places = min(max(places, 0), 12)
    let scaled = (value.magnitude * DecimalScale.power(places)).rounded()
    guard scaled < 9e15 else { return scientific(value, digits: 4) }
    var digits = String(Int(scaled))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return sign + digits }
    if digits.count <= places {
      digits = String(repeating: "0", count: places - digits.count + 1) + digits
    }
    return sign + digits.dropLast(places) + "." + digits.suffix(places)
  }

  /// A number with about the given count of significant digits, for example `0.4321` or `3.2e-5`.
  ///
  /// - Parameters:
  ///   - value: The number to write.
  ///   - digits: The significant digits, limited to 1...12.
  public static func significant(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return nonFinite(value) }
    guard value != 0 else { return "0" }
    let digits = min(max(digits, 1), 12)
    let exponent = DecimalScale.exponent(of: value)
    guard exponent >= -4, exponent < max(digits, 6) else {
      return scientific(value, digits: digits)
    }
    return fixed(value, places: digits - 1 - exponent)
  }

  /// A number in scientific notation without padding, for example `3.2e-5`.
  ///
  /// - Parameters:
  ///   - value: The number to write.
  ///   - digits: The largest count of significant digits; trailing zeros are left out.
  public static func scientific(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite else { return nonFinite(value) }
    guard value != 0 else { return "0" }
    var exponent = DecimalScale.exponent(of: value)
    var mantissa = DecimalScale.scaled(value, by: -exponent)
    let places = min(max(digits, 1), 12) - 1
    if (mantissa.magnitude * DecimalScale.power(places)).rounded() >= DecimalScale.power(places + 1)
    {
      mantissa /= 10
      exponent += 1
    }
    return trimmed(fixed(mantissa, places: places)) + "e" + String(exponent)
  }

  /// A whole number with a comma between groups of three digits, for example `1,204,224`.
  ///
  /// - Parameter value: The number to write.
  public static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// A number of three significant digits with a decimal unit prefix, for example `12.4k`.
  ///
  /// - Parameter value: The number to write; below one it is written with three digits.
  public static func compact(_ value: Double) -> String {
    guard value.isFinite else { return nonFinite(value) }
    if value.magnitude < 0.9995 { return trimmed(significant(value, digits: 3)) }
    var scaled = value
    for prefix in ["", "k", "M", "G", "T"] {
      // The limit is where three digits would round up to the next unit.
      if scaled.magnitude < 999.5 {
        let places = scaled.magnitude < 9.995 ? 2 : scaled.magnitude < 99.95 ? 1 : 0
        return trimmed(fixed(scaled, places: places)) + prefix
      }
      scaled /= 1000
    }
    return scientific(value)
  }

  /// A fraction as a percentage, for example `91.2%` for 0.912.
  ///
  /// - Parameters:
  ///   - fraction: The fraction, 1 being all of it.
  ///   - places: The decimal places.
  public static func percent(_ fraction: Double, places: Int = 1) -> String {
    fraction.isFinite ? fixed(fraction * 100, places: places) + "%" : nonFinite(fraction)
  }

  /// The text without zeros, and without a point, at the end of its decimal places.
  public static func trimmed(_ text: String) -> String {
    guard text.contains("."), !text.contains("e") else { return text }
    var kept = Substring(text)
    while kept.last == "0" { kept.removeLast() }
    if kept.last == "." { kept.removeLast() }
    return String(kept)
  }

  private static func nonFinite(_ value: Double) -> String {
    value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
  }
}
