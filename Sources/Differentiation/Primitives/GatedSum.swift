import LaneKernels
import SequenceTensor

extension Variable {
  /// f(self + x·gate), a piece of rows at a time.
  ///
  /// - Parameters:
  ///   - x: of the same shape.
  ///   - gate: `[channels]`.
  ///   - activation: f, elementwise.
  package func gatedSum(_ x: Variable, gate: Variable, activation: Activation) -> Variable {
    let width = shape.last
    require(
      x.shape == shape && gate.shape == [width] && activation != .glu,
      "Variable.gatedSum: \(x.shape) and gate \(gate.shape) for \(shape)")
    let (a, b, g) = (value, x.value, gate.value)
    var sum = Tensor(uninitialized: shape) { _ in }
    let z = sum.mutablePointer()
    let add = { (rows: Range<Int>) in
      let at = rows.lowerBound * width
      lanes.multiply_row(z + at, b.pointer + at, g.pointer, rows.count, width)
      lanes.accumulate(z + at, a.pointer + at, rows.count * width)
    }
    let rows = shape.rows
    var result = sum
    if activation == .identity {
      Parallel.forEachRange(rows, grain: gatedRowGrain) { add($0) }
    } else {
      result = Tensor(uninitialized: shape) { y in
        Parallel.forEachRange(rows, grain: gatedRowGrain) { range in
          add(range)
          let at = range.lowerBound * width
          activation.apply(y + at, z + at, rows: range.count, width: width)
        }
      }
    }
    let kept = activation == .identity ? nil : sum
    return Self.primitive([self, x, gate], value: result) { dy in
      var up = dy
      if kept != nil { up = Tensor(uninitialized: dy.shape) { _ in } }
      let dz = kept == nil ? nil : up.mutablePointer()
      let from = up.pointer
      var dx = Tensor(uninitialized: dy.shape) { _ in }
      let out = dx.mutablePointer()
      let dg = Tensor.reducingRows(rows: rows, width: width) { sums, range in
        let at = range.lowerBound * width
        if let kept, let dz {
          activation.pullback(
            dz + at, kept.pointer + at, dy.pointer + at, rows: range.count, width: width)
        }
        lanes.multiply_row(out + at, from + at, g.pointer, range.count, width)
        lanes.sum_products(sums, from + at, b.pointer + at, range.count, width)
      }
      return [up, dx, dg]
    }
  }
}

/// Rows in a piece.
private let gatedRowGrain = 512
