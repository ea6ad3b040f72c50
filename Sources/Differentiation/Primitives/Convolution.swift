import SequenceTensor
public import SpectralCore

extension Variable {
  /// The depthwise convolution y = postGate·(h * x + skip·x) with x = preGate·self.
  ///
  /// Nothing but the operands is kept for the backward pass: spectra are computed again.
  ///
  /// - Parameters:
  ///   - filter: `[taps, channels]`; `[taps, heads]` if groups of channels / heads neighbouring
  ///     channels share a filter; either with the batch in front if each sequence has its own.
  ///     Its gradient has the same shape.
  ///   - boundary: what lies beyond the ends, and which taps there are.
  ///   - skip: `[channels]`.
  ///   - preGate: `[batch, length, channels]`.
  ///   - postGate: `[batch, length, channels]`.
  ///   - pattern: the bins that a frequency-sparse filter keeps, of the `frequencyLevels` of
  ///     `ConvolutionPlanner.frequencySparsePlan`; forward and backward skip the others.
  /// - Returns: `[batch, length, channels]`.
  /// - Precondition: `self` is `[batch, length, channels]` and the others fit it.
  public func convolved(
    with filter: Variable, boundary: Boundary = .causal, skip: Variable? = nil,
    preGate: Variable? = nil, postGate: Variable? = nil, keeping pattern: SparsityPattern? = nil
  ) -> Variable {
    let problem = ConvolutionProblem(input: shape, filter: filter.shape, boundary: boundary)
    let plan =
      pattern == nil
      ? ConvolutionPlanner.plan(problem) : ConvolutionPlanner.frequencySparsePlan(problem)
    let channels = shape[2]
    let operands = ConvolutionOperands(
      input: value, skip: skip?.value, preGate: preGate?.value, postGate: postGate?.value)
    let taps = filter.value
    let inputs = [self, filter] + [skip, preGate, postGate].compactMap { $0 }
    func spectrum() -> FilterSpectrum {
      pattern.map { plan.spectrum(of: taps, channels: channels, keeping: $0) }
        ?? plan.spectrum(of: taps, channels: channels)
    }
    return Self.primitive(
      inputs, value: plan(operands, spectrum()),
      arithmetic: problem.arithmetic * Double(value.count)
    ) { dy in
      let gradients = plan.gradients(of: dy, operands, spectrum())
      let optional: [Tensor] = [gradients.skip, gradients.preGate, gradients.postGate]
        .compactMap { $0 }
      return [gradients.input, gradients.filter] + optional
    }
  }
}

extension ConvolutionProblem {
  /// Nominal operations a point: those of direct sums where these are fewest, else of a transform
  /// there and back at 2.5·N·log₂N each for N real points, whichever way is taken.
  fileprivate var arithmetic: Double {
    let taps = Double(usedTaps.count)
    return min(2 * taps, 10 * log2(Double(length + usedTaps.count)))
  }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
