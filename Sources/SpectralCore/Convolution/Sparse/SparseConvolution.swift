public import SequenceTensor

extension ConvolutionPlanner {
  /// Plans a problem for filters that are sparse in frequency.
  ///
  /// The whole sequence is taken in one ring, whatever is cheapest without sparsity: bins of shorter
  /// pieces would be bins of other filters. A filter with bins set to zero is no longer causal nor
  /// shorter than its ring; outputs are those of the ring.
  ///
  /// - Parameter problem: causal or two-sided; the bins of the ring are not those of a circle.
  public static func frequencySparsePlan(_ problem: ConvolutionProblem) -> ConvolutionPlan {
    require(
      problem.boundary != .circular,
      "ConvolutionPlanner.frequencySparsePlan: \(problem) is circular")
    return ConvolutionPlan(
      problem: problem, .lanesOnly(.wholeSequence(problem)),
      reason: "frequency-sparse filters need one ring")
  }
}

extension ConvolutionPlan {
  private var ring: LaneConvolution? {
    guard let lanes = backend as? LaneConvolution, !lanes.geometry.isExtended else { return nil }
    return lanes
  }

  /// The levels that a `SparsityPattern` cuts, as numbers of blocks, outermost first; empty if this
  /// plan was not made by `ConvolutionPlanner.frequencySparsePlan`.
  public var frequencyLevels: [Int] { ring?.plan.levels ?? [] }

  /// A filter without the bins that a pattern drops, in the form in which this plan applies it.
  ///
  /// Convolutions and gradients with it skip the work on what is dropped; the gradient of the filter
  /// is that of the bins that are kept. The skip term is not filtered.
  ///
  /// - Parameters:
  ///   - filter: `[taps, heads]` or `[batch, taps, heads]`.
  ///   - channels: the channels of the sequences; the heads by default.
  ///   - pattern: a pattern of this plan's `frequencyLevels`.
  public func spectrum(
    of filter: Tensor, channels: Int? = nil, keeping pattern: SparsityPattern
  ) -> FilterSpectrum {
    let layout = layout(of: filter, channels: channels)
    let values = ringForPatterns(pattern.levels).keeping(pattern).kept.spectrum(of: filter, layout)
    return FilterSpectrum(
      problem: problem, way: way, layout: layout, values: values, pattern: pattern)
  }

  func ringForPatterns(_ levels: [Int]? = nil) -> LaneConvolution {
    guard let ring, levels == nil || levels == ring.plan.levels else {
      fatalError(
        "Convolution: a pattern of levels \(levels ?? []) for a plan of \(frequencyLevels)"
          + " (\(self)); see ConvolutionPlanner.frequencySparsePlan")
    }
    return ring
  }
}

extension RingGeometry {
  /// The cheapest ring that holds a whole sequence and what its filter reaches.
  static func wholeSequence(_ problem: ConvolutionProblem) -> RingGeometry {
    func geometry(_ points: Int) -> RingGeometry {
      RingGeometry(problem: problem, points: points, piece: problem.length, isExtended: false)
    }
    let reach = max(geometry(0).past, geometry(0).future)
    let candidates = LaneTransformLength.candidates(atLeast: (problem.length + reach + 1) / 2)
    func cost(_ points: Int) -> Double {
      Double(points) * LaneTransformLength.costOfPoint(points)
    }
    let best = candidates.dropFirst().reduce(candidates[0]) { cost($1) < cost($0) ? $1 : $0 }
    return geometry(best)
  }
}
