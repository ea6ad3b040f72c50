import LaneKernels
import SequenceTensor
import Testing

/// Products of packed factors, of all forms and starts.
@Suite struct MatrixProductTests {
  @Test(arguments: InstructionSet.all) func products(set: InstructionSet) {
    let kernels = set.kernels
    for (m, n, k) in [(1, 1, 1), (4, 8, 3), (12, 32, 16), (13, 33, 5), (25, 70, 37), (48, 24, 64)] {
      let (a, b) = (normals(m * k, 1), normals(k * n, 2))
      let (row, before) = (normals(n, 3), normals(m * (n + 2), 4))
      func up(_ count: Int, _ unit: Int) -> Int { (count + unit - 1) / unit * unit }
      for form in 0..<4 {
        // Rows of the factors, or columns, lie together.
        let leftByRows = form % 2 == 0
        let rightByRows = form / 2 == 0
        var left = Tensor(repeating: .nan, shape: [up(m, kernels.matrix_rows), k])
        var right = Tensor(repeating: .nan, shape: [up(n, kernels.matrix_columns), k])
        kernels.matrix_pack(
          left.mutablePointer(), a, leftByRows ? 1 : m, leftByRows ? k : 1, true, m, k)
        kernels.matrix_pack(
          right.mutablePointer(), b, rightByRows ? n : 1, rightByRows ? 1 : k, false, n, k)
        for start in 0..<3 {
          var c = before
          kernels.matrix_block(
            &c, n + 2, left.pointer, right.pointer, m, n, k, start == 1 ? row : nil, start == 2)
          var expected = before.map(Double.init)
          for i in 0..<m {
            for j in 0..<n {
              let at = i * (n + 2) + j
              let sum = (0..<k).reduce(0.0) { sum, p in
                sum + Double(a[leftByRows ? i * k + p : p * m + i])
                  * Double(b[rightByRows ? p * n + j : j * k + p])
              }
              expected[at] = sum + (start == 1 ? Double(row[j]) : start == 2 ? expected[at] : 0)
            }
          }
          #expect(largestError(c, expected) < 1e-5, "\(m) x \(n) x \(k), form \(form), \(start)")
        }
      }
    }
  }
}
