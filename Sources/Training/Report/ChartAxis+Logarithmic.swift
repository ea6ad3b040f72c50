extension ChartAxis {
  /// A logarithmic axis with ticks at powers of ten, or at 1, 2 and 5 times them if few fit.
  ///
  /// - Parameters:
  ///   - range: The values to show, all positive; `nil` if there are none.
  ///   - target: About how many ticks there should be at most.
  ///   - extends: Whether the axis reaches to the ticks around the range.
  ///   - powersOfTwo: Whether the values are powers of two, as lengths often are; the ticks are
  ///     then such powers, and K and M stand for 1024 and its square.
  ///   - suffix: A unit that follows every label.
  package static func logarithmic(
    _ range: ClosedRange<Double>?, target: Int = 6, extends: Bool = true,
    powersOfTwo: Bool = false, suffix: String = ""
  ) -> ChartAxis {
    var (lower, upper) = (range?.lowerBound ?? 1, range?.upperBound ?? 10)
    guard upper / lower >= (powersOfTwo ? 2 : 3) else {
      // So short a stretch holds too few round powers: round numbers serve better.
      let margin = upper > lower * 1.000001 ? 1 : 1.5
      var axis = linear((lower / margin)...(upper * margin), extends: extends, suffix: suffix)
      if axis.lower <= 0 { axis.lower = lower / margin }
      axis.ticks.removeAll { $0.value < axis.lower }
      axis.isLogarithmic = true
      return axis
    }
    if powersOfTwo { return binary(lower...upper, target: target, suffix: suffix) }
    if extends { (lower, upper) = (roundedDown(lower), roundedUp(upper)) }
    var axis = ChartAxis(lower: lower, upper: upper, isLogarithmic: true)
    let decades = DecimalScale.logarithm(upper / lower)
    let exponents =
      DecimalScale.exponent(of: lower)...DecimalScale.exponent(of: upper * (1 + 1e-9))
    let within = (lower * (1 - 1e-9))...(upper * (1 + 1e-9))
    let stride = max(1, Int((decades / Double(max(target, 1))).rounded(.up)))
    let multiples: [Double] = decades > 2.6 ? [1] : [1, 2, 5]
    for exponent in exponents {
      for multiple in 1...9 {
        let value = DecimalScale.scaled(Double(multiple), by: exponent)
        guard within.contains(value) else { continue }
        if multiples.contains(Double(multiple)), exponent % stride == 0 {
          axis.ticks.append(Tick(value: value, label: label(multiple, exponent) + suffix))
        } else if decades <= 6 {
          axis.minorTicks.append(value)
        }
      }
    }
    return axis
  }

  private static func binary(
    _ range: ClosedRange<Double>, target: Int, suffix: String
  ) -> ChartAxis {
    var axis = ChartAxis(lower: range.lowerBound, upper: range.upperBound, isLogarithmic: true)
    let first = Int(range.lowerBound.exponent)
    let last = Int(range.upperBound.exponent)
    let stride = max(1, (last - first + target) / max(target, 1))
    for exponent in first...last {
      let value = Double(sign: .plus, exponent: exponent, significand: 1)
      if (last - exponent) % stride == 0 {
        axis.ticks.append(Tick(value: value, label: binaryLabel(exponent) + suffix))
      } else {
        axis.minorTicks.append(value)
      }
    }
    return axis
  }

  private static func binaryLabel(_ exponent: Int) -> String {
    // Below ten thousand the full number is as short as its unit form and needs no unit.
    guard exponent >= 14, exponent < 50 else {
      return NumberFormat.trimmed(
        NumberFormat.significant(Double(sign: .plus, exponent: exponent, significand: 1), digits: 5)
      )
    }
    let unit = exponent / 10
    return "\(1 << (exponent - 10 * unit))" + ["", "K", "M", "G", "T"][unit]
  }

  private static func label(_ multiple: Int, _ exponent: Int) -> String {
    if (-3..<15).contains(exponent) {
      return NumberFormat.compact(DecimalScale.scaled(Double(multiple), by: exponent))
    }
    return (multiple == 1 ? "10" : "\(multiple)×10") + superscript(exponent)
  }

  private static func roundedDown(_ value: Double) -> Double {
    let exponent = DecimalScale.exponent(of: value * (1 + 1e-9))
    let candidates = [5, 2, 1].map { DecimalScale.scaled($0, by: exponent) }
    return candidates.first { $0 <= value * (1 + 1e-9) } ?? value
  }

  private static func roundedUp(_ value: Double) -> Double {
    let exponent = DecimalScale.exponent(of: value * (1 - 1e-9))
    let candidates = [1, 2, 5, 10].map { DecimalScale.scaled($0, by: exponent) }
    return candidates.first { $0 >= value * (1 - 1e-9) } ?? value
  }
}
