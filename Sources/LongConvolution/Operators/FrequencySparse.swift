public import Differentiation
import SequenceTensor
import SpectralCore

extension Variable {
  /// Taps whose spectrum is zero from a bin on: the frequency-sparse filters of FlashFFTConv.
  ///
  /// Fu, Kumbong, Nguyen and Ré, "FlashFFTConv", 2023, section 3.3, as in the reference's
  /// `FrequencySparseFFTConv`. The result is circular: row j is lag j, and because a filter
  /// without its high frequencies is no longer causal, rows beyond N/2 are lags j - N.
  ///
  /// - Parameters:
  ///   - bins: the bins 0..<bins of the real transform are kept.
  ///   - transformLength: N, at least the number of taps.
  /// - Returns: `[N, channels]` from `[taps, channels]`.
  /// - Complexity: O(N²) for the response and O(channels·N log N) to apply it.
  public func lowPass(keepingBins bins: Int, transformLength: Int) -> Variable {
    require(
      shape.rank == 2 && transformLength >= shape[0] && bins >= 0,
      "Variable.lowPass: \(shape) [taps, channels] to \(bins) bins of \(transformLength)")
    let kernel = lowPassKernel(bins: bins, length: transformLength)
    return padded(axis: 0, after: transformLength - shape[0]).circulant(kernel)
  }

  /// A circular filter of 2L taps as a two-sided one of 2L - 1, for sequences of length L.
  public func twoSidedTaps(length: Int) -> Variable {
    require(
      shape.rank == 2 && shape[0] == 2 * length,
      "Variable.twoSidedTaps: \(shape) is not [2·\(length), channels]")
    return .concatenated(
      [sliced(axis: 0, length + 1..<2 * length), sliced(axis: 0, 0..<length)], axis: 0)
  }

  /// The circular convolution of each column with one symmetric kernel, its own adjoint.
  private func circulant(_ kernel: Tensor) -> Variable {
    let channels = shape[1]
    let filter = Tensor.matmul(
      kernel.reshaped(-1, 1), Tensor(repeating: 1, shape: [1, channels]))
    return reshaped(1, shape[0], channels).convolved(
      with: Variable(filter), boundary: .circular
    ).reshaped(to: shape)
  }
}

/// The impulse response of the ideal low-pass: Σ over kept bins k of cos(2πkn/N)·w/N, where w is 1
/// for bin 0 and the middle bin of an even N, and 2 for the others.
private func lowPassKernel(bins: Int, length: Int) -> Tensor {
  Tensor(
    (0..<length).map { n in
      let sum = (0..<min(bins, length / 2 + 1)).reduce(0.0) { sum, k in
        let weight = k == 0 || 2 * k == length ? 1.0 : 2.0
        return sum + weight * unitRoot(k * n % length, of: length).cosine
      }
      return Float(sum / Double(length))
    })
}
