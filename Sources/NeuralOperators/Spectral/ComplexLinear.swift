import Differentiation
import LaneKernels
import SequenceTensor

extension Variable {
  /// The product of complex matrices, leading axes joined to rows.
  ///
  /// - Parameter weight: `[inputs, outputs, 2]`.
  /// - Returns: `[…, outputs, 2]`.
  /// - Precondition: `self` is `[…, inputs, 2]`.
  func complexLinear(_ weight: Variable) -> Variable {
    require(
      weight.shape.rank == 3 && weight.shape.last == 2 && shape.last == 2
        && shape[-2] == weight.shape[0],
      "Variable.complexLinear: weight \(weight.shape) [inputs, outputs, 2] for \(shape)")
    let (x, w) = (value, weight.value)
    let (inputs, outputs) = (w.shape[0], w.shape[1])
    let rows = x.count / max(1, 2 * inputs)
    let y = Tensor(uninitialized: x.shape.replacing(axis: -2, with: outputs)) { y in
      Parallel.forEachRange(rows, grain: complexRowGrain) { range in
        lanes.complex_product(
          y + 2 * range.lowerBound * outputs, 2 * outputs,
          x.pointer + 2 * range.lowerBound * inputs, 2 * inputs, 2, w.pointer, 2 * outputs,
          range.count, outputs, inputs, LANE_CONJUGATE_NONE)
      }
    }
    return Self.primitive([self, weight], value: y) { dy in
      let transposed = w.transposed(0, 1)
      let dx = Tensor(uninitialized: x.shape) { dx in
        Parallel.forEachRange(rows, grain: complexRowGrain) { range in
          lanes.complex_product(
            dx + 2 * range.lowerBound * inputs, 2 * inputs,
            dy.pointer + 2 * range.lowerBound * outputs, 2 * outputs, 2, transposed.pointer,
            2 * inputs, range.count, inputs, outputs, LANE_CONJUGATE_RIGHT)
        }
      }
      let pieces = (rows + complexRowGrain - 1) / complexRowGrain
      let partial = Tensor(uninitialized: Shape([pieces] + w.shape.sizes)) { dw in
        Parallel.forEachRange(rows, grain: complexRowGrain) { range in
          lanes.complex_product(
            dw + range.lowerBound / complexRowGrain * w.count, 2 * outputs,
            x.pointer + 2 * range.lowerBound * inputs, 2, 2 * inputs,
            dy.pointer + 2 * range.lowerBound * outputs, 2 * outputs, inputs, outputs,
            range.count, LANE_CONJUGATE_LEFT)
        }
      }
      return [dx, partial.sum(axis: 0)]
    }
  }
}

/// Rows in a piece: pieces, not threads, fix the order of sums.
private let complexRowGrain = 256

extension Variable {
  /// The products of all rows of two complex matrices: y[p·n + q] = self[p]·b[q], elementwise.
  ///
  /// - Parameter b: `[n, columns, 2]`.
  /// - Returns: `[m·n, columns, 2]` for `self` `[m, columns, 2]`.
  func columnwiseProduct(_ b: Variable) -> Variable {
    require(
      shape.rank == 3 && b.shape.rank == 3 && shape[1] == b.shape[1],
      "Variable.columnwiseProduct: \(shape) and \(b.shape)")
    let (x, w) = (value, b.value)
    let (m, n, columns) = (x.shape[0], w.shape[0], x.shape[1])
    let row = 2 * columns
    let y = Tensor(uninitialized: [m * n, columns, 2]) { y in
      for p in 0..<m {
        for q in 0..<n {
          let at = y + (p * n + q) * row
          at.update(from: x.pointer + p * row, count: row)
          lanes.spectral_multiply(at, w.pointer + q * row, 0, false, columns)
        }
      }
    }
    return Self.primitive([self, b], value: y) { dy in
      var (dx, dw) = (Tensor(zeros: x.shape), Tensor(zeros: w.shape))
      let (left, right) = (dx.mutablePointer(), dw.mutablePointer())
      for p in 0..<m {
        for q in 0..<n {
          let at = dy.pointer + (p * n + q) * row
          lanes.spectral_correlate(left + p * row, w.pointer + q * row, at, columns)
          lanes.spectral_correlate(right + q * row, x.pointer + p * row, at, columns)
        }
      }
      return [dx, dw]
    }
  }
}
