#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The coefficients of exponential time differencing for one step, each a function of z = h·L.
///
/// The functions have removable singularities at z = 0, where the closed forms cancel. They are
/// taken as means over a circle of radius 1 around z (Kassam and Trefethen, "Fourth-order
/// time-stepping for stiff PDEs", 2005, section 3). 32 points on it leave no error in double
/// precision.
struct ExponentialCoefficients {
  /// exp(z) and exp(z/2).
  let whole: Diagonal
  let half: Diagonal
  /// h·φ₁(z) = h(eᶻ - 1)/z, h·φ₂(z) = h(eᶻ - 1 - z)/z², (h/2)·φ₁(z/2).
  let first: Diagonal
  let second: Diagonal
  let halfFirst: Diagonal
  /// The weights of the third and fourth order, h(-4 - z + eᶻ(4 - 3z + z²))/z³,
  /// h(2 + z + eᶻ(z - 2))/z³ and h(-4 - 3z - z² + eᶻ(4 - z))/z³.
  let beginning: Diagonal
  let middle: Diagonal
  let end: Diagonal

  init(linear: Diagonal, step: Double) {
    whole = linear.exponential(time: step)
    half = linear.exponential(time: step / 2)
    func mean(_ function: @escaping (Complex) -> Complex) -> Diagonal {
      linear.mapped { real, imaginary in
        let mean = Self.circleMean(
          Complex(real * step, imaginary * step), isReal: !linear.isComplex, function)
        return (mean.real * step, mean.imaginary * step)
      }
    }
    first = mean { ($0.exponential - Complex(1)) / $0 }
    second = mean { ($0.exponential - Complex(1) - $0) / ($0 * $0) }
    halfFirst = mean { (($0 * Complex(0.5)).exponential - Complex(1)) / $0 }
    beginning = mean { z in
      (Complex(-4) - z + z.exponential * (Complex(4) - z * Complex(3) + z * z)) / (z * z * z)
    }
    middle = mean { z in
      (Complex(2) + z + z.exponential * (z - Complex(2))) / (z * z * z)
    }
    end = mean { z in
      (Complex(-4) - z * Complex(3) - z * z + z.exponential * (Complex(4) - z)) / (z * z * z)
    }
  }

  private static let circle: [Complex] = (0..<32).map { index in
    let angle = Double.pi * (Double(index) + 0.5) / 16
    return Complex(cos(angle), sin(angle))
  }

  /// The mean over the circle around `centre`; the upper half is enough around a real one.
  private static func circleMean(
    _ centre: Complex, isReal: Bool, _ function: (Complex) -> Complex
  ) -> Complex {
    let points = isReal ? circle[..<16] : circle[...]
    let sum = points.reduce(Complex(0)) { $0 + function(centre + $1) }
    return Complex(sum.real / Double(points.count), sum.imaginary / Double(points.count))
  }

  /// A complex number, with what the coefficients need of it.
  private struct Complex {
    let real: Double
    let imaginary: Double

    init(_ real: Double, _ imaginary: Double = 0) {
      (self.real, self.imaginary) = (real, imaginary)
    }

    var exponential: Complex {
      let size = exp(real)
      return Complex(size * cos(imaginary), size * sin(imaginary))
    }

    static func + (a: Complex, b: Complex) -> Complex {
      Complex(a.real + b.real, a.imaginary + b.imaginary)
    }

    static func - (a: Complex, b: Complex) -> Complex {
      Complex(a.real - b.real, a.imaginary - b.imaginary)
    }

    static func * (a: Complex, b: Complex) -> Complex {
      Complex(
        a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
    }

    static func / (a: Complex, b: Complex) -> Complex {
      let norm = b.real * b.real + b.imaginary * b.imaginary
      return Complex(
        (a.real * b.real + a.imaginary * b.imaginary) / norm,
        (a.imaginary * b.real - a.real * b.imaginary) / norm)
    }
  }
}
