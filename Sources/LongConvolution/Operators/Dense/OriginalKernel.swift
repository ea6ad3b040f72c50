import Differentiation
package import SequenceTensor

/// A mixer that can show its kernel as its original does.
package protocol OriginalKernel {
  /// The kernel for a length, `[outputs, inputs, taps]` (`[1, channels, taps]` of a depthwise one),
  /// the oldest tap first.
  func originalKernel(length: Int) -> Tensor
}

extension LongFilter {
  /// Rows of lags, cropped by a mask if there is one, as `[outputs, inputs, taps]`.
  fileprivate func correlation(length: Int, outputs: Int) -> Tensor {
    // The kernel of a filter that is no longer than itself does not depend on the length.
    let kernel =
      (self as? any ContinuousFilter)?.kernel(length: length, on: nil)
      ?? taps(length: length, on: nil)
    let taps = kernel.value
    return taps.flipped(axis: 0).transposed().reshaped(outputs, -1, taps.shape[0])
  }
}

extension DenseConvolution: OriginalKernel {
  package func originalKernel(length: Int) -> Tensor {
    filter.correlation(length: length, outputs: outputs)
  }
}

extension SeparableConvolution: OriginalKernel {
  package func originalKernel(length: Int) -> Tensor {
    filter.correlation(length: length, outputs: 1)
  }
}

extension LearnableSpacingConvolution: OriginalKernel {
  package func originalKernel(length: Int) -> Tensor {
    kernel(on: nil).value.transposed(0, 1).transposed(1, 2)
  }
}
