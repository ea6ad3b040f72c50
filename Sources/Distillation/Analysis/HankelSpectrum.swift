import SequenceTensor

/// How the singular values of a Hankel matrix are found.
public enum HankelMethod: String, Sendable, Hashable, Codable {
  /// By LAPACK for matrices of up to 256 rows, by random projections above.
  case automatic
  /// All of them by LAPACK's `dsyevd` from the whole matrix: O(m³) operations, m² values.
  case dense
  /// The largest by a block Krylov method with a random start (Musco and Musco, "Randomized block
  /// Krylov methods", 2015), whose products with the matrix are FFTs: the matrix is never formed.
  case randomized
}

/// The leading eigenvalues of a Hankel matrix by their magnitudes, which are its singular values,
/// and the eigenvectors.
///
/// A Hankel matrix is symmetric: with eigenvalue λ and eigenvector u, the left singular vector is u
/// and the right one sign(λ)·u.
struct HankelSpectrum {
  /// By descending magnitude.
  let values: [Double]
  /// The eigenvectors in the same order, `[m, count]`.
  let vectors: DenseMatrix

  /// What each value may be wrong by, relative to the largest, in the randomised method.
  static let tolerance = 1e-8
  /// Values of a basis of long vectors.
  private static let mostBasisValues = 1 << 26

  /// The `count` largest, or all if there are fewer.
  ///
  /// - Throws: `DistillationError` if the randomised method does not reach its tolerance with
  ///   `largestBasis` vectors: by default 2048, or of very long ones as many as fill half a
  ///   gigabyte, but at least four times `count`.
  init(
    _ matrix: HankelMatrix, count: Int, method: HankelMethod = .automatic,
    largestBasis: Int? = nil
  ) throws(DistillationError) {
    let count = min(count, matrix.size)
    let isDense =
      method == .dense
      || (method == .automatic && (matrix.size <= 256 || 4 * count >= matrix.size))
    guard !isDense else {
      self = try Self.eigenpairs(matrix.dense, count: count)
      return
    }
    let size = matrix.size
    let width = min(size, count + 8)
    var random = RandomSource(seed: 0x4861_6E6B_656C)
    var block = DenseMatrix(
      rows: size, columns: width, elements: (0..<size * width).map { _ in random.normal() })
    block = try LinearAlgebra.orthonormal(block)
    var basis = block
    var image = matrix(block)
    var latest = image
    let largestBasis = largestBasis ?? max(4 * count, min(2048, Self.mostBasisValues / size))
    // To look whether it is enough costs more than some more blocks.
    var nextLook = 3 * width
    while true {
      let added = min(width, size - basis.columns)
      let isLast = added == 0 || basis.columns + added > largestBasis
      if isLast || basis.columns >= nextLook {
        nextLook = basis.columns * 4 / 3
        let small = try Self.eigenpairs(
          .product(basis, image, transposing: true), count: count)
        let found = HankelSpectrum(
          values: small.values, vectors: .product(basis, small.vectors))
        if basis.columns >= size || found.isAccurate(.product(image, small.vectors)) {
          self = found
          return
        }
      }
      guard !isLast else {
        throw DistillationError(
          .notConverged, place: "HankelSpectrum",
          expected: "\(count) values to \(Self.tolerance) with \(largestBasis) vectors",
          got: "slower convergence; ask for fewer values")
      }
      var next = latest.columns(0..<added)
      for _ in 0..<3 {
        next = next - .product(basis, .product(basis, next, transposing: true))
        next = try LinearAlgebra.orthonormal(next)
      }
      basis = basis.appending(next)
      latest = matrix(next)
      image = image.appending(latest)
    }
  }

  private init(values: [Double], vectors: DenseMatrix) {
    (self.values, self.vectors) = (values, vectors)
  }

  /// The leading eigenpairs of a symmetric matrix.
  private static func eigenpairs(_ matrix: DenseMatrix, count: Int)
    throws(DistillationError) -> HankelSpectrum
  {
    let (values, vectors) = try LinearAlgebra.symmetricEigen(matrix)
    let order = values.indices.sorted { (abs(values[$0]), $1) > (abs(values[$1]), $0) }
      .prefix(count)
    return HankelSpectrum(
      values: order.map { values[$0] },
      vectors: DenseMatrix(
        rows: matrix.rows, columns: order.count, elements: order.flatMap { vectors.column($0) }))
  }

  /// Whether the residuals ‖Γu - λu‖, which bound the errors of the values, are small enough.
  ///
  /// - Parameter moved: Γu for every vector u.
  private func isAccurate(_ moved: DenseMatrix) -> Bool {
    let limit = Self.tolerance * abs(values.first ?? 0)
    return values.indices.allSatisfy { index in
      zip(moved.column(index), vectors.column(index)).reduce(0) { sum, pair in
        let difference = pair.0 - values[index] * pair.1
        return sum + difference * difference
      } <= limit * limit
    }
  }
}
