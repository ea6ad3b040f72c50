import SequenceTensor

/// A state matrix that remembers a measure of the past, and what makes it normal.
///
/// Gu, Dao, Ermon, Rudra and Ré, "HiPPO: Recurrent memory with optimal polynomial projections",
/// 2020, appendix D; `transition`, `rank_correction` and `nplr` of `models/s4/s4.py` in
/// state-spaces/s4. Each A is a normal matrix minus PPᵀ:
///
/// - `legendreScaled` (LegS): A[n, k] = -√(2n+1)√(2k+1) for n > k, -(n+1) for n = k, 0 for n < k;
///   B[n] = √(2n+1); P[n] = √(n+½).
/// - `legendreTranslated` (LegT): A[n, k] = -½√(2n+1)√(2k+1)·(n < k ? (-1)^(n-k) : 1);
///   B[n] = ½√(2n+1); two rows P, of odd and of even n, √(n+½).
/// - `fourier` (FouT): π·j couples the sine and the cosine of frequency j, minus BBᵀ;
///   B = (1, 0, √2, 0, √2, 0, …); P = B.
package enum HiPPO: Sendable {
  case legendreScaled, legendreTranslated, fourier

  /// A, row-major `size`·`size`, and B.
  package func transition(size: Int) -> (state: [Double], input: [Double]) {
    let roots = (0..<size).map { (2 * Double($0) + 1).squareRoot() }
    func matrix(_ element: (Int, Int) -> Double) -> [Double] {
      (0..<size * size).map { element($0 / size, $0 % size) }
    }
    switch self {
    case .legendreScaled:
      let state = matrix { n, k in
        n > k ? -roots[n] * roots[k] : n == k ? -Double(n + 1) : 0
      }
      return (state, roots)
    case .legendreTranslated:
      let state = matrix { n, k in
        let sign = n < k && (k - n) % 2 == 1 ? -1.0 : 1.0
        return -0.5 * sign * roots[n] * roots[k]
      }
      return (state, roots.map { $0 / 2 })
    case .fourier:
      let input = (0..<size).map { $0 == 0 ? 1 : $0 % 2 == 0 ? 2.0.squareRoot() : 0 }
      let state = matrix { n, k in
        let low = min(n, k)
        // States 2j and 2j + 1 are the sine and the cosine of frequency j.
        let coupling = abs(n - k) == 1 && low % 2 == 0 ? Double.pi * Double(low / 2) : 0
        return (n > k ? coupling : -coupling) - input[n] * input[k]
      }
      return (state, input)
    }
  }

  /// P, as many rows as are needed for A + PᵀP to be normal.
  package func lowRankPart(size: Int) -> [[Double]] {
    let roots = (0..<size).map { (Double($0) + 0.5).squareRoot() }
    switch self {
    case .legendreScaled: return [roots]
    case .legendreTranslated:
      return [1, 0].map { parity in (0..<size).map { $0 % 2 == parity ? roots[$0] : 0 } }
    case .fourier: return [transition(size: size).input]
    }
  }

  /// The eigenvalues of A + PᵀP, by ascending imaginary parts, and its orthonormal eigenvectors.
  package func normalMatrix(
    size: Int
  ) -> (values: [ComplexNumber], vectors: [[ComplexNumber]]) {
    let state = transition(size: size).state
    let low = lowRankPart(size: size)
    func normal(_ n: Int, _ k: Int) -> Double {
      low.reduce(state[n * size + k]) { $0 + $1[n] * $1[k] }
    }
    let real = (0..<size).reduce(0) { $0 + normal($1, $1) } / Double(max(1, size))
    // A + PᵀP = real·1 + S with a skew-symmetric S, so -iS is Hermitian.
    var hermitian = ComplexMatrix(size: size)
    for n in 0..<size {
      for k in 0..<n {
        hermitian[n, k] = ComplexNumber(0, -normal(n, k))
        hermitian[k, n] = hermitian[n, k].conjugate
      }
    }
    let (values, vectors) = hermitian.hermitianEigenvectors()
    return (values.map { ComplexNumber(real, $0) }, vectors)
  }

  /// The system in the basis of the eigenvectors of A + PᵀP.
  ///
  /// One of each pair of conjugate eigenvalues is kept: those with the ⌊size/2⌋ most negative
  /// imaginary parts. The part of B along the imaginary axis is clipped to ±2, as in the original;
  /// an eigenvector's first element is made real, as LAPACK leaves it, and positive.
  ///
  /// - Parameters:
  ///   - size: N, the number of states.
  ///   - rank: how many rows P has; rows of zeros are added where the measure needs fewer.
  /// - Precondition: `rank` is at least what the measure needs.
  /// - Complexity: O(size³).
  package func normalForm(size: Int, rank: Int) -> NormalPlusLowRank {
    let input = transition(size: size).input
    let low = lowRankPart(size: size)
    require(
      rank >= low.count,
      "HiPPO.normalForm: rank \(rank), but \(self) needs \(low.count)")
    var (values, vectors) = normalMatrix(size: size)
    let kept = size / 2
    values = Array(values.prefix(kept))
    vectors = Array(vectors.prefix(kept))
    if let last = values.last, last.magnitude < 1e-4 {
      // The one pair of eigenvalues at zero: the first two states, which are coupled to nothing.
      var vector = [ComplexNumber](repeating: .zero, count: size)
      vector[0] = ComplexNumber(0.5.squareRoot())
      vector[1] = ComplexNumber(0, 0.5.squareRoot())
      vectors[kept - 1] = vector
    }
    /// V*x.
    func inBasis(_ x: [Double]) -> [ComplexNumber] {
      vectors.map { vector in
        zip(vector, x).reduce(.zero) { $0 + $1.0.conjugate * $1.1 }
      }
    }
    let padding = Array(repeating: [Double](repeating: 0, count: size), count: rank - low.count)
    return NormalPlusLowRank(
      poles: values,
      lowRank: (low + padding).map(inBasis),
      input: inBasis(input).map { ComplexNumber($0.real, min(2, max(-2, $0.imaginary))) },
      vectors: vectors)
  }
}

/// A = V(Λ - P*P)V* with one of each pair of conjugate states.
package struct NormalPlusLowRank: Sendable {
  /// Λ, with imaginary parts that are not positive.
  package var poles: [ComplexNumber]
  /// V*P, a row for each rank.
  package var lowRank: [[ComplexNumber]]
  /// V*B, clipped.
  package var input: [ComplexNumber]
  /// The columns of V.
  package var vectors: [[ComplexNumber]]
}
