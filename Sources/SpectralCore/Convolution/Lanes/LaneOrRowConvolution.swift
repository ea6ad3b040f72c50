import SequenceTensor

/// The lane engine, or FFTW row by row where the channels would leave most lanes empty.
///
/// How many channels there are is known with the filter, not with the problem.
struct LaneOrRowConvolution: ConvolutionBackend {
  let lanes: LaneConvolution
  let rows: FFTConvolution

  /// Fewer channels than a half of the lanes cost more in lanes than in rows: at four channels and
  /// 2²² points 26 ns a point instead of 11.
  private func backend(_ channels: Int) -> any ConvolutionBackend {
    2 * channels < LaneTransformPlan.laneCount ? rows : lanes
  }

  var description: String {
    "\(lanes); below \(LaneTransformPlan.laneCount / 2) channels \(rows)"
  }

  func spectrum(of filter: Tensor, _ layout: FilterLayout) -> Tensor {
    backend(layout.channels).spectrum(of: filter, layout)
  }

  func forward(_ operands: ConvolutionOperands, _ spectrum: FilterSpectrum) -> Tensor {
    backend(spectrum.channels).forward(operands, spectrum)
  }

  func gradients(
    _ outputGradient: Tensor, _ operands: ConvolutionOperands, _ spectrum: FilterSpectrum
  ) -> ConvolutionGradients {
    backend(spectrum.channels).gradients(outputGradient, operands, spectrum)
  }
}
