import LongConvolution

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One or two poles inside the unit circle, as a real denominator that moves smoothly.
///
/// Two poles, complex or real, are the roots of z² + a₁z + a₂ with a₂ = tanh u, a₁ = (1 + a₂)·tanh v:
/// every (u, v) is stable, every stable pair is reached, and a pair of complex poles can meet and
/// part on the real line. One pole is -tanh v.
struct PoleSection: Sendable, Hashable {
  /// u and v of two poles, v of one.
  var parameters: [Double]

  /// How many poles, which is how many parameters there are.
  var order: Int { parameters.count }

  init(parameters: [Double]) { self.parameters = parameters }

  /// The section z² + a₁z + a₂, moved inside the triangle of stability if it is not.
  init(linear a1: Double, constant a2: Double) {
    let a2 = min(max(a2, -Self.limit), Self.limit)
    let ratio = min(max(a1 / (1 + a2), -Self.limit), Self.limit)
    parameters = [atanh(a2), atanh(ratio)]
  }

  /// The section of a real pole.
  init(pole: Double) { parameters = [atanh(min(max(-pole, -Self.limit), Self.limit))] }

  /// No pole has a larger radius than about this.
  private static let limit = 1 - 1e-9

  /// a₁ and a₂, the latter zero for one pole.
  var coefficients: (linear: Double, constant: Double) {
    guard order == 2 else { return (tanh(parameters[0]), 0) }
    let a2 = tanh(parameters[0])
    return ((1 + a2) * tanh(parameters[1]), a2)
  }

  /// The derivatives of a₁ and a₂ by each parameter.
  var slopes: [(linear: Double, constant: Double)] {
    if order == 1 {
      let a1 = tanh(parameters[0])
      return [(1 - a1 * a1, 0)]
    }
    let (a2, ratio) = (tanh(parameters[0]), tanh(parameters[1]))
    let slope = 1 - a2 * a2
    return [(slope * ratio, slope), ((1 + a2) * (1 - ratio * ratio), 0)]
  }

  /// The poles, one of each conjugate pair.
  var poles: [ComplexNumber] { poles(apart: 1e-5) }

  /// The poles, one of each conjugate pair, with a least distance between the two.
  ///
  /// Poles that all but coincide have residues without bound. Setting them apart by a part ε of
  /// their distance to the circle changes a tap by about ε².
  func poles(apart part: Double) -> [ComplexNumber] {
    let (a1, a2) = coefficients
    guard order == 2 else { return [ComplexNumber(-a1)] }
    let centre = -a1 / 2
    var discriminant = centre * centre - a2
    let least = part * (1 - min(abs(centre), 1))
    if abs(discriminant) < least * least {
      discriminant = discriminant < 0 ? -least * least : least * least
    }
    let root = abs(discriminant).squareRoot()
    guard discriminant > 0 else { return [ComplexNumber(centre, root)] }
    // The larger of two real roots without cancellation, the other from the product.
    let larger = centre < 0 ? centre - root : centre + root
    let smaller = abs(larger) > 0 ? a2 / larger : 0
    return [ComplexNumber(larger), ComplexNumber(abs(a2) > 0 ? smaller : 2 * centre - larger)]
  }

  /// Sections for poles, of which complex ones count with their conjugates, ones outside the unit
  /// circle are mirrored into it, and real ones are taken in pairs.
  static func sections(of poles: [ComplexNumber]) -> [PoleSection] {
    let inside = poles.map { pole in
      pole.magnitude < 1 ? pole : pole * (1 / max(pole.squaredMagnitude, 1e-300))
    }
    var sections = inside.filter { $0.imaginary > 0 }.map {
      PoleSection(linear: -2 * $0.real, constant: $0.squaredMagnitude)
    }
    let real = inside.filter { $0.imaginary == 0 }.map(\.real).sorted(by: >)
    for index in stride(from: 0, to: real.count - 1, by: 2) {
      let (a, b) = (real[index], real[index + 1])
      sections.append(PoleSection(linear: -(a + b), constant: a * b))
    }
    if real.count % 2 == 1, let last = real.last { sections.append(PoleSection(pole: last)) }
    return sections
  }
}
