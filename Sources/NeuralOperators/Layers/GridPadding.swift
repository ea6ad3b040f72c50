import Differentiation
import SequenceTensor

extension Variable {
  /// The grid with zeros round it, on all axes at once.
  ///
  /// - Parameters:
  ///   - before: the points in front of each axis of the grid.
  ///   - after: the points behind each.
  /// - Precondition: `self` is `[batch, x, (y, (z,)) …]`.
  func paddedGrid(before: [Int], after: [Int]) -> Variable {
    guard (before + after).contains(where: { $0 != 0 }) else { return self }
    let frame = GridFrame(inner: Array(shape.sizes[1...before.count]), before: before, after: after)
    return Self.primitive([self], value: frame.padded(value)) { [frame.cropped($0)] }
  }

  /// The grid without points at its edges.
  ///
  /// - Precondition: there are as many.
  func croppedGrid(before: [Int], after: [Int]) -> Variable {
    guard (before + after).contains(where: { $0 != 0 }) else { return self }
    let inner = before.indices.map { shape[$0 + 1] - before[$0] - after[$0] }
    require(
      inner.allSatisfy { $0 >= 0 },
      "Variable.croppedGrid: \(before) and \(after) points at the edges of \(shape)")
    let frame = GridFrame(inner: inner, before: before, after: after)
    return Self.primitive([self], value: frame.cropped(value)) { [frame.padded($0)] }
  }
}

/// A grid inside a larger one.
private struct GridFrame: Sendable {
  let inner: [Int]
  let before: [Int]
  let after: [Int]

  private var outer: [Int] { inner.indices.map { before[$0] + inner[$0] + after[$0] } }
  private var last: Int { inner.count - 1 }

  /// Calls `body` in parallel for the rows along the last axis of the larger grid of each item, with
  /// the place of the row among those of the smaller grid, if it has it.
  private func forEachRow(batch: Int, _ body: (_ row: Int, _ innerRow: Int?) -> Void) {
    let rows = batch * outer[..<last].reduce(1, *)
    Parallel.forEachRange(rows, grain: 64) { range in
      for row in range {
        var (rest, places): (Int, [Int]) = (row, [])
        for axis in (0..<last).reversed() {
          places.append(rest % outer[axis] - before[axis])
          rest /= outer[axis]
        }
        var inside: Int? = rest
        for (axis, place) in places.reversed().enumerated() {
          inside = inside.flatMap {
            place >= 0 && place < inner[axis] ? $0 * inner[axis] + place : nil
          }
        }
        body(row, inside)
      }
    }
  }

  /// The smaller grid with zeros round it.
  func padded(_ x: Tensor) -> Tensor {
    let rest = Array(x.shape.sizes[(last + 2)...])
    let point = rest.reduce(1, *)
    let (width, run) = (outer[last] * point, inner[last] * point)
    let (front, back) = (before[last] * point, after[last] * point)
    return Tensor(uninitialized: Shape([x.shape[0]] + outer + rest)) { y in
      forEachRow(batch: x.shape[0]) { row, innerRow in
        let to = y + row * width
        guard let innerRow else { return to.update(repeating: 0, count: width) }
        to.update(repeating: 0, count: front)
        (to + front).update(from: x.pointer + innerRow * run, count: run)
        (to + front + run).update(repeating: 0, count: back)
      }
    }
  }

  /// The smaller grid out of the larger.
  func cropped(_ x: Tensor) -> Tensor {
    let rest = Array(x.shape.sizes[(last + 2)...])
    let point = rest.reduce(1, *)
    let (width, run) = (outer[last] * point, inner[last] * point)
    return Tensor(uninitialized: Shape([x.shape[0]] + inner + rest)) { y in
      forEachRow(batch: x.shape[0]) { row, innerRow in
        guard let innerRow else { return }
        (y + innerRow * run).update(
          from: x.pointer + row * width + before[last] * point, count: run)
      }
    }
  }
}
