import LaneKernels
import SequenceTensor

/// Depthwise convolution by its definition, for short filters; not for circular boundaries.
struct DirectConvolution: ConvolutionBackend {
  let problem: ConvolutionProblem

  var description: String { "direct sum over \(problem.usedTaps.count) taps" }

  func spectrum(of filter: Tensor) -> FilterSpectrum {
    FilterSpectrum(
      problem: problem, channels: filter.shape[1],
      values: filter.sliced(axis: 0, problem.usedTaps))
  }

  private var centre: Int { problem.centre - problem.usedTaps.lowerBound }

  /// Positions of a sequence in one piece of work.
  private static let grain = 512

  func forward(_ operands: ConvolutionOperands, _ spectrum: FilterSpectrum) -> Tensor {
    let x = operands.preGate.map { $0 * operands.input } ?? operands.input
    var y = convolve(x, spectrum.values, centre: centre)
    if let skip = operands.skip { y += x * skip }
    return operands.postGate.map { $0 * y } ?? y
  }

  private func convolve(_ x: Tensor, _ filter: Tensor, centre: Int) -> Tensor {
    let (batch, length, channels) = (x.shape[0], x.shape[1], x.shape[2])
    let pieces = (length + Self.grain - 1) / Self.grain
    return Tensor(uninitialized: x.shape) { y in
      Parallel.forEach(tasks: batch * pieces) { task, _ in
        let at = task / pieces * length * channels
        let first = task % pieces * Self.grain
        lanes.direct_convolution(
          y + at, x.pointer + at, filter.pointer, length, channels, channels, filter.shape[0],
          centre, first, min(length, first + Self.grain))
      }
    }
  }

  func gradients(
    _ outputGradient: Tensor, _ operands: ConvolutionOperands, _ spectrum: FilterSpectrum
  ) -> ConvolutionGradients {
    let x = operands.preGate.map { $0 * operands.input } ?? operands.input
    let g = operands.postGate.map { $0 * outputGradient } ?? outputGradient
    let filter = spectrum.values
    // The adjoint convolves with the filter reversed in time.
    var dx = convolve(g, filter.flipped(axis: 0), centre: filter.shape[0] - 1 - centre)
    if let skip = operands.skip { dx += g * skip }
    let postGradient = operands.postGate.map { _ in
      var y = convolve(x, filter, centre: centre)
      if let skip = operands.skip { y += x * skip }
      return y * outputGradient
    }
    return ConvolutionGradients(
      input: operands.preGate.map { dx * $0 } ?? dx,
      filter: filterGradient(g, x, used: filter.shape[0]),
      skip: operands.skip.map { _ in skipGradient(g, x) },
      preGate: operands.preGate.map { _ in dx * operands.input }, postGate: postGradient)
  }

  /// Σ over the batch, in order, of the correlation of `g` with `x`.
  private func filterGradient(_ g: Tensor, _ x: Tensor, used: Int) -> Tensor {
    let (batch, length, channels) = (x.shape[0], x.shape[1], x.shape[2])
    let size = used * channels
    let partial = Tensor(uninitialized: [batch, used, channels]) { dh in
      dh.update(repeating: 0, count: batch * size)
      Parallel.forEach(tasks: batch) { b, _ in
        lanes.direct_filter_gradient(
          dh + b * size, g.pointer + b * length * channels, x.pointer + b * length * channels,
          length, channels, channels, used, centre)
      }
    }
    return partial.sum(axis: 0).padded(
      axis: 0, before: problem.usedTaps.lowerBound,
      after: problem.taps - problem.usedTaps.upperBound)
  }

  private func skipGradient(_ g: Tensor, _ x: Tensor) -> Tensor {
    let channels = x.shape[2]
    return Tensor.reducingRows(rows: x.count / max(1, channels), width: channels) { out, rows in
      let at = rows.lowerBound * channels
      lanes.sum_products(out, g.pointer + at, x.pointer + at, rows.count, channels)
    }
  }
}
