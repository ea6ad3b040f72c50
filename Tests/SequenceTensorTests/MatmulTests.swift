import SequenceTensor
import TestSupport
import Testing

/// Matrix products in all four forms against double precision.
@Suite struct MatmulTests {
  /// m, k, n: odd sizes, single rows, an inner axis long enough to be sliced, many rows.
  static let sizes = [
    (1, 1, 1), (3, 5, 7), (17, 33, 9), (1, 64, 31), (31, 64, 1), (64, 1, 64), (5, 2049, 3),
    (7, 5000, 11), (64, 3001, 64), (1025, 19, 23), (600, 130, 470), (4, 0, 3), (0, 4, 3),
    (4, 3, 0),
  ]

  private static func stored(
    _ rows: Int, _ columns: Int, _ form: MatrixForm, _ random: inout RandomSource
  ) -> Tensor {
    Tensor(normal: form == .stored ? [rows, columns] : [columns, rows], using: &random)
  }

  private static func expected(_ a: Tensor, _ b: Tensor, _ m: Int, _ k: Int, _ n: Int) -> [Double] {
    let (x, y) = (a.elements.map(Double.init), b.elements.map(Double.init))
    var result = [Double](repeating: 0, count: m * n)
    result.withUnsafeMutableBufferPointer { result in
      for i in 0..<m {
        for p in 0..<k {
          let factor = x[i * k + p]
          for j in 0..<n { result[i * n + j] += factor * y[p * n + j] }
        }
      }
    }
    return result
  }

  @Test(arguments: sizes) func matchesDoublePrecision(m: Int, k: Int, n: Int) {
    var random = RandomSource(seed: UInt64(m * 1000 + k), stream: UInt64(n))
    for formA in [MatrixForm.stored, .transposed] {
      for formB in [MatrixForm.stored, .transposed] {
        let a = Self.stored(m, k, formA, &random)
        let b = Self.stored(k, n, formB, &random)
        let expected = Self.expected(
          formA == .stored ? a : a.transposed(), formB == .stored ? b : b.transposed(), m, k, n)
        let one = withThreads(1) { Tensor.product(a, formA, b, formB) }
        let two = withThreads(2) { Tensor.product(a, formA, b, formB) }
        #expect(one.shape == [m, n])
        #expect(relativeError(one.elements, expected) < 1e-6, "\(formA) \(formB)")
        #expect(bitsEqual(one, two), "\(formA) \(formB)")
      }
    }
  }

  @Test func joinsLeadingAxes() {
    var random = RandomSource(seed: 1)
    let a = Tensor(normal: [2, 3, 4, 5], using: &random)
    let b = Tensor(normal: [5, 6], using: &random)
    let product = Tensor.matmul(a, b)
    #expect(product.shape == [2, 3, 4, 6])
    let expected = Self.expected(a.reshaped(24, 5), b, 24, 5, 6)
    #expect(relativeError(product.elements, expected) < 1e-6)
    // As in the gradient of a weight: rows of all leading axes are summed over.
    let gradient = Tensor.product(a, .transposed, product, .stored)
    #expect(gradient.shape == [5, 6])
    let sum = Self.expected(a.reshaped(24, 5).transposed(), product.reshaped(24, 6), 5, 24, 6)
    #expect(relativeError(gradient.elements, sum) < 1e-6)
  }

  @Test func wrongInnerSizesStop() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor.matmul(Tensor(zeros: [2, 3]), Tensor(zeros: [4, 2]))
    }
  }
}
