import LaneKernels

extension Tensor {
  /// Rows in a piece of a sum over rows; pieces are summed in order.
  private static let rowGrain = 1024

  /// The sum of all elements, accumulated in double precision.
  public func sum() -> Float { Float(total { lanes.sum($0, $1) }) }

  /// The mean of all elements, accumulated in double precision.
  public func mean() -> Float { Float(total { lanes.sum($0, $1) } / Double(max(1, count))) }

  /// The sum of the squares of all elements, in double precision.
  public func sumOfSquares() -> Double { total { lanes.sum_of_squares($0, $1) } }

  private func total(_ kernel: (UnsafePointer<Float>, Int) -> Double) -> Double {
    let grain = Parallel.elementGrain
    var partial = [Double](repeating: 0, count: (count + grain - 1) / grain)
    partial.withUnsafeMutableBufferPointer { partial in
      nonisolated(unsafe) let sums = partial
      Parallel.forEachRange(count, grain: grain) { range in
        sums[range.lowerBound / grain] = kernel(pointer + range.lowerBound, range.count)
      }
    }
    return partial.reduce(0, +)
  }

  /// The sum over every axis but the last: `[…, n]` to `[n]`.
  public func summedRows() -> Tensor {
    Tensor.reducingRows(rows: count / max(1, shape.last), width: shape.last) { out, range in
      lanes.sum_rows(
        out, pointer + range.lowerBound * shape.last, range.count, shape.last)
    }
  }

  /// Adds up `[width]` contributions of pieces of rows, in the order of the pieces.
  ///
  /// `body` adds the rows of its range to `out`.
  package static func reducingRows(
    rows: Int, width: Int, _ body: (_ out: UnsafeMutablePointer<Float>, _ rows: Range<Int>) -> Void
  ) -> Tensor {
    let pieces = max(1, (rows + rowGrain - 1) / rowGrain)
    var partial = Tensor(zeros: [pieces, width])
    let out = partial.mutablePointer()
    Parallel.forEachRange(rows, grain: rowGrain) { range in
      body(out + range.lowerBound / rowGrain * width, range)
    }
    guard pieces > 1 else { return partial.reshaped(width) }
    for piece in 1..<pieces { lanes.accumulate(out, out + piece * width, width) }
    return partial.sliced(axis: 0, 0..<1).reshaped(width)
  }

  /// Sums over pieces of work, taken in their order: `[width]` numbers, to which `body` sets a
  /// piece's share.
  package static func reducing(
    pieces: Int, width: Int, workers: Int? = nil,
    _ body: (_ piece: Int, _ worker: Int, _ sums: UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    var partial = Tensor(uninitialized: [pieces, width]) { _ in }
    let sums = partial.mutablePointer()
    Parallel.forEach(tasks: pieces, workers: workers) { piece, worker in
      body(piece, worker, sums + piece * width)
    }
    return partial.sum(axis: 0)
  }

  /// The sum over one axis, which is left out of the result.
  public func sum(axis: Int) -> Tensor {
    let axis = shape.resolved(axis)
    let outer = shape.sizes[..<axis].reduce(1, *)
    let inner = shape.sizes[(axis + 1)...].reduce(1, *)
    let size = shape.sizes[axis]
    var sizes = shape.sizes
    sizes.remove(at: axis)
    var result = Tensor(zeros: Shape(sizes))
    let y = result.mutablePointer()
    Parallel.forEachRange(outer, grain: max(1, Parallel.elementGrain / max(1, size * inner))) {
      range in
      for o in range {
        if inner == 1 {
          y[o] = Float(lanes.sum(pointer + o * size, size))
        } else {
          lanes.sum_rows(y + o * inner, pointer + o * size * inner, size, inner)
        }
      }
    }
    return result
  }

  /// The mean over one axis, which is left out of the result.
  public func mean(axis: Int) -> Tensor { sum(axis: axis) * (1 / Float(max(1, shape[axis]))) }

  /// The largest element; NaN if any element is.
  ///
  /// - Precondition: there is an element.
  public func maximum() -> Float {
    require(count > 0, "Tensor.maximum: no elements in \(shape)")
    var largest = -Float.infinity
    for index in 0..<count {
      if pointer[index].isNaN { return .nan }
      largest = max(largest, pointer[index])
    }
    return largest
  }

  /// The largest magnitude of an element, 0 for an empty tensor.
  public func maximumMagnitude() -> Float {
    (0..<count).reduce(0) { max($0, abs(pointer[$1])) }
  }

  /// For each row of the last axis the index of its largest element, the first of equals.
  public func argmaxRows() -> [Int] {
    let width = shape.last
    require(width > 0, "Tensor.argmaxRows: empty rows in \(shape)")
    return (0..<count / width).map { row in
      var best = 0
      for i in 0..<width where pointer[row * width + i] > pointer[row * width + best] { best = i }
      return best
    }
  }

  /// Whether every element is a finite number.
  public var isFinite: Bool { (0..<count).allSatisfy { pointer[$0].isFinite } }
}
