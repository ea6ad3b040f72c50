public import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A complex number in double precision, for the parameters of state-space models.
///
/// Gradients follow PyTorch: that of z is ∂loss/∂(Re z) + i·∂loss/∂(Im z), so that a holomorphic
/// y = f(z) takes a gradient g of y to g·conj(f′(z)).
public struct ComplexNumber: Hashable, Sendable, Codable {
  /// The real part.
  public var real: Double
  /// The imaginary part.
  public var imaginary: Double

  /// Creates a number from its parts.
  public init(_ real: Double, _ imaginary: Double = 0) {
    self.real = real
    self.imaginary = imaginary
  }

  /// 0.
  public static let zero = ComplexNumber(0)
  /// 1.
  public static let one = ComplexNumber(1)
  /// The imaginary unit.
  public static let i = ComplexNumber(0, 1)

  /// The number mirrored at the real axis.
  public var conjugate: ComplexNumber { ComplexNumber(real, -imaginary) }

  /// |z|².
  public var squaredMagnitude: Double { real * real + imaginary * imaginary }

  /// |z|.
  public var magnitude: Double { squaredMagnitude.squareRoot() }

  /// The sum.
  public static func + (a: Self, b: Self) -> Self {
    Self(a.real + b.real, a.imaginary + b.imaginary)
  }

  /// The difference.
  public static func - (a: Self, b: Self) -> Self {
    Self(a.real - b.real, a.imaginary - b.imaginary)
  }

  /// The negative.
  public static prefix func - (a: Self) -> Self { Self(-a.real, -a.imaginary) }

  /// The product.
  public static func * (a: Self, b: Self) -> Self {
    Self(
      a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
  }

  /// The product with a real number.
  public static func * (a: Self, b: Double) -> Self { Self(a.real * b, a.imaginary * b) }

  /// The product with a real number.
  public static func * (a: Double, b: Self) -> Self { b * a }

  /// The quotient.
  public static func / (a: Self, b: Self) -> Self {
    a * b.conjugate * (1 / b.squaredMagnitude)
  }

  /// Adds a number.
  public static func += (a: inout Self, b: Self) { a = a + b }

  /// Subtracts a number.
  public static func -= (a: inout Self, b: Self) { a = a - b }

  /// eᶻ.
  public static func exponential(_ z: Self) -> Self {
    let size = exp(z.real)
    return Self(size * cos(z.imaginary), size * sin(z.imaginary))
  }

  /// eᶻ - 1, exact near zero too.
  public static func exponentialMinusOne(_ z: Self) -> Self {
    let half = sin(z.imaginary / 2)
    return Self(
      expm1(z.real) * cos(z.imaginary) - 2 * half * half, exp(z.real) * sin(z.imaginary))
  }

  /// The logarithm with an imaginary part in (-π, π].
  public static func logarithm(_ z: Self) -> Self {
    Self(log(z.magnitude), atan2(z.imaginary, z.real))
  }
}

extension [ComplexNumber] {
  /// The numbers of a tensor whose last axis holds real and imaginary part.
  public init(_ tensor: Tensor) {
    let elements = tensor.elements
    self = stride(from: 0, to: elements.count, by: 2).map {
      ComplexNumber(Double(elements[$0]), Double(elements[$0 + 1]))
    }
  }
}

extension Tensor {
  /// Complex numbers under a shape whose last axis is for real and imaginary part.
  public init(_ numbers: [ComplexNumber], shape: Shape) {
    self.init(numbers.flatMap { [Float($0.real), Float($0.imaginary)] }, shape: shape)
  }

  /// Numbers in double precision, rounded.
  public init(_ numbers: [Double], shape: Shape) {
    self.init(numbers.map { Float($0) }, shape: shape)
  }
}
