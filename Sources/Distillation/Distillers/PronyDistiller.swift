import LongConvolution

/// Prony's method by least squares: poles from the linear recurrence that predicts each tap best
/// from those before.
///
/// The coefficients a of Σ aₖ·h[t - k] = 0, a₀ = 1, minimise the error of prediction; their
/// polynomial has the poles for roots. That error is not the filter's. Each refinement, after
/// Steiglitz and McBride ("A technique for the identification of linear systems", 1965), divides it
/// by the last denominator, with which the two become one.
public struct PronyDistiller: Distiller {
  /// How many refinements, of which the best by error is taken; 0 is linear prediction.
  public var refinements: Int

  /// Creates the method.
  public init(refinements: Int = 8) { self.refinements = refinements }

  /// `Prony`.
  public var name: String { "Prony" }

  /// The recurrence of the best refinement.
  public func recurrence(_ taps: [Double], order: Int, headLength: Int)
    throws(DistillationError) -> ModalRecurrence
  {
    let late = Array(taps[headLength...])
    // As many equations as unknowns at least.
    let order = min(order, late.count / 2)
    guard late.maximumMagnitude > 0, order > 0 else {
      return try BalancedTruncation(window: .padded).recurrence(
        taps, order: max(1, order), headLength: headLength)
    }
    var denominator = try predicted(late, order: order)
    var best: (recurrence: ModalRecurrence, error: Double)?
    for refinement in 0...max(0, refinements) {
      if refinement > 0 { denominator = try refined(late, denominator) }
      guard denominator.allSatisfy(\.isFinite) else { break }
      let poles = stable(try Self.roots(denominator))
      let found = try ResidueFit.recurrence(poles: poles, taps: taps, headLength: headLength)
      let error = zip(late, found.tail(length: late.count)).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
      if error < best?.error ?? .infinity { best = (found, error) }
      denominator = Self.polynomial(poles)
    }
    guard let best else {
      throw DistillationError(
        .notConverged, place: name, expected: "a finite predictor", got: "none")
    }
    return best.recurrence
  }

  /// a₁ … aₙ of the best linear prediction.
  private func predicted(_ taps: [Double], order: Int) throws(DistillationError) -> [Double] {
    let rows = taps.count - order
    var matrix = DenseMatrix(zeros: rows, order)
    for column in 0..<order {
      for row in 0..<rows { matrix[row, column] = -taps[row + order - 1 - column] }
    }
    return try LinearAlgebra.leastSquares(matrix, Array(taps[order...]), cutoff: 1e-14)
  }

  /// a after one refinement: A·(h/D) = B·(1/D) in the least squares over a and b.
  private func refined(_ taps: [Double], _ denominator: [Double]) throws(DistillationError)
    -> [Double]
  {
    let (rows, order) = (taps.count, denominator.count)
    let filtered = Self.divided(taps, by: denominator)
    let impulse = Self.divided([1] + [Double](repeating: 0, count: rows - 1), by: denominator)
    guard filtered.allSatisfy(\.isFinite), impulse.allSatisfy(\.isFinite) else {
      return denominator
    }
    var matrix = DenseMatrix(zeros: rows, 2 * order)
    for column in 0..<order {
      for row in column..<rows {
        if row > column { matrix[row, column] = -filtered[row - 1 - column] }
        matrix[row, order + column] = impulse[row - column]
      }
    }
    let solution = try LinearAlgebra.leastSquares(matrix, filtered, cutoff: 1e-14)
    return Array(solution[..<order])
  }

  /// x/(1 + a₁z⁻¹ + …).
  private static func divided(_ x: [Double], by denominator: [Double]) -> [Double] {
    var y = x
    for t in y.indices {
      for k in 0..<min(t, denominator.count) { y[t] -= denominator[k] * y[t - 1 - k] }
    }
    return y
  }

  /// The roots of zⁿ + a₁zⁿ⁻¹ + …: the eigenvalues of the companion matrix.
  static func roots(_ coefficients: [Double]) throws(DistillationError) -> [ComplexNumber] {
    let size = coefficients.count
    var companion = DenseMatrix(zeros: size, size)
    for column in 0..<size {
      companion[0, column] = -coefficients[column]
      if column + 1 < size { companion[column + 1, column] = 1 }
    }
    return try LinearAlgebra.eigenvalues(companion)
  }

  /// a₁ … aₙ for poles, one of each pair.
  static func polynomial(_ poles: [ComplexNumber]) -> [Double] {
    var product = [1.0]
    for pole in poles {
      let factor =
        pole.imaginary == 0
        ? [1, -pole.real] : [1, -2 * pole.real, pole.squaredMagnitude]
      var next = [Double](repeating: 0, count: product.count + factor.count - 1)
      for (i, a) in product.enumerated() {
        for (j, b) in factor.enumerated() { next[i + j] += a * b }
      }
      product = next
    }
    return Array(product.dropFirst())
  }
}
