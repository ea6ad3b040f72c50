import Foundation

/// A complex number in double precision, for oracles.
struct Complex: Equatable {
  var re: Double
  var im: Double

  init(_ re: Double, _ im: Double = 0) { (self.re, self.im) = (re, im) }

  var conjugate: Complex { Complex(re, -im) }

  static func + (a: Complex, b: Complex) -> Complex { Complex(a.re + b.re, a.im + b.im) }
  static func - (a: Complex, b: Complex) -> Complex { Complex(a.re - b.re, a.im - b.im) }
  static func * (a: Complex, b: Complex) -> Complex {
    Complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
  }
  static func * (a: Double, b: Complex) -> Complex { Complex(a * b.re, a * b.im) }

  static let i = Complex(0, 1)

  /// exp(-2πi·n/period).
  static func root(_ n: Int, of period: Int) -> Complex {
    let angle = -2 * Double.pi * Double(n % period) / Double(period)
    return Complex(cos(angle), sin(angle))
  }

  /// Random numbers, the same on every call with one stream.
  static func normals(_ count: Int, _ stream: UInt64) -> [Complex] {
    let values = LaneKernelsTests.normals(2 * count, stream)
    return (0..<count).map { Complex(Double(values[2 * $0]), Double(values[2 * $0 + 1])) }
  }

  /// The transform by its definition.
  static func transform(_ z: [Complex]) -> [Complex] {
    let count = z.count
    let roots = (0..<count).map { root($0, of: count) }
    return (0..<count).map { k in
      z.indices.reduce(Complex(0)) { $0 + z[$1] * roots[k * $1 % count] }
    }
  }
}

extension [Complex] {
  /// Interleaved in single precision.
  var floats: [Float] { flatMap { [Float($0.re), Float($0.im)] } }

  /// Interleaved in double precision.
  var doubles: [Double] { flatMap { [$0.re, $0.im] } }

  /// The elements `residue`, `residue + step`, ….
  func every(_ step: Int, from residue: Int) -> [Complex] {
    stride(from: residue, to: count, by: step).map { self[$0] }
  }
}

extension [Float] {
  /// The complex numbers whose parts are interleaved here.
  var complexes: [Complex] {
    (0..<count / 2).map { Complex(Double(self[2 * $0]), Double(self[2 * $0 + 1])) }
  }
}
