/// One axis of a chart: its bounds, its ticks and where a value lies on it.
package struct ChartAxis {
  /// A labelled place on the axis.
  package struct Tick {
    /// The value.
    package var value: Double
    /// Its text.
    package var label: String
  }

  /// The value at the start of the axis.
  package var lower: Double
  /// The value at the end of the axis.
  package var upper: Double
  /// Whether equal distances mean equal ratios.
  package var isLogarithmic: Bool
  /// The labelled places, in order.
  package var ticks: [Tick] = []
  /// Places with a weaker grid line.
  package var minorTicks: [Double] = []
  /// A factor that all labels leave out, for example `×10⁻⁴`, or an empty string.
  package var factor = ""

  /// Where a value lies: 0 at the start of the axis and 1 at its end.
  package func position(_ value: Double) -> Double {
    guard isLogarithmic else { return (value - lower) / (upper - lower) }
    let start = DecimalScale.logarithm(lower)
    return (DecimalScale.logarithm(value) - start) / (DecimalScale.logarithm(upper) - start)
  }

  /// A linear axis with ticks at 1, 2, 2.5 or 5 times a power of ten.
  ///
  /// - Parameters:
  ///   - range: The values to show; `nil` if there are none.
  ///   - target: About how many ticks there should be.
  ///   - extends: Whether the axis reaches to the ticks around the range.
  ///   - wholeNumbers: Whether ticks stay at whole numbers.
  ///   - suffix: A unit that follows every label, such as `%`.
  package static func linear(
    _ range: ClosedRange<Double>?, target: Int = 5, extends: Bool = true,
    wholeNumbers: Bool = false, suffix: String = ""
  ) -> ChartAxis {
    var (lower, upper) = (range?.lowerBound ?? 0, range?.upperBound ?? 1)
    let magnitude = max(lower.magnitude, upper.magnitude)
    if !(upper - lower > max(magnitude * 1e-9, 1e-290)) {
      let margin = wholeNumbers ? 1 : magnitude > 1e-280 ? magnitude * 0.1 : 1
      lower -= margin
      upper += margin
    }
    let step = niceStep((upper - lower) / Double(max(target, 1)), wholeNumbers: wholeNumbers)
    if extends {
      lower = (lower / step + 1e-6).rounded(.down) * step
      upper = (upper / step - 1e-6).rounded(.up) * step
    }
    var axis = ChartAxis(lower: lower, upper: upper, isLogarithmic: false)
    let first = Int((lower / step - 1e-6).rounded(.up))
    let last = Int((upper / step + 1e-6).rounded(.down))
    let values = first <= last ? (first...last).map { Double($0) * step } : []
    axis.label(values, step: step, suffix: suffix)
    return axis
  }

  /// The smallest of 1, 2, 2.5, 5 and 10 times a power of ten that is not below `raw`.
  package static func niceStep(_ raw: Double, wholeNumbers: Bool = false) -> Double {
    if wholeNumbers, raw <= 1 { return 1 }
    let exponent = DecimalScale.exponent(of: raw)
    let fraction = DecimalScale.scaled(raw, by: -exponent)
    let multiples: [Double] = wholeNumbers && exponent == 0 ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10]
    let chosen = multiples.first { $0 >= fraction * (1 - 1e-9) } ?? 10
    return DecimalScale.scaled(chosen, by: exponent)
  }

  private mutating func label(_ values: [Double], step: Double, suffix: String) {
    let largest = values.map(\.magnitude).max() ?? 0
    var (divisor, unit) = (1.0, "")
    if largest >= 1e15 || (largest > 0 && largest < 0.0099) {
      let exponent = DecimalScale.exponent(of: largest)
      factor = "×10" + Self.superscript(exponent)
      divisor = DecimalScale.power(exponent)
    } else if largest >= 9999.5 {
      // "800k" and "1M" side by side, where three digits are exact, else one unit for all.
      if values.allSatisfy({ Self.hasThreeDigits($0, step: step) }) {
        ticks = values.map { Tick(value: $0, label: NumberFormat.compact($0) + suffix) }
        return
      }
      let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
      (divisor, unit) = units.first { largest >= $0.0 } ?? (1, "")
    }
    let places = Self.decimals(step / divisor)
    ticks = values.map { value in
      let text = NumberFormat.fixed(value / divisor, places: places)
      return Tick(value: value, label: value == 0 ? text + suffix : text + unit + suffix)
    }
  }

  private static func hasThreeDigits(_ value: Double, step: Double) -> Bool {
    guard value.magnitude >= step / 2 else { return true }
    let last = DecimalScale.power(DecimalScale.exponent(of: value * (1 + 1e-9)) - 2)
    return ((value / last).rounded() * last - value).magnitude < step * 1e-6
  }

  /// The decimal places that a step needs.
  private static func decimals(_ step: Double) -> Int {
    var scaled = step
    for places in 0..<9 {
      if (scaled - scaled.rounded()).magnitude < 1e-6 * max(scaled, 1e-3) { return places }
      scaled *= 10
    }
    return 9
  }

  /// A whole number in superscript digits.
  static func superscript(_ number: Int) -> String {
    let digits: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
      "8": "⁸", "9": "⁹",
    ]
    return String(String(number).map { digits[$0] ?? $0 })
  }
}
