import CLAPACK
import Dispatch
import LongConvolution

/// The decompositions that distillation needs, by LAPACK, on one thread.
enum LinearAlgebra {
  /// Held during a call where the matrix library is not safe from several threads: OpenBLAS without
  /// threads gives wrong results then, now and again.
  private static let turn: DispatchSemaphore? = {
    // No threads of its own beside those of the loops over channels.
    longwave_single_threaded_blas()
    return longwave_blas_takes_turns() != 0 ? DispatchSemaphore(value: 1) : nil
  }()

  /// Calls the matrix library.
  static func calling<Result>(_ body: () -> Result) -> Result {
    turn?.wait()
    defer { turn?.signal() }
    return body()
  }

  private static let layout = Int32(LONGWAVE_COLUMN_MAJOR)
  private static let no = CChar(UInt8(ascii: "N"))
  private static let vectors = CChar(UInt8(ascii: "V"))
  private static let upper = CChar(UInt8(ascii: "U"))

  private static func check(
    _ call: @autoclosure () -> Int32, _ name: String
  ) throws(DistillationError) {
    let status = calling(call)
    guard status == 0 else {
      throw DistillationError(
        .notConverged, place: "LAPACK \(name)", expected: "a decomposition of finite values",
        got: "status \(status)")
    }
  }

  /// The eigenvalues of a symmetric matrix in ascending order, and its eigenvectors if wanted.
  static func symmetricEigen(_ matrix: DenseMatrix, wantsVectors: Bool = true)
    throws(DistillationError) -> (values: [Double], vectors: DenseMatrix)
  {
    var work = matrix
    var values = [Double](repeating: 0, count: matrix.rows)
    guard matrix.rows > 0 else { return (values, work) }
    let size = Int32(matrix.rows)
    try check(
      LAPACKE_dsyevd(
        layout, wantsVectors ? vectors : no, upper, size, &work.elements, size, &values), "dsyevd")
    return (values, work)
  }

  /// The singular values of a matrix in descending order.
  static func singularValues(_ matrix: DenseMatrix) throws(DistillationError) -> [Double] {
    var work = matrix
    var values = [Double](repeating: 0, count: min(matrix.rows, matrix.columns))
    guard !values.isEmpty else { return values }
    var unused = 0.0
    let rows = Int32(matrix.rows)
    try check(
      LAPACKE_dgesdd(
        layout, no, rows, Int32(matrix.columns), &work.elements, rows, &values, nil, 1, &unused, 1),
      "dgesdd")
    return values
  }

  /// The eigenvalues of a real matrix: complex ones in conjugate pairs.
  static func eigenvalues(_ matrix: DenseMatrix) throws(DistillationError) -> [ComplexNumber] {
    guard matrix.rows > 0 else { return [] }
    guard matrix.elements.allSatisfy(\.isFinite) else {
      throw DistillationError(
        .notConverged, place: "LAPACK dgeev", expected: "finite values", got: "others")
    }
    var work = matrix
    let size = Int32(matrix.rows)
    var real = [Double](repeating: 0, count: matrix.rows)
    var imaginary = real
    try check(
      LAPACKE_dgeev(
        layout, no, no, size, &work.elements, size, &real, &imaginary, nil, 1, nil, 1), "dgeev")
    return zip(real, imaginary).map { ComplexNumber($0, $1) }
  }

  /// The shortest x with the least ‖Ax - b‖; singular values below `cutoff` times the largest
  /// count as zero.
  static func leastSquares(_ matrix: DenseMatrix, _ target: [Double], cutoff: Double)
    throws(DistillationError) -> [Double]
  {
    let (rows, columns) = (matrix.rows, matrix.columns)
    guard columns > 0 else { return [] }
    var work = matrix
    var solution = target + [Double](repeating: 0, count: max(0, columns - rows))
    var values = [Double](repeating: 0, count: min(rows, columns))
    var rank: Int32 = 0
    try check(
      LAPACKE_dgelsd(
        layout, Int32(rows), Int32(columns), 1, &work.elements, Int32(rows), &solution,
        Int32(solution.count), &values, cutoff, &rank), "dgelsd")
    return Array(solution[..<columns])
  }

  /// x with Ax = b for a symmetric positive matrix; `nil` if it is not positive.
  static func positiveSolve(_ matrix: DenseMatrix, _ target: [Double]) -> [Double]? {
    var (work, solution) = (matrix, target)
    let size = Int32(matrix.rows)
    let status = calling {
      LAPACKE_dposv(layout, upper, size, 1, &work.elements, size, &solution, size)
    }
    return status == 0 && solution.allSatisfy(\.isFinite) ? solution : nil
  }

  /// An orthonormal basis of the columns, of which there are no more than rows.
  static func orthonormal(_ matrix: DenseMatrix) throws(DistillationError) -> DenseMatrix {
    var factor = try OrthogonalFactor(matrix)
    let (rows, columns) = (Int32(matrix.rows), Int32(matrix.columns))
    let scales = factor.scales
    try check(
      LAPACKE_dorgqr(layout, rows, columns, columns, &factor.packed.elements, rows, scales),
      "dorgqr")
    return factor.packed
  }

  /// A = QR by Householder's reflections, with Q in factored form.
  struct OrthogonalFactor {
    /// R above the diagonal, the reflections below.
    var packed: DenseMatrix
    let scales: [Double]

    init(_ matrix: DenseMatrix) throws(DistillationError) {
      var packed = matrix
      var scales = [Double](repeating: 0, count: min(matrix.rows, matrix.columns))
      let rows = Int32(matrix.rows)
      try check(
        LAPACKE_dgeqrf(layout, rows, Int32(matrix.columns), &packed.elements, rows, &scales),
        "dgeqrf")
      (self.packed, self.scales) = (packed, scales)
    }

    /// R, square.
    var triangle: DenseMatrix {
      var result = DenseMatrix(zeros: packed.columns, packed.columns)
      for column in 0..<packed.columns {
        for row in 0...column { result[row, column] = packed[row, column] }
      }
      return result
    }

    /// Qᵀ·x for every column x.
    func transposedProduct(_ other: DenseMatrix) throws(DistillationError) -> DenseMatrix {
      var result = other
      guard other.columns > 0, !scales.isEmpty else { return result }
      let rows = Int32(packed.rows)
      try check(
        LAPACKE_dormqr(
          layout, CChar(UInt8(ascii: "L")), CChar(UInt8(ascii: "T")), rows, Int32(other.columns),
          Int32(scales.count), packed.elements, rows, scales, &result.elements, rows), "dormqr")
      return result
    }
  }
}
