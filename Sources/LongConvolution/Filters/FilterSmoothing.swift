import Differentiation
import SequenceTensor
import SpectralCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Variable {
  /// The mean of each tap and its neighbours, `window` together; zeros beyond the ends count.
  func smoothedInTime(window: Int) -> Variable {
    let kernel = Tensor(repeating: 1 / Float(window), shape: [window, shape[1]])
    return reshaped(1, shape[0], shape[1]).convolved(with: Variable(kernel), boundary: .twoSided)
      .reshaped(to: shape)
  }

  /// The taps whose spectrum is that of these, convolved over the bins 0...rows/2 with
  /// exp(-d²/2), d = -⌊window/2⌋…; bins outside count as zero.
  ///
  /// As PyTorch's `rfft`, `conv1d(padding="same")` and `irfft` do it, so that an odd number of rows
  /// becomes an even one, and that an even window looks one bin further up than down.
  func smoothedInFrequency(window: Int) -> Variable {
    let (rows, channels) = (shape[0], shape[1])
    let modes = rows / 2 + 1
    let analysis = TruncatedTransform(
      gridShape: [rows], modeShape: [modes], normalization: .backward)
    let synthesis = TruncatedTransform(
      gridShape: [2 * (modes - 1)], modeShape: [modes], normalization: .backward)
    // Row j of a two-sided filter is lag j - reach; the window's place i reads bin n + i - before.
    let (reach, before) = (window / 2, (window - 1) / 2)
    let gaussian = (0...2 * reach).map { row in
      let place = before - (row - reach)
      let distance = Double(place - window / 2)
      return (0..<window).contains(place) ? Float(exp(-0.5 * distance * distance)) : 0
    }
    let kernel = Tensor.matmul(
      Tensor(gaussian, shape: [gaussian.count, 1]), Tensor(repeating: 1, shape: [1, 2 * channels]))
    return reshaped(1, rows, channels).spectrum(by: analysis)
      .reshaped(1, modes, 2 * channels).convolved(with: Variable(kernel), boundary: .twoSided)
      .reshaped(1, modes, channels, 2).grid(by: synthesis)
      .reshaped(-1, channels)
  }
}
