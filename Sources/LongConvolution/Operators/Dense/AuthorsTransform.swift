import Differentiation
import SequenceTensor
import SpectralCore

/// When the authors' code of CKConv, FlexConv, SMPConv and CCNN convolves by Fourier transforms, and so
/// returns something else than the convolution if the padded length is odd.
///
/// Their `causal_fftconv` and `fftconv1d` transform n = length + taps - 1 values and invert without
/// saying n, which gives n - 1 values if n is odd: the spectrum is read at other frequencies than it
/// was taken at. What was trained with an odd length expects that. Here it is off unless asked for.
public struct AuthorsTransform: Sendable, Hashable, Codable {
  /// The shortest sequence that is transformed: CKConv's the training length.
  public var minimumLength = 0
  /// The shortest kernel that is: FlexConv's has 51 taps.
  public var minimumTaps = 0

  /// For all lengths and kernels.
  public init() {}
}

extension Variable {
  /// A convolution as the authors' transforms give it, or `nil` where they give the exact one.
  ///
  /// - Parameters:
  ///   - kernel: `[taps, outputs, inputs]`, or `[taps, channels]` for a depthwise one; row j for lag j,
  ///     or for lag j - taps/2 if it is centred.
  ///   - isCentred: whether the kernel looks into the future as far as into the past.
  ///   - rule: when they transform.
  func convolved(
    withAuthorsTransformOf kernel: Variable, isCentred: Bool, _ rule: AuthorsTransform?
  ) -> Variable? {
    guard let rule, shape[1] >= rule.minimumLength, kernel.shape[0] >= rule.minimumTaps else {
      return nil
    }
    // A causal kernel is made odd by a zero at its oldest tap.
    let rows = kernel.shape[0] + (isCentred || kernel.shape[0] % 2 == 1 ? 0 : 1)
    let points = shape[1] + rows - 1
    guard !points.isMultiple(of: 2), rows > 1 else { return nil }
    let isDepthwise = kernel.shape.rank == 2
    let (inputs, channels) = (shape[2], kernel.value.count / kernel.shape[0])
    let after = isCentred ? rows / 2 : 0
    let forward = RealTransform(gridShape: [points])
    let x = padded(axis: 1, before: rows - 1 - after, after: after).realSpectrum(by: forward)
    // A correlation with the oldest tap first, by a product with the conjugate.
    let h = kernel.reshaped(kernel.shape[0], channels)
      .padded(axis: 0, after: rows - kernel.shape[0]).flipped(axis: 0)
      .padded(axis: 0, after: points - rows).reshaped(1, points, channels).realSpectrum(by: forward)
    let (batch, modes) = (shape[0], x.shape[1])
    func part(_ spectrum: Variable, _ index: Int, _ shape: Shape) -> Variable {
      spectrum.sliced(axis: 3, index..<index + 1).reshaped(to: shape)
    }
    let xShape: Shape = isDepthwise ? [batch, modes, inputs] : [batch, modes, 1, inputs]
    let hShape: Shape = isDepthwise ? [1, modes, channels] : [1, modes, channels / inputs, inputs]
    let (xr, xi) = (part(x, 0, xShape), part(x, 1, xShape))
    let (hr, hi) = (part(h, 0, hShape), part(h, 1, hShape))
    var (real, imaginary) = (xr * hr + xi * hi, xi * hr - xr * hi)
    if !isDepthwise { (real, imaginary) = (real.sum(axis: -1), imaginary.sum(axis: -1)) }
    let pairs = Shape(real.shape.sizes + [1])
    return Variable.concatenated(
      [real.reshaped(to: pairs), imaginary.reshaped(to: pairs)], axis: 3
    ).sequence(by: RealTransform(gridShape: [points - 1])).sliced(axis: 1, 0..<shape[1])
  }

  /// The kernel of a filter as its original gives it out, where the filter can say how long it is.
  static func originalKernel(_ filter: some LongFilter, length: Int, on tape: Tape?) -> Variable {
    (filter as? any ContinuousFilter)?.kernel(length: length, on: tape)
      ?? filter.taps(length: length, on: tape)
  }
}
