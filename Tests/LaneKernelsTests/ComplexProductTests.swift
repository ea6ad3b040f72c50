import LaneKernels
import Testing

/// Products of complex matrices against plain sums, in every instruction set.
@Suite struct ComplexProductTests {
  static let conjugates = [LANE_CONJUGATE_NONE, LANE_CONJUGATE_LEFT, LANE_CONJUGATE_RIGHT]

  @Test(arguments: InstructionSet.all) func products(set: InstructionSet) {
    for (m, n, k) in [
      (1, 1, 1), (3, 2, 5), (4, 7, 3), (5, 8, 4), (6, 9, 7), (9, 20, 6), (4, 33, 2),
    ] {
      let a = Complex.normals(m * k, 1)
      let b = Complex.normals(k * n, 2)
      for conjugate in Self.conjugates {
        for isTransposed in [false, true] {
          // Elements of a lie by rows, or by columns; rows of b and c have two floats to spare.
          var left = [Float](repeating: 42, count: 2 * m * k)
          for i in 0..<m {
            for t in 0..<k {
              let at = 2 * (isTransposed ? t * m + i : i * k + t)
              (left[at], left[at + 1]) = (Float(a[i * k + t].re), Float(a[i * k + t].im))
            }
          }
          let pitch = 2 * n + 2
          var right = [Float](repeating: 42, count: k * pitch)
          for t in 0..<k {
            for j in 0..<n {
              right[t * pitch + 2 * j] = Float(b[t * n + j].re)
              right[t * pitch + 2 * j + 1] = Float(b[t * n + j].im)
            }
          }
          var c = [Float](repeating: 42, count: m * pitch)
          set.kernels.complex_product(
            &c, pitch, left, isTransposed ? 2 : 2 * k, isTransposed ? 2 * m : 2, right, pitch, m, n,
            k, conjugate)
          var expected = [Double](repeating: 42, count: c.count)
          for i in 0..<m {
            for j in 0..<n {
              var sum = Complex(0)
              for t in 0..<k {
                let x = conjugate == LANE_CONJUGATE_LEFT ? a[i * k + t].conjugate : a[i * k + t]
                let y = conjugate == LANE_CONJUGATE_RIGHT ? b[t * n + j].conjugate : b[t * n + j]
                sum = sum + x * y
              }
              (expected[i * pitch + 2 * j], expected[i * pitch + 2 * j + 1]) = (sum.re, sum.im)
            }
          }
          #expect(
            largestError(c, expected, scale: 8) < 1e-6, "\(m) x \(k) x \(n), \(conjugate)")
        }
      }
    }
  }
}
