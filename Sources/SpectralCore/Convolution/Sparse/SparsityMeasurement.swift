import LaneKernels
public import SequenceTensor

/// What a pattern does to a filter.
public struct SparsityMeasurement: Sendable, CustomStringConvertible {
  /// The pattern.
  public let pattern: SparsityPattern
  /// ‖dropped bins‖₂ / ‖all bins‖₂ over all channels: the relative L2 error of the filter in the
  /// ring, and so of its outputs for white input.
  public let relativeError: Double

  /// For example `16 of 32 × 128 of 128 blocks kept: relative error 0.01`.
  public var description: String { "\(pattern): relative error \(relativeError)" }
}

extension SparsityPattern {
  /// The pattern that drops the most bins of a filter within an error bound.
  ///
  /// Tried are all patterns that keep a level, its first half, quarter, and so on.
  ///
  /// - Parameters:
  ///   - filter: `[taps, channels]`.
  ///   - plan: made by `ConvolutionPlanner.frequencySparsePlan`.
  ///   - bound: the largest relative L2 error of the filter's spectrum, at least 0.
  /// - Returns: the pattern and its error; it keeps everything if nothing can be dropped. Of equally
  ///   sparse patterns it is the one with the smallest error, then the one that cuts outermost.
  /// - Complexity: that of the filter's spectrum.
  public static func sparsest(
    for filter: Tensor, in plan: ConvolutionPlan, within bound: Double
  ) -> SparsityMeasurement {
    require(bound >= 0, "SparsityPattern.sparsest: bound \(bound) is negative")
    let fitting = plan.sparsityMeasurements(of: filter).filter { $0.relativeError <= bound }
    return fitting.dropFirst().reduce(fitting[0]) { best, next in
      let (a, b) = (best.pattern.keptFraction, next.pattern.keptFraction)
      return b < a || (b == a && next.relativeError < best.relativeError) ? next : best
    }
  }
}

extension ConvolutionPlan {
  /// The error of each pattern that keeps a level, its first half, quarter, and so on, starting with
  /// the one that keeps all.
  ///
  /// - Parameter filter: `[taps, heads]` or `[batch, taps, heads]`.
  public func sparsityMeasurements(of filter: Tensor) -> [SparsityMeasurement] {
    let layout = layout(of: filter, channels: nil)
    let levels = ringForPatterns().plan.levels
    let choices = levels.map(SparsityPattern.choices)
    let energies = ringForPatterns().energies(of: filter, layout, choices)
    let total = energies.reduce(0) { $0 + $1.energy }
    var selections: [[Int]] = [[]]
    for choice in choices.reversed() {
      selections = choice.indices.flatMap { index in selections.map { [index] + $0 } }
    }
    return selections.map { selection in
      // A class of bins is dropped if any level drops it.
      let dropped = energies.reduce(0) { sum, bins in
        zip(bins.classes, selection).allSatisfy { $0 >= $1 } ? sum : sum + bins.energy
      }
      return SparsityMeasurement(
        pattern: SparsityPattern(
          levels: levels, kept: zip(choices, selection).map { $0[$1] }),
        relativeError: total > 0 ? (dropped / total).squareRoot() : 0)
    }
  }
}

/// Bins that the same choices keep: those up to choice `classes[level]` of each level.
private struct BinEnergy {
  let classes: [Int]
  var energy: Double
}

extension LaneConvolution {
  /// The energy of a filter's bins, summed over channels, by the choices that keep them.
  fileprivate func energies(
    of filter: Tensor, _ layout: FilterLayout, _ choices: [[Int]]
  ) -> [BinEnergy] {
    let spectra = spectrum(of: filter, layout)
    // The class of a block is the last choice that keeps it.
    let classes = choices.map { choice in
      (0..<choice[0]).map { block in choice.lastIndex { block < $0 } ?? 0 }
    }
    let outer = classes.dropLast()
    let inner = choices[choices.count - 1]
    let innerBlocks = outer.reduce(1) { $0 * $1.count }
    let blockFloats = plan.floats / innerBlocks
    let floats = LaneTransformPlan.floatsOfPoint
    var sums: [[Int]: Double] = [:]
    for block in 0..<innerBlocks {
      var (rest, key) = (block, [Int]())
      for level in outer.reversed() {
        key.insert(level[rest % level.count], at: 0)
        rest /= level.count
      }
      for (index, end) in inner.enumerated() {
        let start = index + 1 < inner.count ? inner[index + 1] : 0
        for group in 0..<spectra.shape[0] {
          let at = group * plan.floats + block * blockFloats + start * floats
          sums[key + [index], default: 0] += lanes.sum_of_squares(
            spectra.pointer + at, (end - start) * floats)
        }
      }
    }
    // In a fixed order, for the same bits every time.
    return sums.map { BinEnergy(classes: $0.key, energy: $0.value) }
      .sorted { $0.classes.lexicographicallyPrecedes($1.classes) }
  }
}
