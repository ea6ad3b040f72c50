import LongConvolution
import SequenceTensor
import SpectralCore

/// A square Hankel matrix, of which entry (i, j) is symbol[i + j]: symmetric, and applied by FFT
/// without being formed.
struct HankelMatrix: Sendable {
  /// The number of rows and columns, m.
  let size: Int
  /// The 2m - 1 values along the first row and down the last column.
  let symbol: [Double]
  private let transform: DoubleRealTransform
  private let spectrum: [Double]

  init(size: Int, symbol: [Double]) {
    self.size = size
    self.symbol = symbol
    var length = 1
    while length < 2 * size { length *= 2 }
    transform = .plan([length])
    spectrum = transform.forward(
      symbol + [Double](repeating: 0, count: length - symbol.count))
  }

  /// All the taps, with zeros beyond: the Hankel matrix of the filter as an infinite response.
  ///
  /// - Parameter shift: how many taps are left out before.
  static func padded(_ taps: ArraySlice<Double>, shift: Int = 0) -> HankelMatrix {
    let size = taps.count
    let kept = taps.dropFirst(shift)
    return HankelMatrix(
      size: size, symbol: kept + [Double](repeating: 0, count: 2 * size - 1 - kept.count))
  }

  /// The matrix of m rows of the first 2m - 1 taps, none of them made up.
  static func window(_ taps: ArraySlice<Double>, size: Int, shift: Int = 0) -> HankelMatrix {
    HankelMatrix(size: size, symbol: Array(taps.dropFirst(shift).prefix(2 * size - 1)))
  }

  /// The matrix itself.
  var dense: DenseMatrix {
    var result = DenseMatrix(zeros: size, size)
    for column in 0..<size {
      for row in 0..<size { result[row, column] = symbol[row + column] }
    }
    return result
  }

  /// Σ of the squares of all entries.
  var squaredNorm: Double {
    symbol.indices.reduce(0) {
      $0 + symbol[$1] * symbol[$1] * Double(min($1 + 1, 2 * size - 1 - $1))
    }
  }

  /// The product with every column: y[i] = Σⱼ symbol[i + j]·x[j], the symbol convolved with the
  /// reverse of x.
  ///
  /// - Complexity: O(m log m) for each column.
  func callAsFunction(_ x: DenseMatrix) -> DenseMatrix {
    let length = transform.gridShape.count
    let scale = 1 / Double(length)
    var result = DenseMatrix(zeros: size, x.columns)
    result.elements.withUnsafeMutableBufferPointer { result in
      guard let place = result.baseAddress else { return }
      // Tasks write to their own columns.
      nonisolated(unsafe) let result = place
      Parallel.forEach(tasks: x.columns) { column, _ in
        var grid = [Double](repeating: 0, count: length)
        for row in 0..<size { grid[size - 1 - row] = x.elements[column * size + row] }
        var product = transform.forward(grid)
        for mode in 0..<product.count / 2 {
          let (a, b) = (product[2 * mode], product[2 * mode + 1])
          let (c, d) = (spectrum[2 * mode], spectrum[2 * mode + 1])
          (product[2 * mode], product[2 * mode + 1]) = (a * c - b * d, a * d + b * c)
        }
        product.withUnsafeMutableBufferPointer { product in
          grid.withUnsafeMutableBufferPointer { grid in
            guard let from = product.baseAddress, let to = grid.baseAddress else { return }
            transform.inverse(destroying: from, to: to)
          }
        }
        for row in 0..<size { result[column * size + row] = grid[size - 1 + row] * scale }
      }
    }
    return result
  }
}
