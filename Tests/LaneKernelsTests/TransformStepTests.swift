import LaneKernels
import SequenceTensor
import Testing

/// The steps of the transform against its definition, and the steps back as their inverses.
@Suite struct TransformStepTests {
  static let sizes = [1, 2, 3, 5, 8, 15, 16, 17, 33]

  /// The weights that a step of radix R multiplies block r by, for r in 1..<R.
  private static func weights(_ radix: Int, _ block: Int) -> [Float] {
    (1..<radix).flatMap { r in
      (0..<block).map { Complex.root(r * $0, of: radix * block) }.floats
    }
  }

  /// Even and odd bins, for sequences that end anywhere and count as zero beyond.
  @Test(arguments: InstructionSet.all, sizes) func radix2(set: InstructionSet, half: Int) {
    let w = Self.weights(2, half)
    for length in Set([0, 1, half / 2, half, half + 1, 2 * half - 1, 2 * half]) {
      guard length >= 0, length <= 2 * half else { continue }
      let values = Complex.normals(length, UInt64(half))
      let padded = values + [Complex](repeating: Complex(0), count: 2 * half - length)
      let bins = Complex.transform(padded)
      var (even, odd) = (
        [Float](repeating: 42, count: 2 * half), [Float](repeating: 42, count: 2 * half)
      )
      set.kernels.split2(&even, &odd, values.floats, w, half, length)
      for (residue, block) in [even, odd].enumerated() {
        let found = Complex.transform(block.complexes).floats
        let error = largestError(found, bins.every(2, from: residue).doubles, scale: 10)
        #expect(error < 1e-6, "half \(half), length \(length)")
      }
      var back = [Float](repeating: 42, count: 2 * length + 1)
      set.kernels.join2(&back, even, odd, w, half, length)
      #expect(back.removeLast() == 42)
      #expect(largestError(back, values.doubles.map { 2 * $0 }) < 3e-6)
    }
  }

  @Test(arguments: InstructionSet.all, [8, 16, 24, 40, 256])
  func radix4(set: InstructionSet, quarter: Int) {
    // Eight positions at a time, the three weights of each group of eight together.
    let rows = Self.weights(4, quarter)
    var w: [Float] = []
    for first in stride(from: 0, to: quarter, by: 8) {
      for row in 0..<3 {
        let at = 2 * (row * quarter + first)
        w += rows[at..<at + 16]
      }
    }
    let values = Complex.normals(4 * quarter, UInt64(quarter))
    let bins = Complex.transform(values)
    var z = values.floats
    set.kernels.split4(&z, w, quarter)
    for residue in 0..<4 {
      let block = Array(z[2 * residue * quarter..<2 * (residue + 1) * quarter])
      let found = Complex.transform(block.complexes).floats
      #expect(largestError(found, bins.every(4, from: residue).doubles, scale: 10) < 1e-6)
    }
    set.kernels.join4(&z, w, quarter)
    #expect(largestError(z, values.doubles.map { 4 * $0 }) < 1e-5)
  }

  @Test(arguments: InstructionSet.all, InstructionSet.counts)
  func products(set: InstructionSet, n: Int) {
    let (a, b, c) = (Complex.normals(n, 1), Complex.normals(n, 2), Complex.normals(n, 3))
    for conjugate in [false, true] {
      var z = a.floats
      set.kernels.spectral_multiply(&z, b.floats, 0.75, conjugate, n)
      let expected = zip(a, b).map { $0 * ((conjugate ? $1.conjugate : $1) + Complex(0.75, 0)) }
      #expect(largestError(z, expected.doubles) < 3e-6)
    }
    var sum = c.floats
    set.kernels.spectral_correlate(&sum, a.floats, b.floats, n)
    let expected = (0..<n).map { c[$0] + a[$0].conjugate * b[$0] }
    #expect(largestError(sum, expected.doubles) < 5e-6)
  }
}
