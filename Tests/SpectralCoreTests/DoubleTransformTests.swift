import Foundation
import SequenceTensor
import SpectralCore
import Testing

/// Sine, cosine and complex transforms in double precision against their sums.
@Suite struct DoubleTransformTests {
  private typealias Kind = DoubleTrigonometricTransform.Kind

  private static func noise(_ count: Int) -> [Double] {
    var random = RandomSource(seed: 3)
    return (0..<count).map { _ in random.normal() }
  }

  /// The function of mode `k` at point `j` whose sum the forward transform is.
  private static func function(_ kind: Kind, _ k: Int, _ j: Int, _ n: Int) -> Double {
    let (k, j, n) = (Double(k), Double(j), Double(n))
    return switch kind {
    case .sineNodes: 2 * sin(.pi * (k + 1) * (j + 1) / (n + 1))
    case .sineCells: 2 * sin(.pi * (k + 1) * (j + 0.5) / n)
    case .cosineNodes: (j == 0 || j == n - 1 ? 1 : 2) * cos(.pi * k * j / (n - 1))
    case .cosineCells: 2 * cos(.pi * k * (j + 0.5) / n)
    }
  }

  @Test(arguments: [5, 6, 7, 12])
  func trigonometricTransformsAreTheirSums(count: Int) {
    for kind in [Kind.sineNodes, .sineCells, .cosineNodes, .cosineCells] {
      let shape: Shape = [count, count + 1]
      let transform = DoubleTrigonometricTransform.plan(shape, kinds: [kind, kind])
      let values = Self.noise(shape.count)
      var spectrum = [Double](repeating: 0, count: shape.count)
      var back = spectrum
      transform.execute(.forward, from: values, to: &spectrum)
      transform.execute(.inverse, from: spectrum, to: &back)
      for (k, l) in [(0, 0), (1, 2), (count - 1, count)] {
        let expected = (0..<shape.count).reduce(0) { sum, point in
          let (i, j) = (point / shape[1], point % shape[1])
          return sum + values[point] * Self.function(kind, k, i, shape[0])
            * Self.function(kind, l, j, shape[1])
        }
        #expect(abs(spectrum[k * shape[1] + l] - expected) < 1e-11, "\(kind) \(k) \(l)")
      }
      for (a, b) in zip(back, values) {
        #expect(abs(a / Double(transform.logicalCount) - b) < 1e-12, "\(kind)")
      }
    }
  }

  @Test func complexTransformIsItsSum() {
    let shape: Shape = [3, 5]
    let transform = DoubleComplexTransform.plan(shape)
    #expect(transform === DoubleComplexTransform.plan(shape))
    let values = Self.noise(2 * shape.count)
    var spectrum = [Double](repeating: 0, count: values.count)
    var back = spectrum
    transform.execute(.forward, from: values, to: &spectrum)
    transform.execute(.inverse, from: spectrum, to: &back)
    let (k, l) = (2, 3)
    var expected = (0.0, 0.0)
    for point in 0..<shape.count {
      let (i, j) = (point / 5, point % 5)
      let angle = -2 * Double.pi * (Double(k * i) / 3 + Double(l * j) / 5)
      let (real, imaginary) = (values[2 * point], values[2 * point + 1])
      expected.0 += real * cos(angle) - imaginary * sin(angle)
      expected.1 += real * sin(angle) + imaginary * cos(angle)
    }
    #expect(abs(spectrum[2 * (k * 5 + l)] - expected.0) < 1e-12)
    #expect(abs(spectrum[2 * (k * 5 + l) + 1] - expected.1) < 1e-12)
    for (a, b) in zip(back, values) { #expect(abs(a / 15 - b) < 1e-13) }
  }

  @Test func realTransformWithoutMemoryIsTheOther() {
    let transform = DoubleRealTransform.plan([6, 5])
    let values = Self.noise(30)
    var spectrum = [Double](repeating: 0, count: 2 * transform.modeCount)
    var back = [Double](repeating: 0, count: 30)
    transform.forward(from: values, to: &spectrum)
    #expect(spectrum == transform.forward(values))
    transform.inverse(destroying: &spectrum, to: &back)
    for (a, b) in zip(back, values) { #expect(abs(a / 30 - b) < 1e-13) }
  }
}
