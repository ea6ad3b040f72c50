import SequenceTensor
import SpectralCore
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Roots of unity and the lengths of transforms.
@Suite struct LengthAndRootTests {
  /// Against the C library at the angle in extended precision where there is one.
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 16, 97, 100, 1024, 30_030])
  func rootsOfUnity(period: Int) {
    var worst = 0.0
    for n in 0..<period {
      let (cosine, sine) = unitRoot(n, of: period)
      #if arch(x86_64)
        let angle = 2 * Float80.pi * Float80(n) / Float80(period)
        let (c, s) = (Glibc.cos(angle), -Glibc.sin(angle))
        worst = max(worst, Double(abs(Float80(cosine) - c)), Double(abs(Float80(sine) - s)))
      #else
        let angle = 2 * Double.pi * Double(n) / Double(period)
        worst = max(worst, abs(cosine - cos(angle)), abs(sine + sin(angle)))
      #endif
      // Opposite roots are exactly opposite; mirrored ones are up to the rounding at 45°.
      if period % 2 == 0 {
        let opposite = unitRoot((n + period / 2) % period, of: period)
        #expect(opposite.cosine == -cosine && opposite.sine == -sine, "\(n) of \(period)")
      }
      let mirrored = unitRoot((period - n) % period, of: period)
      #expect(abs(mirrored.cosine - cosine) < 1.2e-16, "\(n) of \(period)")
      #expect(abs(mirrored.sine + sine) < 1.2e-16, "\(n) of \(period)")
    }
    #if arch(x86_64)
      #expect(worst < 2e-16)
    #else
      #expect(worst < 2e-15)
    #endif
    #expect(unitRoot(0, of: period) == (1, 0))
    if period % 4 == 0 { #expect(unitRoot(period / 4, of: period) == (0, -1)) }
  }

  @Test func transformLengths() {
    for minimum in Array(0...5000) + [65_537, 131_071, 131_072, 131_073, 1_000_003, 16_777_217] {
      let length = TransformLength.best(atLeast: minimum)
      #expect(length >= minimum && length % 2 == 0)
      // Never as far as the next power of two but one; and only small prime factors.
      #expect(length * 5 <= max(96, minimum) * 8, "\(minimum) to \(length)")
      var rest = length
      for prime in [2, 3, 5, 7] { while rest % prime == 0 { rest /= prime } }
      #expect(rest == 1, "\(minimum) to \(length)")
    }
    for exponent in 9...24 {
      #expect(TransformLength.best(atLeast: 1 << exponent) == 1 << exponent)
    }
  }
}
