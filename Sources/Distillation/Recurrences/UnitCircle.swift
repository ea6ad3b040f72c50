import LongConvolution
import SequenceTensor
import SpectralCore

/// Sample points on the upper half of the unit circle, z_k = exp(2πi·k/N).
struct UnitCircle: Sendable {
  /// N, a power of two.
  let length: Int
  private let transform: DoubleRealTransform

  /// At least twice as many points as taps.
  init(covering taps: Int) {
    var length = 4
    while length < 2 * taps { length *= 2 }
    self.length = length
    transform = .plan([length])
  }

  /// The number of points, N/2 + 1.
  var count: Int { length / 2 + 1 }

  /// 1/z_k = exp(-2πi·k/N).
  func inverse(_ k: Int) -> ComplexNumber {
    .exponential(ComplexNumber(0, -2 * .pi * Double(k) / Double(length)))
  }

  /// How many of the N points point k stands for: 1 at the ends, 2 between.
  func multiplicity(_ k: Int) -> Double { k == 0 || k == length / 2 ? 1 : 2 }

  /// Σ x[t]·z_k^-t, interleaved.
  func response(of x: some Collection<Double>) -> [Double] {
    transform.forward(x + [Double](repeating: 0, count: length - x.count))
  }

  /// max over the points of |Σ x[t]·z_k^-t|.
  func largestMagnitude(of x: some Collection<Double>) -> Double {
    let values = response(of: x)
    return (0..<count).reduce(0) {
      max($0, ComplexNumber(values[2 * $1], values[2 * $1 + 1]).magnitude)
    }
  }
}
