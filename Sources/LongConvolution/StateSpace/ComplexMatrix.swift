import SequenceTensor

/// A small square complex matrix in double precision, row-major.
struct ComplexMatrix: Sendable {
  let size: Int
  var elements: [ComplexNumber]

  /// A matrix of zeros, or with a number on the diagonal.
  init(size: Int, diagonal: ComplexNumber = .zero) {
    self.size = size
    elements = Array(repeating: .zero, count: size * size)
    for index in 0..<size { elements[index * size + index] = diagonal }
  }

  subscript(row: Int, column: Int) -> ComplexNumber {
    get { elements[row * size + column] }
    set { elements[row * size + column] = newValue }
  }

  var transposed: ComplexMatrix {
    var result = self
    for row in 0..<size {
      for column in 0..<size { result[column, row] = self[row, column] }
    }
    return result
  }

  static func * (a: ComplexMatrix, b: ComplexMatrix) -> ComplexMatrix {
    let size = a.size
    var result = ComplexMatrix(size: size)
    result.elements.withUnsafeMutableBufferPointer { result in
      for row in 0..<size {
        for inner in 0..<size {
          let factor = a.elements[row * size + inner]
          for column in 0..<size {
            result[row * size + column] += factor * b.elements[inner * size + column]
          }
        }
      }
    }
    return result
  }

  /// The matrix to a power of at least 0, by squaring.
  func power(_ exponent: Int) -> ComplexMatrix {
    var result = ComplexMatrix(size: size, diagonal: .one)
    var square = self
    var rest = exponent
    while rest > 0 {
      if rest % 2 == 1 { result = result * square }
      rest /= 2
      if rest > 0 { square = square * square }
    }
    return result
  }

  /// The solutions x of Ax = b for several right sides, by elimination with row pivots.
  ///
  /// Singular matrices give numbers that are not finite.
  func solve(_ rightSides: [[ComplexNumber]]) -> [[ComplexNumber]] {
    var a = self
    var x = rightSides
    for column in 0..<size {
      let pivot =
        (column..<size).max {
          a[$0, column].squaredMagnitude < a[$1, column].squaredMagnitude
        } ?? column
      if pivot != column {
        for k in 0..<size { a.elements.swapAt(pivot * size + k, column * size + k) }
        for side in x.indices { x[side].swapAt(pivot, column) }
      }
      let inverse = .one / a[column, column]
      for row in column + 1..<max(size, column + 1) {
        let factor = a[row, column] * inverse
        guard factor != .zero else { continue }
        for k in column..<size { a[row, k] -= factor * a[column, k] }
        for side in x.indices { x[side][row] -= factor * x[side][column] }
      }
    }
    for side in x.indices {
      for row in stride(from: size - 1, through: 0, by: -1) {
        var sum = x[side][row]
        for k in row + 1..<max(size, row + 1) { sum -= a[row, k] * x[side][k] }
        x[side][row] = sum / a[row, row]
      }
    }
    return x
  }
}

extension ComplexMatrix {
  /// The eigenvalues of a Hermitian matrix in ascending order, and its orthonormal eigenvectors.
  ///
  /// Cyclic Jacobi rotations (Golub and Van Loan, "Matrix computations", section 8.5), about ten
  /// sweeps of O(size³). A vector's first element that is not tiny is real and positive.
  func hermitianEigenvectors() -> (values: [Double], vectors: [[ComplexNumber]]) {
    var a = self
    // Row j holds eigenvector j.
    var vectors = ComplexMatrix(size: size, diagonal: .one)
    let scale = elements.reduce(0) { $0 + $1.squaredMagnitude }
    for _ in 0..<60 {
      var rest = 0.0
      for p in 0..<size {
        for q in p + 1..<max(size, p + 1) {
          rest += a[p, q].squaredMagnitude
          a.rotate(p, q, &vectors)
        }
      }
      if rest <= 1e-31 * scale { break }
    }
    let order = (0..<size).sorted { a[$0, $0].real < a[$1, $1].real }
    return (
      order.map { a[$0, $0].real },
      order.map { row in
        let vector = (0..<size).map { vectors[row, $0] }
        guard let first = vector.first(where: { $0.magnitude > 1e-8 }) else { return vector }
        let phase = first.conjugate * (1 / first.magnitude)
        return vector.map { $0 * phase }
      }
    )
  }

  /// Makes the elements (p, q) and (q, p) zero by a unitary rotation of both.
  private mutating func rotate(_ p: Int, _ q: Int, _ vectors: inout ComplexMatrix) {
    let off = self[p, q].magnitude
    guard off > 0 else { return }
    let phase = self[p, q] * (1 / off)
    let ratio = (self[q, q].real - self[p, p].real) / (2 * off)
    let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    let sine = tangent * cosine
    // Columns p and q, then rows, then the vectors, which are rows here.
    for k in 0..<size {
      let (x, y) = (self[k, p], self[k, q] * phase.conjugate)
      self[k, p] = x * cosine - y * sine
      self[k, q] = x * sine + y * cosine
    }
    for k in 0..<size {
      let (x, y) = (self[p, k], self[q, k] * phase)
      self[p, k] = x * cosine - y * sine
      self[q, k] = x * sine + y * cosine
      let (u, v) = (vectors[p, k], vectors[q, k] * phase.conjugate)
      vectors[p, k] = u * cosine - v * sine
      vectors[q, k] = u * sine + v * cosine
    }
  }
}
