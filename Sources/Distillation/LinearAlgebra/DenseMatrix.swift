import CLAPACK

/// A matrix in double precision, columns one after the other as LAPACK has them.
struct DenseMatrix: Sendable {
  let rows: Int
  let columns: Int
  var elements: [Double]

  init(rows: Int, columns: Int, elements: [Double]) {
    precondition(elements.count == rows * columns)
    (self.rows, self.columns, self.elements) = (rows, columns, elements)
  }

  init(zeros rows: Int, _ columns: Int) {
    self.init(
      rows: rows, columns: columns, elements: [Double](repeating: 0, count: rows * columns))
  }

  subscript(row: Int, column: Int) -> Double {
    get { elements[column * rows + row] }
    set { elements[column * rows + row] = newValue }
  }

  /// The elements of a column.
  func column(_ index: Int) -> ArraySlice<Double> {
    elements[index * rows..<(index + 1) * rows]
  }

  /// Some of the columns.
  func columns(_ range: Range<Int>) -> DenseMatrix {
    DenseMatrix(
      rows: rows, columns: range.count,
      elements: Array(elements[range.lowerBound * rows..<range.upperBound * rows]))
  }

  /// The columns of this matrix, then those of another with as many rows.
  func appending(_ other: DenseMatrix) -> DenseMatrix {
    DenseMatrix(
      rows: rows, columns: columns + other.columns, elements: elements + other.elements)
  }

  static func - (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix {
    DenseMatrix(
      rows: a.rows, columns: a.columns, elements: zip(a.elements, b.elements).map { $0 - $1 })
  }

  /// The product a·b, or aᵀ·b.
  static func product(_ a: DenseMatrix, _ b: DenseMatrix, transposing: Bool = false)
    -> DenseMatrix
  {
    var m = Int32(transposing ? a.columns : a.rows)
    var k = Int32(transposing ? a.rows : a.columns)
    var n = Int32(b.columns)
    precondition(Int(k) == b.rows)
    var result = DenseMatrix(zeros: Int(m), b.columns)
    guard m > 0, n > 0, k > 0 else { return result }
    var (one, zero) = (1.0, 0.0)
    var (strideA, strideB) = (Int32(a.rows), Int32(b.rows))
    var (formA, formB) = (CChar(UInt8(ascii: transposing ? "T" : "N")), CChar(UInt8(ascii: "N")))
    var strideC = m
    LinearAlgebra.calling {
      dgemm_(
        &formA, &formB, &m, &n, &k, &one, a.elements, &strideA, b.elements, &strideB, &zero,
        &result.elements, &strideC)
    }
    return result
  }
}
