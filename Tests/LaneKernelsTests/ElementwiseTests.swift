import LaneKernels
import SequenceTensor
import Testing

@Suite struct ElementwiseTests {
  @Test(arguments: InstructionSet.all) func arithmetic(set: InstructionSet) {
    let k = set.kernels
    for n in InstructionSet.counts {
      let (a, b) = (normals(n, 1), normals(n, 2))
      // One more value shows that nothing is written beyond the end.
      var y = [Float](repeating: 42, count: n + 1)
      func expect(_ name: String, _ f: (Float, Float) -> Float) {
        // A multiply and an add may be fused, so a rounding apart is right.
        let right = (0..<n).allSatisfy { abs(y[$0] - f(a[$0], b[$0])) <= 3e-7 * abs(y[$0]) + 1e-7 }
        #expect(right && y[n] == 42, "\(name), \(n)")
      }
      k.add(&y, a, b, n)
      expect("add", +)
      k.subtract(&y, a, b, n)
      expect("subtract", -)
      k.multiply(&y, a, b, n)
      expect("multiply", *)
      k.divide(&y, a, b, n)
      expect("divide", /)
      k.scale(&y, a, -1.5, n)
      expect("scale") { x, _ in -1.5 * x }
      k.affine(&y, a, 2, 0.25, n)
      expect("affine") { x, _ in 2 * x + 0.25 }
      y = b + [42]
      k.accumulate(&y, a, n)
      expect("accumulate", +)
      y = b + [42]
      k.accumulate_scaled(&y, a, -3, n)
      expect("accumulate_scaled") { x, z in z - 3 * x }
    }
  }

  /// The destination may be either operand.
  @Test(arguments: InstructionSet.all) func inPlace(set: InstructionSet) {
    let (a, b) = (normals(50, 3), normals(50, 4))
    var y = a
    y.withUnsafeMutableBufferPointer { y in
      guard let p = y.baseAddress else { return }
      set.kernels.add(p, p, b, 50)
      set.kernels.multiply(p, b, p, 50)
      set.kernels.scale(p, p, 2, 50)
    }
    #expect(y == zip(a, b).map { 2 * ($1 * ($0 + $1)) })
  }

  @Test(arguments: InstructionSet.all) func rows(set: InstructionSet) {
    let k = set.kernels
    for rows in [0, 1, 3, 64, 65, 150] {
      for n in [0, 1, 5, 16, 63, 64, 65, 130] {
        let x = normals(rows * n, 5)
        let z = normals(rows * n, 6)
        let (p, q) = (normals(n, 7), normals(n, 8))
        var y = [Float](repeating: 0, count: rows * n)
        k.add_row(&y, x, p, rows, n)
        #expect(y.indices.allSatisfy { y[$0] == x[$0] + p[$0 % n] })
        k.multiply_row(&y, x, p, rows, n)
        #expect(y.indices.allSatisfy { y[$0] == x[$0] * p[$0 % n] })
        k.affine_rows(&y, x, p, q, rows, n)
        let affine = y.indices.map { Double(x[$0]) * Double(p[$0 % n]) + Double(q[$0 % n]) }
        #expect(largestError(y, affine) < 3e-6)

        // Sums are added to what is there, here q.
        func sums(_ term: (Int) -> Double) -> [Double] {
          (0..<n).map { c in
            (0..<rows).reduce(Double(q[c])) { $0 + term($1 * n + c) }
          }
        }
        var out = q
        k.sum_rows(&out, x, rows, n)
        #expect(largestError(out, sums { Double(x[$0]) }, scale: 12) < 1e-6)
        out = q
        k.sum_products(&out, x, z, rows, n)
        #expect(largestError(out, sums { Double(x[$0]) * Double(z[$0]) }, scale: 12) < 1e-6)
        out = q
        k.sum_squared_deviations(&out, x, p, rows, n)
        let deviations = sums {
          let d = Double(x[$0]) - Double(p[$0 % n])
          return d * d
        }
        #expect(allWithin(out, deviations) { _, sum in 1e-6 * (sum + 4) })
      }
    }
  }

  @Test(arguments: InstructionSet.all) func totals(set: InstructionSet) {
    for n in InstructionSet.counts + [5000] {
      let x = normals(n, 9)
      let sum = x.reduce(0.0) { $0 + Double($1) }
      #expect(abs(set.kernels.sum(x, n) - sum) < 1e-11)
      let squares = x.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(set.kernels.sum_of_squares(x, n) - squares) <= 1e-13 * squares)
    }
  }
}
