import LongConvolution

/// Balanced truncation of the Hankel matrix of the taps: the eigensystem realisation algorithm.
///
/// With Γ = UΣVᵀ, Γ' the matrix shifted by one tap and the n largest singular values,
///
///     A = Σ^-½UᵀΓ'VΣ^-½,  B = Σ^½Vᵀe₁,  C = e₁ᵀUΣ^½,  h[K + t] = C·Aᵗ·B
///
/// Ho and Kalman, "Effective construction of linear state-variable models from input/output
/// functions", 1966; Kung, "A new identification and model reduction algorithm", 1978; Juang and
/// Pappa, 1985. The decomposition is by `HankelMethod`; Γ is applied by FFT.
public struct BalancedTruncation: Distiller {
  /// Which Hankel matrix.
  public enum Window: String, Sendable, Hashable, Codable {
    /// All taps, with zeros beyond: the response as it is for infinite time, its end included.
    case padded
    /// As many rows as half the taps, of taps alone: what lies beyond the last is left open, which
    /// fits filters that are cut off better.
    case half
  }

  /// Which Hankel matrix.
  public var window: Window
  /// Whether the residues are fitted to the taps anew, by least squares, or follow from B and C.
  public var refitsResidues: Bool
  /// How the singular vectors are found.
  public var method: HankelMethod

  /// Creates the method.
  public init(
    window: Window = .half, refitsResidues: Bool = true, method: HankelMethod = .automatic
  ) {
    (self.window, self.refitsResidues, self.method) = (window, refitsResidues, method)
  }

  /// `balanced truncation`, with the window.
  public var name: String { "balanced truncation (\(window.rawValue))" }

  /// The recurrence of the truncated realisation.
  ///
  /// Singular values below 10⁻¹⁴ of the largest are no states. Poles that come out unstable are
  /// mirrored, and the residues then fitted.
  public func recurrence(_ taps: [Double], order: Int, headLength: Int)
    throws(DistillationError) -> ModalRecurrence
  {
    let late = taps[headLength...]
    guard late.maximumMagnitude > 0 else {
      return ModalRecurrence(head: Array(taps.prefix(headLength)), poles: [], residues: [])
    }
    let system = try realisation(late, order: order)
    let eigenvalues = try LinearAlgebra.eigenvalues(system.transition)
    let isStable = eigenvalues.allSatisfy { $0.magnitude < 1 - 1e-9 }
    if refitsResidues || !isStable {
      return try ResidueFit.recurrence(
        poles: stable(eigenvalues), taps: taps, headLength: headLength)
    }
    // The response of the realisation has these poles, so the fit to it is exact.
    let response = Array(taps.prefix(headLength)) + system.response(count: late.count)
    var result = try ResidueFit.recurrence(
      poles: eigenvalues.filter { $0.imaginary >= 0 }, taps: response, headLength: headLength)
    result.head = Array(taps.prefix(headLength))
    return result
  }

  /// A, B and C.
  private struct Realisation {
    let transition: DenseMatrix
    let input: [Double]
    let output: [Double]

    /// C·Aᵗ·B.
    func response(count: Int) -> [Double] {
      var state = DenseMatrix(rows: input.count, columns: 1, elements: input)
      return (0..<count).map { _ in
        let value = zip(output, state.elements).reduce(0) { $0 + $1.0 * $1.1 }
        state = .product(transition, state)
        return value
      }
    }
  }

  private func realisation(_ taps: ArraySlice<Double>, order: Int)
    throws(DistillationError) -> Realisation
  {
    let matrix: HankelMatrix
    let shifted: HankelMatrix
    if window == .padded || taps.count < 4 {
      (matrix, shifted) = (.padded(taps), .padded(taps, shift: 1))
    } else {
      // The shifted matrix needs one tap more.
      let size = taps.count / 2
      (matrix, shifted) = (
        .window(taps, size: size), .window(taps, size: size, shift: 1)
      )
    }
    let spectrum = try HankelSpectrum(matrix, count: order, method: method)
    let largest = abs(spectrum.values.first ?? 0)
    let states = spectrum.values.prefix { abs($0) > 1e-14 * largest }.count
    let values = spectrum.values[..<states]
    let vectors = spectrum.vectors.columns(0..<states)
    let product = DenseMatrix.product(vectors, shifted(vectors), transposing: true)
    var transition = DenseMatrix(zeros: states, states)
    for column in 0..<states {
      for row in 0..<states {
        let scale = (abs(values[row]) * abs(values[column])).squareRoot()
        transition[row, column] =
          product[row, column] / scale * (values[column] < 0 ? -1 : 1)
      }
    }
    return Realisation(
      transition: transition,
      input: (0..<states).map {
        vectors[0, $0] * abs(values[$0]).squareRoot() * (values[$0] < 0 ? -1 : 1)
      },
      output: (0..<states).map { vectors[0, $0] * abs(values[$0]).squareRoot() })
  }
}
