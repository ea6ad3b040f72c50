import LaneKernels
import SequenceTensor
import Testing

/// Two real channels in one transform, against the transforms of each.
///
/// A spectrum of `radix·n` bins is laid out in blocks as the convolution does: block r holds the
/// bins radix·k + r, and its negative bins are those of block radix - r.
@Suite struct ChannelPairTests {
  private static let radixes = [1, 2, 4]
  private static let blocks = [1, 2, 3, 4, 5, 8, 16, 17, 33]

  /// A real sequence's spectrum.
  private static func real(_ count: Int, _ stream: UInt64) -> [Complex] {
    Complex.transform(normals(count, stream).map { Complex(Double($0)) })
  }

  /// Bins in order of blocks.
  private static func blocked(_ bins: [Complex], _ radix: Int) -> [Float] {
    (0..<radix).flatMap { bins.every(radix, from: $0).floats }
  }

  private static func blocked(_ bins: [Complex], _ radix: Int) -> [Double] {
    (0..<radix).flatMap { bins.every(radix, from: $0).doubles }
  }

  /// Each pair of blocks once: offsets in floats, the shift, and whether a block is its own.
  private static func pairs(
    _ radix: Int, _ n: Int
  ) -> [(at: Int, partner: Int, shift: Int32, own: Bool)] {
    (0..<radix).compactMap { r in
      let other = (radix - r) % radix
      guard r <= other || r == 0 else { return nil }
      return (2 * r * n, 2 * other * n, r == 0 ? 0 : 1, r == other)
    }
  }

  private static func forEachSize(_ body: (_ radix: Int, _ n: Int) -> Void) {
    for radix in radixes { for n in blocks { body(radix, n) } }
  }

  /// Calls `body` with a pointer for each array.
  private static func with(
    _ arrays: inout [[Float]], _ body: ([UnsafeMutablePointer<Float>]) -> Void
  ) {
    var tensors = arrays.map { Tensor($0) }
    let pointers = tensors.indices.map { tensors[$0].mutablePointer() }
    body(pointers)
    arrays = tensors.map(\.elements)
  }

  @Test(arguments: InstructionSet.all) func multiply(set: InstructionSet) {
    Self.forEachSize { radix, n in
      let count = radix * n
      let (u0, u1) = (Self.real(count, 1), Self.real(count, 2))
      let (h0, h1) = (Self.real(count, 3), Self.real(count, 4))
      for conjugate in [false, true] {
        let z = zip(u0, u1).map { $0 + Complex.i * $1 }
        var arrays: [[Float]] = [z, h0, h1].map { Self.blocked($0, radix) }
        Self.with(&arrays) { p in
          for pair in Self.pairs(radix, n) {
            set.kernels.pair_multiply(
              p[0] + pair.at, p[0] + pair.partner, p[1] + pair.at, p[2] + pair.at, 0.75, -1.5,
              conjugate, n, pair.shift, pair.own)
          }
        }
        let expected = (0..<count).map { k in
          let (f0, f1) = conjugate ? (h0[k].conjugate, h1[k].conjugate) : (h0[k], h1[k])
          let (skip0, skip1) = (Complex(0.75, 0), Complex(-1.5, 0))
          return u0[k] * (f0 + skip0) + Complex.i * (u1[k] * (f1 + skip1))
        }
        let error = largestError(
          arrays[0], Self.blocked(expected, radix), scale: Double(count))
        #expect(error < 2e-6, "radix \(radix), n \(n), conjugate \(conjugate)")
      }
    }
  }

  @Test(arguments: InstructionSet.all) func correlate(set: InstructionSet) {
    Self.forEachSize { radix, n in
      let count = radix * n
      let (u0, u1) = (Self.real(count, 1), Self.real(count, 2))
      let (g0, g1) = (Self.real(count, 3), Self.real(count, 4))
      let (a0, a1) = (Self.real(count, 5), Self.real(count, 6))
      let u = zip(u0, u1).map { $0 + Complex.i * $1 }
      let g = zip(g0, g1).map { $0 + Complex.i * $1 }
      var arrays: [[Float]] = [a0, a1, u, g].map { Self.blocked($0, radix) }
      Self.with(&arrays) { p in
        for pair in Self.pairs(radix, n) {
          let (at, to) = (pair.at, pair.partner)
          set.kernels.pair_correlate(
            p[0] + at, p[0] + to, p[1] + at, p[1] + to, p[2] + at, p[2] + to, p[3] + at,
            p[3] + to, n, pair.shift, pair.own)
        }
      }
      let first = (0..<count).map { a0[$0] + u0[$0].conjugate * g0[$0] }
      let second = (0..<count).map { a1[$0] + u1[$0].conjugate * g1[$0] }
      let scale = Double(count)
      #expect(largestError(arrays[0], Self.blocked(first, radix), scale: scale) < 2e-6)
      #expect(largestError(arrays[1], Self.blocked(second, radix), scale: scale) < 2e-6)
    }
  }

  @Test(arguments: InstructionSet.all) func separateAndCombine(set: InstructionSet) {
    Self.forEachSize { radix, n in
      let count = radix * n
      let (h0, h1) = (Self.real(count, 1), Self.real(count, 2))
      let f = zip(h0, h1).map { $0 + Complex.i * $1 }
      let blank = [Float](repeating: 42, count: 2 * count)
      var arrays = [blank, blank, Self.blocked(f, radix), blank]
      Self.with(&arrays) { p in
        for pair in Self.pairs(radix, n) {
          let (at, to) = (pair.at, pair.partner)
          set.kernels.pair_separate(
            p[0] + at, p[0] + to, p[1] + at, p[1] + to, p[2] + at, p[2] + to, 0.5, n, pair.shift,
            pair.own)
          set.kernels.pair_combine(
            p[3] + at, p[3] + to, p[0] + at, p[0] + to, p[1] + at, p[1] + to, 2, n, pair.shift,
            pair.own)
        }
      }
      let context = "radix \(radix), n \(n)"
      let half0: [Double] = Self.blocked(h0.map { 0.5 * $0 }, radix)
      let half1: [Double] = Self.blocked(h1.map { 0.5 * $0 }, radix)
      let scale = Double(count).squareRoot()
      #expect(largestError(arrays[0], half0, scale: scale) < 1e-6, "\(context)")
      #expect(largestError(arrays[1], half1, scale: scale) < 1e-6, "\(context)")
      #expect(largestError(arrays[3], Self.blocked(f, radix), scale: scale) < 2e-6, "\(context)")
    }
  }

  /// Spectra of complex sequences: combining takes the real parts of both.
  @Test(arguments: InstructionSet.all) func combineTakesRealParts(set: InstructionSet) {
    Self.forEachSize { radix, n in
      let count = radix * n
      let (x0, x1) = (Complex.normals(count, 1), Complex.normals(count, 2))
      var arrays: [[Float]] = [Complex.transform(x0), Complex.transform(x1), x0].map {
        Self.blocked($0, radix)
      }
      Self.with(&arrays) { p in
        for pair in Self.pairs(radix, n) {
          let (at, to) = (pair.at, pair.partner)
          set.kernels.pair_combine(
            p[2] + at, p[2] + to, p[0] + at, p[0] + to, p[1] + at, p[1] + to, 1, n, pair.shift,
            pair.own)
        }
      }
      let expected = Complex.transform(zip(x0, x1).map { Complex($0.re, $1.re) })
      let scale = Double(count).squareRoot()
      #expect(
        largestError(arrays[2], Self.blocked(expected, radix), scale: scale) < 2e-6,
        "radix \(radix), n \(n)")
    }
  }
}
