package import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A complex number in double precision, for the parameters of state-space models.
///
/// Gradients follow PyTorch: that of z is ∂loss/∂(Re z) + i·∂loss/∂(Im z), so that a holomorphic
/// y = f(z) takes a gradient g of y to g·conj(f′(z)).
package struct ComplexNumber: Hashable, Sendable {
  /// The real part.
  package var real: Double
  /// The imaginary part.
  package var imaginary: Double

  /// Creates a number from its parts.
  package init(_ real: Double, _ imaginary: Double = 0) {
    self.real = real
    self.imaginary = imaginary
  }

  package static let zero = ComplexNumber(0)
  package static let one = ComplexNumber(1)
  package static let i = ComplexNumber(0, 1)

  /// The number mirrored at the real axis.
  package var conjugate: ComplexNumber { ComplexNumber(real, -imaginary) }

  /// |z|².
  package var squaredMagnitude: Double { real * real + imaginary * imaginary }

  /// |z|.
  package var magnitude: Double { squaredMagnitude.squareRoot() }

  package static func + (a: Self, b: Self) -> Self {
    Self(a.real + b.real, a.imaginary + b.imaginary)
  }

  package static func - (a: Self, b: Self) -> Self {
    Self(a.real - b.real, a.imaginary - b.imaginary)
  }

  package static prefix func - (a: Self) -> Self { Self(-a.real, -a.imaginary) }

  package static func * (a: Self, b: Self) -> Self {
    Self(
      a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
  }

  package static func * (a: Self, b: Double) -> Self { Self(a.real * b, a.imaginary * b) }

  package static func * (a: Double, b: Self) -> Self { b * a }

  package static func / (a: Self, b: Self) -> Self {
    a * b.conjugate * (1 / b.squaredMagnitude)
  }

  package static func += (a: inout Self, b: Self) { a = a + b }

  package static func -= (a: inout Self, b: Self) { a = a - b }

  /// eᶻ.
  package static func exponential(_ z: Self) -> Self {
    let size = exp(z.real)
    return Self(size * cos(z.imaginary), size * sin(z.imaginary))
  }

  /// eᶻ - 1, exact near zero too.
  package static func exponentialMinusOne(_ z: Self) -> Self {
    let half = sin(z.imaginary / 2)
    return Self(
      expm1(z.real) * cos(z.imaginary) - 2 * half * half, exp(z.real) * sin(z.imaginary))
  }

  /// The logarithm with an imaginary part in (-π, π].
  package static func logarithm(_ z: Self) -> Self {
    Self(log(z.magnitude), atan2(z.imaginary, z.real))
  }
}

extension [ComplexNumber] {
  /// The numbers of a tensor whose last axis holds real and imaginary part.
  package init(_ tensor: Tensor) {
    let elements = tensor.elements
    self = stride(from: 0, to: elements.count, by: 2).map {
      ComplexNumber(Double(elements[$0]), Double(elements[$0 + 1]))
    }
  }
}

extension Tensor {
  /// Complex numbers under a shape whose last axis is for real and imaginary part.
  package init(_ numbers: [ComplexNumber], shape: Shape) {
    self.init(numbers.flatMap { [Float($0.real), Float($0.imaginary)] }, shape: shape)
  }

  /// Numbers in double precision, rounded.
  package init(_ numbers: [Double], shape: Shape) {
    self.init(numbers.map { Float($0) }, shape: shape)
  }
}
