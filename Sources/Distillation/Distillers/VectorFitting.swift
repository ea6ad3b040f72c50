import LongConvolution

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Rational approximation of the frequency response by vector fitting.
///
/// Gustavsen and Semlyen, "Rational approximation of frequency domain responses by vector fitting",
/// 1999, on the unit circle. With the present poles pₙ, the functions
/// σ = 1 + Σ d̃ₙ/(z - pₙ) and σ·H ≈ Σ cₙ/(z - pₙ) are fitted together by linear least squares over
/// points on the circle; the zeros of σ are the next poles. Conjugate pairs have real coefficients
/// for the sum and for i times the difference of their terms. Poles outside the circle are mirrored.
public struct VectorFitting: Distiller {
  /// How often the poles move; the best by error on the taps is taken.
  public var iterations: Int

  /// Creates the method.
  public init(iterations: Int = 12) { self.iterations = iterations }

  /// `vector fitting`.
  public var name: String { "vector fitting" }

  /// At most so many points on the circle are fitted.
  private static let mostPoints = 4096

  /// The recurrence of the best poles.
  public func recurrence(_ taps: [Double], order: Int, headLength: Int)
    throws(DistillationError) -> ModalRecurrence
  {
    let late = Array(taps[headLength...])
    let circle = UnitCircle(covering: late.count)
    let order = min(order, late.count / 2)
    guard late.maximumMagnitude > 0, order > 0 else {
      return try BalancedTruncation(window: .padded).recurrence(
        taps, order: max(1, order), headLength: headLength)
    }
    let values = circle.response(of: late)
    let stride = max(1, circle.count / Self.mostPoints)
    let points = Swift.stride(from: 0, to: circle.count, by: stride).map { k in
      // H in powers of z: tap 0 belongs to z⁻¹.
      let delay = circle.inverse(k)
      return Point(
        inverse: delay, value: delay * ComplexNumber(values[2 * k], values[2 * k + 1]),
        weight: circle.multiplicity(k).squareRoot())
    }
    var poles = Self.start(order: order, length: late.count)
    var best: (recurrence: ModalRecurrence, error: Double)?
    for _ in 0..<max(1, iterations) {
      poles = stable(try relocated(poles, points))
      let found = try ResidueFit.recurrence(poles: poles, taps: taps, headLength: headLength)
      let error = zip(late, found.tail(length: late.count)).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
      if error < best?.error ?? .infinity { best = (found, error) }
    }
    guard let best else {
      throw DistillationError(.notConverged, place: name, expected: "finite poles", got: "none")
    }
    return best.recurrence
  }

  private struct Point {
    let inverse: ComplexNumber
    let value: ComplexNumber
    let weight: Double
  }

  /// Poles spread over the circle, that decay over a quarter of the taps; a real one if the order is
  /// odd.
  private static func start(order: Int, length: Int) -> [ComplexNumber] {
    let radius = exp(-4 / Double(max(length, 8)))
    let pairs = order / 2
    let complex = (0..<pairs).map { index in
      ComplexNumber.exponential(
        ComplexNumber(log(radius), .pi * (Double(index) + 0.5) / Double(pairs)))
    }
    return complex + (order % 2 == 1 ? [ComplexNumber(radius)] : [])
  }

  /// The zeros of σ.
  private func relocated(_ poles: [ComplexNumber], _ points: [Point]) throws(DistillationError)
    -> [ComplexNumber]
  {
    let order = poles.reduce(0) { $0 + ($1.imaginary == 0 ? 1 : 2) }
    var matrix = DenseMatrix(zeros: 2 * points.count, 2 * order)
    var target = [Double](repeating: 0, count: 2 * points.count)
    for (row, point) in points.enumerated() {
      func put(_ value: ComplexNumber, _ column: Int) {
        matrix[2 * row, column] = value.real * point.weight
        matrix[2 * row + 1, column] = value.imaginary * point.weight
      }
      var column = 0
      for pole in poles {
        // 1/(z - p) = z⁻¹/(1 - p·z⁻¹).
        let term = point.inverse / (.one - pole * point.inverse)
        var functions = [term]
        if pole.imaginary != 0 {
          let other = point.inverse / (.one - pole.conjugate * point.inverse)
          functions = [term + other, .i * (term - other)]
        }
        for function in functions {
          put(function, column)
          put(-(function * point.value), order + column)
          column += 1
        }
      }
      target[2 * row] = point.value.real * point.weight
      target[2 * row + 1] = point.value.imaginary * point.weight
    }
    // Columns of norm 1, as poles close to the circle have large ones.
    var norms: [Double] = []
    for column in 0..<matrix.columns {
      let norm = max(matrix.column(column).euclideanNorm, 1e-300)
      norms.append(norm)
      for row in 0..<matrix.rows { matrix[row, column] /= norm }
    }
    let solution = zip(
      try LinearAlgebra.leastSquares(matrix, target, cutoff: 1e-14), norms
    ).map { $0 / $1 }
    // The zeros of 1 + d̃ᵀ(z - A)⁻¹b are the eigenvalues of A - b·d̃ᵀ.
    var system = DenseMatrix(zeros: order, order)
    var input = [Double](repeating: 0, count: order)
    var row = 0
    for pole in poles {
      system[row, row] = pole.real
      if pole.imaginary == 0 {
        input[row] = 1
        row += 1
      } else {
        system[row, row + 1] = pole.imaginary
        system[row + 1, row] = -pole.imaginary
        system[row + 1, row + 1] = pole.real
        input[row] = 2
        row += 2
      }
    }
    for row in 0..<order {
      for column in 0..<order { system[row, column] -= input[row] * solution[order + column] }
    }
    return try LinearAlgebra.eigenvalues(system)
  }
}
