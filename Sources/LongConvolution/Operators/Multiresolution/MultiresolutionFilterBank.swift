package import Differentiation
import LaneKernels
import SequenceTensor

extension Variable {
  /// The weighted sum of the coefficients of a wavelet tree, undecimated and causal.
  ///
  /// With a_0 = x, a_j = h0 *_d a_{j-1} and b_j = h1 *_d a_{j-1}, where *_d spaces the taps d = 2^(j-1)
  /// apart: y = w_0·a_J + Σ over levels and t of w·b_j[n - t·2^j] + w_m·x.
  ///
  /// - Parameters:
  ///   - low: h0, `[taps, channels]`, row k for lag k·d.
  ///   - high: h1, `[taps, channels]`.
  ///   - weights: `[tree.weightCount, channels]`.
  ///   - tree: which weight belongs to which coefficient.
  /// - Returns: `[batch, length, channels]`, as `self`.
  /// - Complexity: O(batch·length·channels·(taps·depth + weights)). A batch and 16 channels at a time
  ///   run through all levels in the cache; the backward pass computes the levels again.
  package func multiresolution(
    low: Variable, high: Variable, weights: Variable, tree: MultiresolutionTree
  ) -> Variable {
    require(
      shape.rank == 3 && low.shape == high.shape && low.shape.rank == 2
        && low.shape[1] == shape[2] && weights.shape == [tree.weightCount, shape[2]],
      "Variable.multiresolution: filters \(low.shape), \(high.shape) [taps, channels] and weights"
        + " \(weights.shape) [\(tree.weightCount), channels] for input \(shape)")
    let bank = MultiresolutionFilterBank(
      x: value, low: low.value, high: high.value, weights: weights.value, tree: tree)
    return Self.primitive([self, low, high, weights], value: bank.forward()) { bank.gradients($0) }
  }
}

private let lane = Int(LANE_GROUP)

/// The work of `Variable.multiresolution`: tasks are sequences times groups of 16 channels.
private struct MultiresolutionFilterBank {
  let x: Tensor
  let tree: MultiresolutionTree
  let taps: Int
  // [groups, rows, 16], zero for channels that there are not.
  let low: Tensor
  let high: Tensor
  let weights: Tensor

  init(x: Tensor, low: Tensor, high: Tensor, weights: Tensor, tree: MultiresolutionTree) {
    self.x = x
    self.tree = tree
    taps = low.shape[0]
    self.low = low.groupedByLanes()
    self.high = high.groupedByLanes()
    self.weights = weights.groupedByLanes()
  }

  private var length: Int { x.shape[1] }
  private var channels: Int { x.shape[2] }
  private var groups: Int { (channels + lane - 1) / lane }
  /// Floats of one sequence of a group.
  private var size: Int { length * lane }

  /// Runs `body(batch, group, scratch)` for every task with room for `arrays` sequences each.
  private func forEachTask(
    arrays: Int, _ body: (Int, Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    let tasks = x.shape[0] * groups
    let workers = Parallel.workerCount(tasks: tasks)
    var scratch = Tensor(uninitialized: [workers, arrays * size]) { _ in }
    let base = scratch.mutablePointer()
    Parallel.forEach(tasks: tasks, workers: workers) { task, worker in
      body(task / groups, task % groups, base + worker * arrays * size)
    }
  }

  private func gather(_ z: UnsafeMutablePointer<Float>, _ source: Tensor, _ b: Int, _ group: Int) {
    lanes.direct_gather(
      z, 0, lane, source.pointer + b * length * channels + group * lane, nil, length, channels,
      min(lane, channels - group * lane), 0, length, false)
  }

  private func scatter(
    _ z: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ b: Int, _ group: Int
  ) {
    lanes.group_scatter(
      out + b * length * channels + group * lane, z, channels, min(lane, channels - group * lane),
      length)
  }

  /// w·h1 of a level with one detail coefficient: what it adds to the output in one filter.
  private func detailFilter(
    _ group: Int, _ row: Int, _ out: UnsafeMutablePointer<Float>
  ) {
    let w = weights.pointer + (group * tree.weightCount + row) * lane
    lanes.multiply_row(out, high.pointer + group * taps * lane, w, taps, lane)
  }

  func forward() -> Tensor {
    var result = Tensor(uninitialized: x.shape) { _ in }
    let out = result.mutablePointer()
    forEachTask(arrays: 4) { b, group, scratch in
      let (y, detail) = (scratch + 2 * size, scratch + 3 * size)
      var (a, next) = (scratch, scratch + size)
      let h0 = low.pointer + group * taps * lane
      let h1 = high.pointer + group * taps * lane
      let w = weights.pointer + group * tree.weightCount * lane
      gather(a, x, b, group)
      lanes.multiply_row(y, a, w + (tree.weightCount - 1) * lane, length, lane)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: taps * lane) { buffer in
        guard let gained = buffer.baseAddress else { return }
        for level in tree.levels {
          if level.details.count == 1 {
            detailFilter(group, level.details.lowerBound, gained)
            lanes.dilated_pair(next, y, a, h0, gained, taps, level.dilation, length)
          } else {
            lanes.dilated_filter(next, a, h0, taps, -level.dilation, length, false)
            if !level.details.isEmpty {
              lanes.dilated_filter(detail, a, h1, taps, -level.dilation, length, false)
              lanes.dilated_filter(
                y, detail, w + level.details.lowerBound * lane, level.details.count,
                -level.spacing, length, true)
            }
          }
          swap(&a, &next)
        }
      }
      lanes.dilated_filter(y, a, w, 1, 0, length, true)
      scatter(y, out, b, group)
    }
    return result
  }

  /// The gradients of input, filters and weights.
  func gradients(_ dy: Tensor) -> [Tensor?] {
    let depth = tree.levels.count
    let rows = 2 * taps + tree.weightCount
    var gradient = Tensor(uninitialized: x.shape) { _ in }
    let out = gradient.mutablePointer()
    // Of each sequence and group, added up over the sequences in their order.
    var partial = Tensor(zeros: [x.shape[0], groups, rows, lane])
    let sums = partial.mutablePointer()
    forEachTask(arrays: depth + 6) { b, group, scratch in
      backward(
        b, group, dy, approximations: scratch, work: scratch + (depth + 1) * size,
        sums: sums + (b * groups + group) * rows * lane, out)
    }
    let total = partial.sum(axis: 0)
    func part(_ range: Range<Int>) -> Tensor {
      total.sliced(axis: 1, range).ungroupedFromLanes(channels: channels)
    }
    return [gradient, part(0..<taps), part(taps..<2 * taps), part(2 * taps..<rows)]
  }

  /// One task of the backward pass; `work` has room for five sequences.
  private func backward(
    _ b: Int, _ group: Int, _ dy: Tensor, approximations: UnsafeMutablePointer<Float>,
    work: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>,
    _ out: UnsafeMutablePointer<Float>
  ) {
    let (up, detail, detailGradient) = (work, work + size, work + 2 * size)
    var (da, next) = (work + 3 * size, work + 4 * size)
    let h0 = low.pointer + group * taps * lane
    let h1 = high.pointer + group * taps * lane
    let w = weights.pointer + group * tree.weightCount * lane
    let (dh0, dh1, dw) = (sums, sums + taps * lane, sums + 2 * taps * lane)
    let residual = (tree.weightCount - 1) * lane
    gather(approximations, x, b, group)
    for (j, level) in tree.levels.enumerated() {
      lanes.dilated_filter(
        approximations + (j + 1) * size, approximations + j * size, h0, taps, -level.dilation,
        length, false)
    }
    gather(up, dy, b, group)
    lanes.sum_products(dw, up, approximations + tree.levels.count * size, length, lane)
    lanes.sum_products(dw + residual, up, approximations, length, lane)
    lanes.multiply_row(da, up, w, length, lane)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * taps * lane) { buffer in
      guard let gained = buffer.baseAddress else { return }
      let correlation = gained + taps * lane
      for (j, level) in tree.levels.enumerated().reversed() {
        let a = approximations + j * size
        if level.details.count == 1 {
          let row = level.details.lowerBound * lane
          correlation.update(repeating: 0, count: taps * lane)
          lanes.dilated_gradients(
            dh0, correlation, a, da, up, taps, level.dilation, length)
          for i in 0..<taps * lane {
            dh1[i] += w[row + i % lane] * correlation[i]
            dw[row + i % lane] += h1[i] * correlation[i]
          }
          detailFilter(group, level.details.lowerBound, gained)
          lanes.dilated_pair_adjoint(next, da, up, h0, gained, taps, level.dilation, length)
        } else if level.details.isEmpty {
          lanes.dilated_gradients(dh0, nil, a, da, nil, taps, level.dilation, length)
          lanes.dilated_filter(next, da, h0, taps, level.dilation, length, false)
        } else {
          let (row, count) = (level.details.lowerBound * lane, level.details.count)
          lanes.dilated_filter(detail, a, h1, taps, -level.dilation, length, false)
          lanes.dilated_gradients(dw + row, nil, detail, up, nil, count, level.spacing, length)
          lanes.dilated_filter(detailGradient, up, w + row, count, level.spacing, length, false)
          lanes.dilated_gradients(
            dh0, dh1, a, da, detailGradient, taps, level.dilation, length)
          lanes.dilated_pair_adjoint(
            next, da, detailGradient, h0, h1, taps, level.dilation, length)
        }
        swap(&da, &next)
      }
    }
    lanes.dilated_filter(da, up, w + residual, 1, 0, length, true)
    scatter(da, out, b, group)
  }
}

extension Tensor {
  /// `[rows, channels]` as `[groups of 16 channels, rows, 16]`, zero where there is no channel.
  fileprivate func groupedByLanes() -> Tensor {
    let (rows, channels) = (shape[0], shape[1])
    let groups = (channels + lane - 1) / lane
    return padded(axis: 1, after: groups * lane - channels).reshaped(rows, groups, lane)
      .transposed(0, 1)
  }

  /// The inverse of `groupedByLanes`.
  fileprivate func ungroupedFromLanes(channels: Int) -> Tensor {
    transposed(0, 1).reshaped(shape[1], shape[0] * lane).sliced(axis: 1, 0..<channels)
  }
}
