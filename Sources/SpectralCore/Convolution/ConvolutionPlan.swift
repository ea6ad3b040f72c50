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
///   each thread, at most 2 MiB and 4 MiB for gradients; or, for longer transforms, once for all
///   threads: the points of one or two rows of channels (in lanes, of as many as a vector holds).
public struct ConvolutionPlan: Sendable, CustomStringConvertible {
  /// What the plan computes.
  public let problem: ConvolutionProblem
  let way: ConvolutionWay
  let backend: any ConvolutionBackend
  private let reason: String

  init(
    problem: ConvolutionProblem, _ way: ConvolutionWay, effort: PlanningEffort = .estimate,
    reason: String
  ) {
    self.problem = problem
    self.way = way
    backend = way.backend(problem, effort)
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
      problem: problem, way: way, layout: layout, values: backend.spectrum(of: filter, layout))
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
  ///   - spectrum: the filter, made by `spectrum(of:)` of this plan or of one that is the same.
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
      spectrum.way == way,
      "Convolution: spectrum of a plan that computes \(problem) in another way than \(backend)")
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
  /// Plans a problem.
  ///
  /// By estimate the cheapest of direct sums, the lane engine in one ring or in overlapping pieces,
  /// and FFTW row by row is taken; by measuring the fastest of the four that promise most, which
  /// `ConvolutionWisdom` remembers. What is remembered is taken whatever the effort. Tables and FFTW
  /// plans are shared by all plans of the process.
  public static func plan(
    _ problem: ConvolutionProblem, effort: PlanningEffort = .estimate
  ) -> ConvolutionPlan {
    // Models ask for the same few plans at every step.
    plans.value(for: Key(problem: problem, effort: effort, threads: Parallel.threadCount)) {
      choose(problem, effort)
    }
  }

  private struct Key: Hashable {
    let problem: ConvolutionProblem
    let effort: PlanningEffort
    let threads: Int
  }

  private static let plans = PlanCache<Key, ConvolutionPlan>()

  /// Chooses anew from now on; what is known has changed.
  static func forgetPlans() { plans.removeAll() }

  private static func choose(
    _ problem: ConvolutionProblem, _ effort: PlanningEffort
  ) -> ConvolutionPlan {
    let candidates = ConvolutionCandidate.all(problem)
    if let known = ConvolutionWisdom.choice(problem, of: candidates) {
      return known.plan(problem, effort: effort, reason: "measured the fastest")
    }
    guard effort != .estimate else {
      return candidates[0].plan(problem, effort: effort, reason: estimates(candidates))
    }
    let fastest = ConvolutionTiming(problem).fastest(Array(candidates.prefix(4)), effort: effort)
    ConvolutionWisdom.remember(fastest, for: problem)
    forgetPlans()
    return fastest.plan(problem, effort: effort, reason: "measured the fastest")
  }

  /// For example `estimated ns a point: lanes 1024 2.0, rows 6.0, direct 39`.
  private static func estimates(_ candidates: [ConvolutionCandidate]) -> String {
    var named: Set<String> = []
    let first = candidates.filter { candidate in
      // One of each kind.
      named.insert(String(candidate.name.prefix { $0 != " " })).inserted
    }
    let costs = first.map { "\($0.name) \(($0.cost * 10).rounded() / 10)" }
    return "estimated ns a point: " + costs.joined(separator: ", ")
  }

  /// The ways there are.
  package enum Method: String, CaseIterable, Sendable { case direct, lanes, fftw }

  /// Plans a problem in a given way, for tests and benchmarks.
  package static func plan(
    _ problem: ConvolutionProblem, using method: Method, effort: PlanningEffort = .estimate,
    reason: String = "asked for"
  ) -> ConvolutionPlan {
    let ring = RingGeometry.candidates(problem)[0].geometry
    let way: ConvolutionWay =
      switch method {
      case .direct: .direct
      case .lanes: .lanesOnly(ring)
      case .fftw: .rows
      }
    return ConvolutionPlan(problem: problem, way, effort: effort, reason: reason)
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
