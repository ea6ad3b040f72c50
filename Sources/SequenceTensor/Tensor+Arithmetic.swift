import LaneKernels

/// A kernel `y = a ∘ b` over n elements.
private typealias BinaryKernel = (
  UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
) -> Void

extension Tensor {
  /// The elementwise sum, with broadcasting.
  ///
  /// Shapes broadcast as in NumPy: aligned at the last axis, sizes equal or 1.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    broadcast("+", a, b) { lanes.add($0, $1, $2, $3) }
  }

  /// The elementwise difference, with broadcasting.
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    broadcast("-", a, b) { lanes.subtract($0, $1, $2, $3) }
  }

  /// The elementwise product, with broadcasting.
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    broadcast("*", a, b) { lanes.multiply($0, $1, $2, $3) }
  }

  /// The elementwise quotient, with broadcasting.
  public static func / (a: Tensor, b: Tensor) -> Tensor {
    broadcast("/", a, b) { lanes.divide($0, $1, $2, $3) }
  }

  /// Every element times a number.
  public static func * (a: Tensor, factor: Float) -> Tensor { a.scaled(by: factor, plus: 0) }

  /// Every element times a number.
  public static func * (factor: Float, a: Tensor) -> Tensor { a.scaled(by: factor, plus: 0) }

  /// Every element plus a number.
  public static func + (a: Tensor, term: Float) -> Tensor { a.scaled(by: 1, plus: term) }

  /// Every element with its sign changed.
  public static prefix func - (a: Tensor) -> Tensor { a.scaled(by: -1, plus: 0) }

  /// `self·factor + term`, elementwise.
  public func scaled(by factor: Float, plus term: Float) -> Tensor {
    mapped { y, x, n in lanes.affine(y, x, factor, term, n) }
  }

  /// Adds a tensor of the same shape in place.
  public static func += (a: inout Tensor, b: Tensor) {
    require(a.shape == b.shape, "Tensor +=: \(a.shape) and \(b.shape) differ")
    let y = a.mutablePointer()
    Parallel.forEachRange(b.count, grain: Parallel.elementGrain) { range in
      lanes.accumulate(y + range.lowerBound, b.pointer + range.lowerBound, range.count)
    }
  }

  /// Adds a tensor of the same shape times a number in place.
  package mutating func add(_ b: Tensor, times factor: Float) {
    require(shape == b.shape, "Tensor.add(_:times:): \(shape) and \(b.shape) differ")
    let y = mutablePointer()
    Parallel.forEachRange(b.count, grain: Parallel.elementGrain) { range in
      lanes.accumulate_scaled(
        y + range.lowerBound, b.pointer + range.lowerBound, factor, range.count)
    }
  }

  /// The result of a kernel `y = f(x)` over all elements, in parallel pieces.
  package func mapped(
    _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
  ) -> Tensor {
    Tensor(uninitialized: shape) { y in
      Parallel.forEachRange(count, grain: Parallel.elementGrain) { range in
        kernel(y + range.lowerBound, pointer + range.lowerBound, range.count)
      }
    }
  }

  private static func broadcast(
    _ name: String, _ a: Tensor, _ b: Tensor, _ kernel: BinaryKernel
  ) -> Tensor {
    if a.shape == b.shape {
      return Tensor(uninitialized: a.shape) { y in
        Parallel.forEachRange(a.count, grain: Parallel.elementGrain) { range in
          let start = range.lowerBound
          kernel(y + start, a.pointer + start, b.pointer + start, range.count)
        }
      }
    }
    let shape = broadcastShape(name, a.shape, b.shape)
    let inner = shape.last
    let rows = shape.count / max(1, inner)
    let aRow = RowWalk(a.shape, in: shape)
    let bRow = RowWalk(b.shape, in: shape)
    return Tensor(uninitialized: shape) { y in
      let grain = max(1, Parallel.elementGrain / max(1, inner))
      Parallel.forEachRange(rows, grain: grain) { range in
        // An operand of one element a row is spread out, so that every kernel call is contiguous.
        var spread = [Float](repeating: 0, count: aRow.isSpread || bRow.isSpread ? inner : 0)
        spread.withUnsafeMutableBufferPointer { buffer in
          for row in range {
            var x = a.pointer + aRow.offset(of: row)
            var z = b.pointer + bRow.offset(of: row)
            if let base = buffer.baseAddress, aRow.isSpread || bRow.isSpread {
              base.update(repeating: aRow.isSpread ? x[0] : z[0], count: inner)
              if aRow.isSpread { x = UnsafePointer(base) } else { z = UnsafePointer(base) }
            }
            kernel(y + row * inner, x, z, inner)
          }
        }
      }
    }
  }

  /// The shape that two shapes broadcast to.
  ///
  /// - Precondition: aligned at the last axis, sizes are equal or one of them is 1.
  package static func broadcastShape(_ name: String, _ a: Shape, _ b: Shape) -> Shape {
    let rank = max(a.rank, b.rank)
    return Shape(
      (0..<rank).map { axis in
        let i = axis - (rank - a.rank)
        let j = axis - (rank - b.rank)
        let (m, n) = (i < 0 ? 1 : a.sizes[i], j < 0 ? 1 : b.sizes[j])
        require(m == n || m == 1 || n == 1, "Tensor \(name): \(a) and \(b) do not broadcast")
        return m == 1 ? n : m
      })
  }

  /// The sum over the axes along which `shape` was broadcast to this tensor's shape.
  package func summed(to shape: Shape) -> Tensor {
    guard shape != self.shape else { return self }
    if shape.count == 1 { return Tensor(repeating: sum(), shape: shape) }
    // Common case: a row of channels broadcast over everything before it.
    if shape.count == self.shape.last && shape.last == self.shape.last {
      return summedRows().reshaped(to: shape)
    }
    let walk = RowWalk(shape, in: self.shape)
    let inner = self.shape.last
    var result = Tensor(zeros: shape)
    let y = result.mutablePointer()
    for row in 0..<(count / max(1, inner)) {
      let x = pointer + row * inner
      let at = y + walk.offset(of: row)
      if walk.isSpread {
        at[0] += Float(lanes.sum(x, inner))
      } else {
        lanes.accumulate(at, x, inner)
      }
    }
    return result
  }
}

/// Where each row of a broadcast result begins in one operand.
private struct RowWalk {
  /// Whether the operand has one element for the whole row.
  let isSpread: Bool
  private let sizes: [Int]
  private let strides: [Int]

  init(_ operand: Shape, in result: Shape) {
    isSpread = operand.last == 1 && result.last != 1
    let missing = result.rank - operand.rank
    var step = operand.last
    var strides = [Int](repeating: 0, count: max(0, result.rank - 1))
    for axis in stride(from: result.rank - 2, through: 0, by: -1) where axis >= missing {
      let size = operand.sizes[axis - missing]
      strides[axis] = size == 1 ? 0 : step
      step *= size
    }
    self.strides = strides
    sizes = Array(result.sizes.dropLast())
  }

  func offset(of row: Int) -> Int {
    var row = row
    var offset = 0
    for axis in sizes.indices.reversed() {
      offset += row % sizes[axis] * strides[axis]
      row /= sizes[axis]
    }
    return offset
  }
}
