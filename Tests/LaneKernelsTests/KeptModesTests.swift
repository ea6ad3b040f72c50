import LaneKernels
import SequenceTensor
import Testing

/// The kept modes of one axis against the definition, in every instruction set.
@Suite struct KeptModesTests {
  /// An axis of points, and which modes of it are kept in which rows.
  struct Axis: Sendable, CustomTestStringConvertible {
    let size, positive, positiveRow, negative, negativeRow: Int
    let isHalved: Bool

    var testDescription: String { "\(negative) + \(positive) of \(size)" }
    var rows: Int { positive + negative }
    var magnitudes: Int { max(positive, negative + 1) }
    var lanes: LaneModes {
      LaneModes(
        size: size, positive: positive, positive_row: positiveRow, negative: negative,
        negative_row: negativeRow)
    }

    /// The frequency of each row.
    var frequencies: [Int] {
      (0..<rows).map { row in
        row >= positiveRow && row < positiveRow + positive
          ? row - positiveRow : row - negativeRow - negative
      }
    }

    static let all =
      [(1, 1), (2, 2), (3, 2), (8, 5), (9, 3), (17, 9), (32, 8), (33, 10)].map {
        Axis(
          size: $0, positive: $1, positiveRow: 0, negative: 0, negativeRow: 0, isHalved: true)
      }
      + [(1, 1, 0), (2, 1, 1), (7, 2, 1), (8, 4, 4), (9, 1, 2), (17, 9, 8), (32, 8, 8)].map {
        Axis(
          size: $0, positive: $1, positiveRow: $2, negative: $2, negativeRow: 0, isHalved: false)
      }
      // Negative modes after the others.
      + [Axis(size: 12, positive: 5, positiveRow: 0, negative: 4, negativeRow: 5, isHalved: false)]
  }

  static let widths = [1, 5, 16, 20, 32, 37, 64]

  /// A table in blocks of columns, those beyond the last zero.
  static func table(terms: Int, columns: Int, _ value: (Int, Int) -> Double) -> [Float] {
    let block = Int(LANE_MODE_BLOCK)
    return stride(from: 0, to: columns, by: block).flatMap { first in
      (0..<terms).flatMap { term in
        (first..<first + block).map { $0 < columns ? Float(value(term, $0)) : 0 }
      }
    }
  }

  @Test(arguments: InstructionSet.all, Axis.all) func analysis(set: InstructionSet, axis: Axis) {
    let size = axis.size
    let even = Self.table(terms: size / 2 + 1, columns: axis.magnitudes) {
      Complex.root($0 * $1, of: size).re
    }
    let odd = Self.table(terms: (size - 1) / 2, columns: axis.magnitudes) {
      Complex.root(($0 + 1) * $1, of: size).im
    }
    for width in Self.widths where axis.isHalved || width % 2 == 0 {
      // Rows are two values longer than what is read of them.
      let stride = width + 2
      let x = normals(size * stride, 5)
      let parts = axis.isHalved ? 2 : 1
      var z = [Float](repeating: 42, count: axis.rows * parts * stride)
      var scratch = [Float](repeating: 0, count: 2 * (size + 1) * Int(LANE_MODE_LINE))
      var kept = axis.lanes
      let kernel = axis.isHalved ? set.kernels.modes_of_real : set.kernels.modes_of_complex
      kernel(&z, x, &kept, even, odd, &scratch, stride, width)
      var expected = [Double](repeating: 42, count: z.count)
      for (row, k) in axis.frequencies.enumerated() {
        for c in 0..<(axis.isHalved ? width : width / 2) {
          var sum = Complex(0)
          for n in 0..<size {
            let at = n * stride + (axis.isHalved ? c : 2 * c)
            let value =
              axis.isHalved
              ? Complex(Double(x[at]), 0) : Complex(Double(x[at]), Double(x[at + 1]))
            sum = sum + value * Complex.root(((k + size) * n) % size, of: size)
          }
          expected[row * parts * stride + 2 * c] = sum.re
          expected[row * parts * stride + 2 * c + 1] = sum.im
        }
      }
      #expect(largestError(z, expected, scale: 8) < 1e-6, "width \(width)")
    }
  }

  @Test(arguments: InstructionSet.all, Axis.all) func synthesis(set: InstructionSet, axis: Axis) {
    let size = axis.size
    let columns = size / 2 + 1
    let even = Self.table(terms: axis.magnitudes, columns: columns) {
      Complex.root($0 * $1, of: size).re
    }
    let odd = Self.table(terms: axis.magnitudes, columns: columns) {
      Complex.root($0 * $1, of: size).im
    }
    for width in Self.widths where axis.isHalved || width % 2 == 0 {
      let stride = width + 2
      let parts = axis.isHalved ? 2 : 1
      let z = normals(axis.rows * parts * stride, 6)
      var y = [Float](repeating: 42, count: size * stride)
      var scratch = [Float](repeating: 0, count: 4 * axis.magnitudes * Int(LANE_MODE_LINE))
      var kept = axis.lanes
      let kernel = axis.isHalved ? set.kernels.real_of_modes : set.kernels.complex_of_modes
      kernel(&y, z, &kept, even, odd, &scratch, stride, width)
      var expected = [Double](repeating: 42, count: y.count)
      for n in 0..<size {
        for c in 0..<(axis.isHalved ? width : width / 2) {
          var sum = Complex(0)
          for (row, k) in axis.frequencies.enumerated() {
            let at = row * parts * stride + 2 * c
            let root = Complex.root(((k + size) * n) % size, of: size).conjugate
            sum = sum + Complex(Double(z[at]), Double(z[at + 1])) * root
          }
          if axis.isHalved {
            expected[n * stride + c] = sum.re
          } else {
            expected[n * stride + 2 * c] = sum.re
            expected[n * stride + 2 * c + 1] = sum.im
          }
        }
      }
      #expect(largestError(y, expected, scale: 8) < 1e-6, "width \(width)")
    }
  }
}
