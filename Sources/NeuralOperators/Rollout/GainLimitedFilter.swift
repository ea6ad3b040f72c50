public import Differentiation
public import Layers
public import SequenceTensor
import SpectralCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A filter in Fourier space for each channel that cannot amplify: each kept mode is multiplied by
/// σ(a)·e^(iφ), whose magnitude is below 1.
///
/// a and φ are for each mode and channel; modes outside the ellipsoid Σ_axis (κ/m)² ≤ 1, m being the
/// first frequency beyond those kept, are zero. a starts at 2, a gain of 0.88, and φ at 0. However
/// often it is applied, the L2 norm of a field does not grow.
///
/// Source: McCabe et al., "Towards stability of autoregressive neural operators" (2023): the
/// frequency-domain normalised depthwise convolution. The start is ours.
public struct GainLimitedFilter: Layer {
  /// a, `[modes…, channels]`.
  public var gain: Parameter
  /// φ, `[modes…, channels]`.
  public var phase: Parameter
  /// The kept modes as of `TruncatedTransform`: of the last axis the first ones, of the others a
  /// centred block.
  public let modeShape: Shape

  /// Creates a filter of 1 to 3 axes of modes.
  public init(modeShape: Shape, channels: Int) {
    require(
      (1...3).contains(modeShape.rank) && modeShape.count > 0 && channels > 0,
      "GainLimitedFilter: modes \(modeShape), \(channels) channels")
    self.modeShape = modeShape
    let shape = Shape(modeShape.sizes + [channels])
    gain = Parameter(Tensor(repeating: 2, shape: shape), ParameterOptions(weightDecay: 0))
    phase = Parameter(Tensor(zeros: shape), ParameterOptions(weightDecay: 0))
  }

  /// Filters `[batch, x, (y, (z,)) channels]` on any grid.
  public func callAsFunction(_ x: Variable) -> Variable {
    let sizes = x.shape.sizes
    require(
      sizes.count == modeShape.rank + 2 && x.shape.last == gain.value.shape.last,
      "GainLimitedFilter: field \(x.shape) for modes \(modeShape) and"
        + " \(gain.value.shape.last) channels")
    let transform = TruncatedTransform(
      gridShape: Shape(Array(sizes[1..<sizes.count - 1])), modeShape: modeShape)
    return x.spectrum(by: transform)
      .gainLimited(gain: gain(on: x.tape), phase: phase(on: x.tape), keeps: keptModes)
      .grid(by: transform)
  }

  /// Which modes lie in the ellipsoid.
  private var keptModes: [Bool] {
    let last = modeShape.rank - 1
    return (0..<modeShape.count).map { mode in
      var (rest, square) = (mode, 0.0)
      for axis in (0...last).reversed() {
        let count = modeShape[axis]
        let index = rest % count
        rest /= count
        let frequency = axis == last ? index : index - count / 2
        let limit = axis == last ? count : count / 2 + 1
        square += Double(frequency * frequency) / Double(limit * limit)
      }
      return square <= 1
    }
  }

  /// Visits `gain`, then `phase`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("gain", &gain)
    body("phase", &phase)
  }
}

extension Variable {
  /// Interleaved complex values `[batch, modes…, channels, 2]` times σ(gain)·e^(i·phase), or zero.
  fileprivate func gainLimited(gain: Variable, phase: Variable, keeps: [Bool]) -> Variable {
    let slots = gain.value.count
    let channels = slots / max(1, keeps.count)
    let batch = value.count / (2 * slots)
    let z = value
    let factors: [(real: Double, imaginary: Double, gain: Double)] = (0..<slots).map { slot in
      guard keeps[slot / channels] else { return (0, 0, 0) }
      let size = 1 / (1 + exp(-Double(gain.value.pointer[slot])))
      let angle = Double(phase.value.pointer[slot])
      return (size * cos(angle), size * sin(angle), size)
    }
    let result = Tensor(uninitialized: z.shape) { y in
      for row in 0..<batch * slots {
        let (c, s) = (Float(factors[row % slots].real), Float(factors[row % slots].imaginary))
        let (real, imaginary) = (z.pointer[2 * row], z.pointer[2 * row + 1])
        (y[2 * row], y[2 * row + 1]) = (c * real - s * imaginary, s * real + c * imaginary)
      }
    }
    let shape = gain.shape
    return Self.primitive([self, gain, phase], value: result) { dy in
      var (slopes, turns) = (
        [Double](repeating: 0, count: slots), [Double](repeating: 0, count: slots)
      )
      let dz = Tensor(uninitialized: z.shape) { dz in
        for row in 0..<batch * slots {
          let slot = row % slots
          let (c, s, size) = factors[slot]
          let (real, imaginary) = (Double(z.pointer[2 * row]), Double(z.pointer[2 * row + 1]))
          let (dr, di) = (Double(dy.pointer[2 * row]), Double(dy.pointer[2 * row + 1]))
          (dz[2 * row], dz[2 * row + 1]) = (Float(c * dr + s * di), Float(c * di - s * dr))
          // y = σ(a)·w with |w| = |z|: by a it is y(1 - σ(a)), by φ it is iy.
          let (yr, yi) = (c * real - s * imaginary, s * real + c * imaginary)
          slopes[slot] += (1 - size) * (yr * dr + yi * di)
          turns[slot] += yr * di - yi * dr
        }
      }
      return [
        dz, Tensor(slopes.map { Float($0) }, shape: shape),
        Tensor(turns.map { Float($0) }, shape: shape),
      ]
    }
  }
}
