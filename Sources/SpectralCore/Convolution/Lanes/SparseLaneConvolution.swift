import SequenceTensor

/// A lane convolution that skips the blocks of the spectrum that a pattern drops.
///
/// The kernels see a transform that keeps fewer blocks. They know the skip term only as a constant in
/// every bin; here it is added by itself, because it needs the bins that are dropped as well.
struct SparseLaneConvolution {
  let kept: LaneConvolution

  func forward(_ operands: ConvolutionOperands, _ spectrum: FilterSpectrum) -> Tensor {
    var output = kept.forward(operands.withoutSkip, spectrum.withoutPattern)
    if let skip = operands.skip {
      let skipped = operands.gatedInput * skip
      output += operands.postGate.map { skipped * $0 } ?? skipped
    }
    return output
  }

  func gradients(
    _ outputGradient: Tensor, _ operands: ConvolutionOperands, _ spectrum: FilterSpectrum
  ) -> ConvolutionGradients {
    var gradients = kept.gradients(
      outputGradient, operands.withoutSkip, spectrum.withoutPattern)
    guard let skip = operands.skip else { return gradients }
    let ungated = operands.postGate.map { outputGradient * $0 } ?? outputGradient
    let throughSkip = ungated * skip
    gradients.skip = (ungated * operands.gatedInput).summedRows()
    gradients.input += operands.preGate.map { throughSkip * $0 } ?? throughSkip
    gradients.preGate = gradients.preGate.map { $0 + throughSkip * operands.input }
    gradients.postGate = gradients.postGate.map {
      $0 + operands.gatedInput * skip * outputGradient
    }
    return gradients
  }
}

extension LaneConvolution {
  func keeping(_ pattern: SparsityPattern) -> SparseLaneConvolution {
    SparseLaneConvolution(
      kept: LaneConvolution(geometry, LaneTransformPlan(plan, keeping: pattern.kept)))
  }
}

extension FilterSpectrum {
  fileprivate var withoutPattern: FilterSpectrum {
    FilterSpectrum(problem: problem, way: way, layout: layout, values: values)
  }
}

extension ConvolutionOperands {
  fileprivate var withoutSkip: ConvolutionOperands {
    ConvolutionOperands(input: input, preGate: preGate, postGate: postGate)
  }

  fileprivate var gatedInput: Tensor { preGate.map { input * $0 } ?? input }
}
