import LongConvolution

/// Where the error of a fit is measured, and what sections look like there.
///
/// A section of poles with denominator D spans 1/D and z⁻¹/D; in time these are its impulse response
/// and the same a step later.
enum FitDomain: Sendable {
  /// The first so many taps.
  case time(count: Int)
  /// Points on the unit circle, with the square roots of their weights: by Parseval's identity with
  /// weights 1 the error over all times.
  case frequency(UnitCircle, roots: [Double])

  /// Points on the circle for so many taps; weights by frequency from 0 to π, or none.
  static func frequency(count: Int, weights: [Double]?) -> FitDomain {
    let circle = UnitCircle(covering: count)
    return .frequency(
      circle,
      roots: (0..<circle.count).map { k in
        let weight = weights.map { Self.interpolated($0, at: Double(k) / Double(circle.count - 1)) }
        return (circle.multiplicity(k) * (weight ?? 1) / Double(circle.length)).squareRoot()
      })
  }

  /// The number of residuals.
  var rows: Int {
    switch self {
    case .time(let count): count
    case .frequency(let circle, _): 2 * circle.count
    }
  }

  /// What is to be fitted.
  func target(_ taps: ArraySlice<Double>) -> [Double] {
    switch self {
    case .time: return Array(taps)
    case .frequency(let circle, let roots):
      let values = circle.response(of: taps)
      return values.indices.map { values[$0] * roots[$0 / 2] }
    }
  }

  /// The columns 1/D and, for two poles, z⁻¹/D.
  func basis(_ section: PoleSection, into columns: UnsafeMutablePointer<Double>) {
    let (a1, a2) = section.coefficients
    switch self {
    case .time(let count):
      var (last, previous) = (0.0, 0.0)
      for t in 0..<count {
        let value = (t == 0 ? 1 : 0) - a1 * last - a2 * previous
        columns[t] = value
        if section.order == 2 { columns[count + t] = last }
        (previous, last) = (last, value)
      }
    case .frequency(let circle, let roots):
      for k in 0..<circle.count {
        let delay = circle.inverse(k)
        let value = ComplexNumber(roots[k]) / (.one + delay * (ComplexNumber(a1) + delay * a2))
        (columns[2 * k], columns[2 * k + 1]) = (value.real, value.imaginary)
        guard section.order == 2 else { continue }
        let later = value * delay
        (columns[rows + 2 * k], columns[rows + 2 * k + 1]) = (later.real, later.imaginary)
      }
    }
  }

  /// The derivatives of (c₀ + c₁z⁻¹)/D by the parameters of the section.
  func derivatives(
    _ section: PoleSection, numerator: ArraySlice<Double>,
    into columns: UnsafeMutablePointer<Double>
  ) {
    let (a1, a2) = section.coefficients
    let slopes = section.slopes
    let c0 = numerator.first ?? 0
    let c1 = section.order == 2 ? (numerator.last ?? 0) : 0
    switch self {
    case .time(let count):
      // y = (c₀ + c₁z⁻¹)/D and w = -z⁻¹y/D; by a₂ it is w a step later.
      var (last, previous) = (0.0, 0.0)
      var (later, earlier) = (0.0, 0.0)
      for t in 0..<count {
        let w = -last - a1 * later - a2 * earlier
        for (index, slope) in slopes.enumerated() {
          columns[index * count + t] = slope.linear * w + slope.constant * later
        }
        let y = (t == 0 ? c0 : t == 1 ? c1 : 0) - a1 * last - a2 * previous
        (previous, last) = (last, y)
        (earlier, later) = (later, w)
      }
    case .frequency(let circle, let roots):
      for k in 0..<circle.count {
        let delay = circle.inverse(k)
        let inverse = ComplexNumber.one / (.one + delay * (ComplexNumber(a1) + delay * a2))
        let y = (ComplexNumber(c0) + delay * c1) * inverse
        let w = -(delay * y * inverse) * roots[k]
        let later = w * delay
        for (index, slope) in slopes.enumerated() {
          let value = w * slope.linear + later * slope.constant
          columns[index * rows + 2 * k] = value.real
          columns[index * rows + 2 * k + 1] = value.imaginary
        }
      }
    }
  }

  private static func interpolated(_ values: [Double], at place: Double) -> Double {
    guard values.count > 1 else { return values.first ?? 1 }
    let position = place * Double(values.count - 1)
    let index = min(Int(position), values.count - 2)
    let part = position - Double(index)
    return values[index] * (1 - part) + values[index + 1] * part
  }
}
