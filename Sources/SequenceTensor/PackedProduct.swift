import LaneKernels

/// A single-threaded matrix product of packed factors.
///
/// The inner axis is cut into parts of up to 384 and the rows into blocks of 240, so that a block
/// of the left factor stays in the second cache while all panels of the right one go by.
struct PackedProduct {
  let m: Int, n: Int, k: Int

  private static let rowBlock = 240
  private static let longestPart = 384

  /// c = row + a·b for elements a[i·outer + p·inner], b[p·inner + j·outer].
  func multiply(
    _ a: UnsafePointer<Float>, inner innerA: Int, outer outerA: Int,
    _ b: UnsafePointer<Float>, inner innerB: Int, outer outerB: Int,
    _ c: UnsafeMutablePointer<Float>, adding row: UnsafePointer<Float>?
  ) {
    let parts = (k + Self.longestPart - 1) / Self.longestPart
    let part = (k + parts - 1) / parts
    let height = Self.roundedUp(min(m, Self.rowBlock), to: lanes.matrix_rows)
    let width = Self.roundedUp(n, to: lanes.matrix_columns)
    var scratch = Tensor(uninitialized: [(height + width) * part]) { _ in }
    let left = scratch.mutablePointer()
    let right = left + height * part
    for first in stride(from: 0, to: k, by: part) {
      let depth = min(part, k - first)
      lanes.matrix_pack(right, b + first * innerB, innerB, outerB, false, n, depth)
      for top in stride(from: 0, to: m, by: Self.rowBlock) {
        let rows = min(Self.rowBlock, m - top)
        lanes.matrix_pack(
          left, a + top * outerA + first * innerA, innerA, outerA, true, rows, depth)
        lanes.matrix_block(c + top * n, n, left, right, rows, n, depth, row, first > 0)
      }
    }
  }

  private static func roundedUp(_ count: Int, to unit: Int) -> Int {
    (count + unit - 1) / unit * unit
  }
}
