public import SequenceTensor

/// One way to compute a convolution.
///
/// Shapes have been checked before a backend is called.
protocol ConvolutionBackend: Sendable, CustomStringConvertible {
  /// The values of a filter in the form in which this backend applies it.
  func spectrum(of filter: Tensor, _ layout: FilterLayout) -> Tensor
  /// The output for operands and a filter.
  func forward(_ operands: ConvolutionOperands, _ spectrum: FilterSpectrum) -> Tensor
  /// The gradients for the gradient of the output; spectra of the input are computed anew.
  ///
  /// That of the filter is `[filters, taps, channels]`, with a column for every channel; that of
  /// the skip term follows from it and is left out.
  func gradients(
    _ outputGradient: Tensor, _ operands: ConvolutionOperands, _ spectrum: FilterSpectrum
  ) -> ConvolutionGradients
}

/// A depthwise convolution ready to run: y = postGate·(h * x + skip·x), x = preGate·input.
///
/// Plans are values without state; one may run on many threads at once. Against a direct
/// convolution in double precision the relative L2 error is below 1e-6·log₂ N.
///
/// - Complexity: O(batch·channels·N log N) with N the transform length, or O(batch·channels·L·K)
///   direct. Beyond operands, results and filter spectra (8·N bytes a channel; times the batch if
///   each sequence has its own filter, and as much again for gradients) the memory is scratch of
///   each thread: at most 1 MiB or, for long sequences, a few complex rows of N points.
public struct ConvolutionPlan: Sendable, CustomStringConvertible {
  /// What the plan computes.
  public let problem: ConvolutionProblem
  let backend: any ConvolutionBackend
  private let reason: String

  init(problem: ConvolutionProblem, backend: any ConvolutionBackend, reason: String) {
    self.problem = problem
    self.backend = backend
    self.reason = reason
  }

  /// What was chosen and why.
  public var description: String { "\(problem): \(backend) (\(reason))" }

  /// The filter in the form in which this plan applies it; worth keeping while it is the same.
  ///
  /// - Parameters:
  ///   - filter: `[taps, heads]`, or `[batch, taps, heads]` with a filter for each sequence.
  ///   - channels: the channels of the sequences, a multiple of the heads and the same as those
  ///     by default. Channels of a head are neighbours: channel c meets column
  ///     c / (channels / heads).
  public func spectrum(of filter: Tensor, channels: Int? = nil) -> FilterSpectrum {
    let layout = layout(of: filter, channels: channels)
    return FilterSpectrum(
      problem: problem, layout: layout, values: backend.spectrum(of: filter, layout))
  }

  func layout(of filter: Tensor, channels: Int?) -> FilterLayout {
    let layout = FilterLayout(filter.shape, channels: channels ?? filter.shape.last)
    require(
      layout.taps == problem.taps,
      "Convolution: filter \(filter.shape) does not have the \(problem.taps) taps of the plan")
    return layout
  }

  /// Computes the convolution.
  ///
  /// - Parameters:
  ///   - operands: input `[batch, length, channels]`, skip term and gates.
  ///   - spectrum: the filter, made by `spectrum(of:)` of a plan for the same problem.
  /// - Returns: `[batch, length, channels]`.
  public func callAsFunction(_ operands: ConvolutionOperands, _ spectrum: FilterSpectrum) -> Tensor
  {
    check(operands, spectrum)
    return backend.forward(operands, spectrum)
  }

  /// Computes the gradients of everything a convolution was given.
  ///
  /// - Parameters:
  ///   - outputGradient: `[batch, length, channels]`.
  ///   - operands: what the convolution was applied to.
  ///   - spectrum: its filter.
  /// - Returns: the gradients, that of the filter in the filter's own shape: summed over the
  ///   channels of a head, and over the batch unless each sequence has its own filter.
  public func gradients(
    of outputGradient: Tensor, _ operands: ConvolutionOperands, _ spectrum: FilterSpectrum
  ) -> ConvolutionGradients {
    check(operands, spectrum)
    require(
      outputGradient.shape == operands.input.shape,
      "Convolution: output gradient \(outputGradient.shape) for input \(operands.input.shape)")
    var gradients = backend.gradients(outputGradient, operands, spectrum)
    if operands.skip != nil, gradients.skip == nil {
      // The skip term is one more tap of lag 0 for each channel.
      gradients.skip = gradients.filter.sliced(axis: 1, problem.centre..<problem.centre + 1)
        .summedRows()
    }
    gradients.filter = spectrum.layout.folded(gradients.filter)
    return gradients
  }

  private func check(_ operands: ConvolutionOperands, _ spectrum: FilterSpectrum) {
    let shape = operands.input.shape
    require(
      shape[1] == problem.length, "Convolution: input \(shape) for a plan of \(problem)")
    require(
      spectrum.problem == problem,
      "Convolution: spectrum for \(spectrum.problem) in a plan of \(problem)")
    require(
      spectrum.channels == shape[2],
      "Convolution: filter of \(spectrum.channels) channels for input \(shape)")
    if let batch = spectrum.batch {
      require(
        batch == shape[0], "Convolution: filters of \(batch) sequences for input \(shape)")
    }
  }
}

/// Chooses how to compute a convolution.
public enum ConvolutionPlanner {
  /// Up to this many taps a position the direct sum is faster than transforms.
  ///
  /// Measured with AVX-512 at 64 channels: a tap costs 0.077 ns a point, transforms 5 to 6 ns.
  static let directTaps = 56.0

  /// Plans a problem.
  ///
  /// Tables and FFTW plans are shared by all plans of the process.
  public static func plan(
    _ problem: ConvolutionProblem, effort: PlanningEffort = .estimate
  ) -> ConvolutionPlan {
    let isShort = problem.averageTaps <= directTaps
    if isShort {
      return plan(problem, using: .direct, reason: "at most \(Int(directTaps)) taps a position")
    }
    let reason = "more than \(Int(directTaps)) taps a position"
    let backend = LaneOrRowConvolution(
      lanes: LaneConvolution(RingGeometry.best(problem).geometry),
      rows: FFTConvolution(problem, effort: effort))
    return ConvolutionPlan(problem: problem, backend: backend, reason: reason)
  }

  /// The ways there are.
  package enum Method: CaseIterable, Sendable { case direct, lanes, fftw }

  /// Plans a problem in a given way, for tests and benchmarks.
  package static func plan(
    _ problem: ConvolutionProblem, using method: Method, effort: PlanningEffort = .estimate,
    reason: String = "asked for"
  ) -> ConvolutionPlan {
    switch method {
    case .direct:
      return ConvolutionPlan(
        problem: problem, backend: DirectConvolution(problem: problem), reason: reason)
    case .lanes:
      return ConvolutionPlan(
        problem: problem, backend: LaneConvolution(RingGeometry.best(problem).geometry),
        reason: reason)
    case .fftw:
      return ConvolutionPlan(
        problem: problem, backend: FFTConvolution(problem, effort: effort), reason: reason)
    }
  }
}

extension Tensor {
  /// This sequence convolved channel by channel with a filter.
  ///
  /// - Parameters:
  ///   - filter: `[taps, channels]`; `[taps, heads]` if groups of channels / heads neighbouring
  ///     channels share a filter; either with the batch in front if each sequence has its own.
  ///   - boundary: what lies beyond the ends.
  ///   - skip: `[channels]`, adds `skip·self`.
  /// - Returns: `[batch, length, channels]`.
  /// - Precondition: `self` is `[batch, length, channels]`, and the filter fits it.
  public func convolved(
    with filter: Tensor, boundary: Boundary = .causal, skip: Tensor? = nil
  ) -> Tensor {
    let plan = ConvolutionPlanner.plan(
      ConvolutionProblem(input: shape, filter: filter.shape, boundary: boundary))
    return plan(
      ConvolutionOperands(input: self, skip: skip), plan.spectrum(of: filter, channels: shape[2]))
  }
}
