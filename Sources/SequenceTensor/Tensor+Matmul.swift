import COneDNN
import LaneKernels

/// Whether a factor of a matrix product enters as it is stored or transposed.
package enum MatrixForm: Sendable {
  case stored, transposed
}

extension Tensor {
  /// The matrix product of `[…, m, k]`, its leading axes joined to rows, and `[k, n]`.
  ///
  /// - Returns: `[…, m, n]`.
  /// - Precondition: the inner sizes agree and `b` has two axes.
  /// - Complexity: O(m·n·k) through oneDNN, in parallel pieces of rows.
  public static func matmul(_ a: Tensor, _ b: Tensor) -> Tensor {
    product(a, .stored, b, .stored)
  }

  /// A matrix product with either factor transposed; `a` is read as `[rows, last]`.
  ///
  /// The work is cut into pieces of fixed size (rows of the result, or, for a small result with a
  /// long inner axis, slices of that axis that are added in order), so that the bits do not
  /// depend on the number of threads.
  ///
  /// - Parameters:
  ///   - a: the left factor.
  ///   - b: the right factor.
  ///   - row: added to every row of the result, `[n]`.
  ///   - finish: called with each range of rows of the result when it is done and still in the
  ///     cache, and with the result's elements; rows are cut only if the inner axis is short.
  package static func product(
    _ a: Tensor, _ formA: MatrixForm, _ b: Tensor, _ formB: MatrixForm, adding row: Tensor? = nil,
    finish: ((_ rows: Range<Int>, _ result: UnsafeMutablePointer<Float>) -> Void)? = nil
  ) -> Tensor {
    let (rowsA, columnsA) = (a.shape.rows, a.shape.last)
    let (rowsB, columnsB) = (b.shape.rows, b.shape.last)
    let (m, k) = formA == .stored ? (rowsA, columnsA) : (columnsA, rowsA)
    let (kb, n) = formB == .stored ? (rowsB, columnsB) : (columnsB, rowsB)
    require(
      k == kb, "Tensor.matmul: inner sizes of \(a.shape) \(formA) and \(b.shape) \(formB) differ")
    let shape = formA == .stored ? a.shape.replacing(axis: -1, with: n) : Shape([m, n])
    if k > 2 * sliceSize && m * n <= sliceSize * sliceSize / 4 && row == nil && finish == nil {
      return slicedProduct(a, formA, b, formB, m: m, n: n, k: k, shape: shape)
    }
    return Tensor(uninitialized: shape) { c in
      Parallel.forEachRange(m, grain: rowGrain) { rows in
        gemm(
          formA, formB, m: rows.count, n: n, k: k,
          a: a.pointer + rows.lowerBound * (formA == .stored ? k : 1), lda: columnsA,
          b: b.pointer, ldb: columnsB, c: c + rows.lowerBound * n, adding: row?.pointer)
        finish?(rows, c)
      }
    }
  }

  private static let rowGrain = 512
  private static let sliceSize = 1024

  private static func slicedProduct(
    _ a: Tensor, _ formA: MatrixForm, _ b: Tensor, _ formB: MatrixForm, m: Int, n: Int, k: Int,
    shape: Shape
  ) -> Tensor {
    let slices = (k + sliceSize - 1) / sliceSize
    let partial = Tensor(uninitialized: [slices, m, n]) { c in
      Parallel.forEachRange(k, grain: sliceSize) { range in
        let first = range.lowerBound
        gemm(
          formA, formB, m: m, n: n, k: range.count,
          a: a.pointer + first * (formA == .stored ? 1 : m), lda: a.shape.last,
          b: b.pointer + first * (formB == .stored ? n : 1), ldb: b.shape.last,
          c: c + first / sliceSize * m * n)
      }
    }
    return partial.sum(axis: 0).reshaped(to: shape)
  }

  /// One single-threaded product of row-major matrices, `c` overwritten or added to.
  ///
  /// - Parameters:
  ///   - row: added to every row of the result, `[n]`.
  ///   - accumulates: whether the product is added to what `c` holds.
  package static func gemm(
    _ formA: MatrixForm, _ formB: MatrixForm, m: Int, n: Int, k: Int,
    a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int,
    c: UnsafeMutablePointer<Float>, adding row: UnsafePointer<Float>? = nil,
    accumulates: Bool = false
  ) {
    guard m > 0, n > 0 else { return }
    if k > 0 {
      func code(_ form: MatrixForm) -> CChar {
        CChar(bitPattern: UInt8(ascii: form == .stored ? "N" : "T"))
      }
      let status = dnnl_sgemm(
        code(formA), code(formB), Int64(m), Int64(n), Int64(k), 1, a, Int64(lda), b, Int64(ldb),
        accumulates ? 1 : 0, c, Int64(n))
      require(status == 0, "Tensor.matmul: oneDNN refused [\(m), \(k)] x [\(k), \(n)]")
    } else if !accumulates {
      c.update(repeating: 0, count: m * n)
    }
    if let row { lanes.add_row(c, c, row, m, n) }
  }
}
