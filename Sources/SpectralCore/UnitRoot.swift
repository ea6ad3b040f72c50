#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// cos and -sin of 2π·n/period: the root of unity exp(-2πi·n/period), for 0 ≤ n < period.
///
/// The angle is reduced to the first octant before cos and sin, so that quarter turns are exact
/// and opposite roots are exactly opposite.
package func unitRoot(_ n: Int, of period: Int) -> (cosine: Double, sine: Double) {
  let eighths = 8 * n / period
  func at(_ numerator: Int) -> (Double, Double) {
    let angle = 2 * Double.pi * Double(numerator) / Double(8 * period)
    return (cos(angle), sin(angle))
  }
  // Within each octant, measure from the nearer axis, in units of an eighth of a step.
  switch eighths {
  case 0: let (c, s) = at(8 * n); return (c, -s)
  case 1: let (c, s) = at(2 * period - 8 * n); return (s, -c)
  case 2: let (c, s) = at(8 * n - 2 * period); return (-s, -c)
  case 3: let (c, s) = at(4 * period - 8 * n); return (-c, -s)
  case 4: let (c, s) = at(8 * n - 4 * period); return (-c, s)
  case 5: let (c, s) = at(6 * period - 8 * n); return (-s, c)
  case 6: let (c, s) = at(8 * n - 6 * period); return (s, c)
  default: let (c, s) = at(8 * period - 8 * n); return (c, s)
  }
}
