import SequenceTensor

/// Which of the modes that there are weights for a grid uses, and as which frequencies.
///
/// If a grid has fewer modes than there are weights for, or fewer are wanted, those in the middle
/// of the weights are used; of the last axis of real data the first ones. This is what
/// `SpectralConv.forward` of neuraloperator 2.0 does. If an even number of weights meets an odd
/// number of modes, frequency 0 is therefore one row beside the one that it has otherwise.
struct ModeWindow: Hashable, Sendable {
  /// The number of modes used of each axis.
  let counts: [Int]
  /// The first row of the weights used of each axis.
  let offsets: [Int]
  /// The number of modes that there are weights for.
  let weightModes: [Int]

  init(grid: Shape, options: SpectralConvolutionOptions) {
    let last = options.axes - 1
    let kept = options.keptModes
    weightModes = options.weightModes
    counts = (0...last).map { axis in
      let isHalved = axis == last && !options.hasComplexData
      return min(kept[axis], isHalved ? grid[axis] / 2 + 1 : grid[axis])
    }
    offsets = zip(weightModes, counts).enumerated().map { axis, sizes in
      axis == last && !options.hasComplexData ? 0 : (sizes.0 - sizes.1) / 2
    }
  }

  /// Whether all weights are used.
  var isWhole: Bool { counts == weightModes }

  /// The place of each used mode among the modes of the weights; nil if all are used.
  var rows: [Int]? {
    guard !isWhole else { return nil }
    var result = [0]
    for axis in counts.indices {
      result = result.flatMap { row in
        (0..<counts[axis]).map { row * weightModes[axis] + offsets[axis] + $0 }
      }
    }
    return result
  }
}
