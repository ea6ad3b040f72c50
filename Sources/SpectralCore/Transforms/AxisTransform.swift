/// One axis of a separable transform, from points to the rows of a spectrum and back.
///
/// Points are `[items, size, channels]`, real for a halved axis and else interleaved complex
/// numbers; modes are `[items, count, channels]`, complex. Rows of modes that the grid does not
/// have are left alone.
protocol AxisTransform: Sendable {
  var modes: AxisModes { get }

  /// Sums over points: z[k] = w[k] Σ x[n]·exp(-2πi·kn/size).
  func analyze(
    to z: UnsafeMutablePointer<Float>, from x: UnsafePointer<Float>, items: Int, channels: Int,
    weights: AxisWeights)

  /// Sums over modes, the transpose: x[n] = Σ w[k]·z[k]·exp(2πi·kn/size), of a halved axis the
  /// real part.
  func synthesize(
    to x: UnsafeMutablePointer<Float>, from z: UnsafePointer<Float>, items: Int, channels: Int,
    weights: AxisWeights)
}

/// A way to compute one axis of a transform.
public enum AxisMethod: String, Sendable, Hashable, CaseIterable, Codable {
  /// The product with a table of cosines and sines of the kept modes.
  case matrix
  /// The transform of all modes by FFTW, those that are not kept being dropped.
  case fft = "FFT"
}
