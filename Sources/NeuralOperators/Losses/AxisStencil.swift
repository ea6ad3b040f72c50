import SequenceTensor

/// A difference along one axis of a tensor, and its transpose.
struct AxisStencil: Sendable {
  /// The axis of the tensor.
  let axis: Int
  /// Whether the ends are neighbours.
  let isPeriodic: Bool
  /// The weights of the row before, the row itself and the row after.
  private let inner: (before: Double, at: Double, after: Double)
  /// The weights of the first four rows, for the first row.
  private let first: [Double]
  /// The weights of the last four rows, from the last one on, for the last row.
  private let last: [Double]

  init(axis: Int, order: Int, spacing: Double, isPeriodic: Bool) {
    self.axis = axis
    self.isPeriodic = isPeriodic
    if order == 1 {
      inner = (-0.5 / spacing, 0, 0.5 / spacing)
      first = [-11, 18, -9, 2].map { $0 / (6 * spacing) }
      last = first.map { -$0 }
    } else {
      let scale = 1 / (spacing * spacing)
      inner = (scale, -2 * scale, scale)
      first = [2, -5, 4, -1].map { $0 * scale }
      last = first
    }
  }

  /// The differences.
  func applied(to x: Tensor) -> Tensor {
    walk(x) { x, y, count, width in
      interior(x, y, count, width, inner)
      if isPeriodic {
        wrap(x, y, count, width, inner)
      } else {
        for lane in 0..<width {
          var (start, end) = (0.0, 0.0)
          for row in 0..<4 {
            start += first[row] * Double(x[row * width + lane])
            end += last[row] * Double(x[(count - 1 - row) * width + lane])
          }
          y[lane] = Float(start)
          y[(count - 1) * width + lane] = Float(end)
        }
      }
    }
  }

  /// The transpose: ⟨applied(x), y⟩ = ⟨x, transposed(y)⟩.
  func transposed(appliedTo dy: Tensor) -> Tensor {
    let mirrored = (before: inner.after, at: inner.at, after: inner.before)
    return walk(dy) { dy, dx, count, width in
      interior(dy, dx, count, width, mirrored)
      if isPeriodic {
        wrap(dy, dx, count, width, mirrored)
        return
      }
      // The end rows of dy enter by their own weights only, so the rows beside them are redone.
      for row in Set([0, 1, 2, 3, count - 4, count - 3, count - 2, count - 1]) {
        for lane in 0..<width {
          var sum = 0.0
          func add(_ from: Int, _ weight: Double) {
            if (1..<count - 1).contains(from) { sum += weight * Double(dy[from * width + lane]) }
          }
          add(row - 1, mirrored.before)
          add(row, mirrored.at)
          add(row + 1, mirrored.after)
          if row < 4 { sum += first[row] * Double(dy[lane]) }
          if count - 1 - row < 4 {
            sum += last[count - 1 - row] * Double(dy[(count - 1) * width + lane])
          }
          dx[row * width + lane] = Float(sum)
        }
      }
    }
  }

  private typealias Source = UnsafePointer<Float>
  private typealias Target = UnsafeMutablePointer<Float>

  /// Calls `body` with each run of rows along the axis.
  private func walk(
    _ x: Tensor, _ body: (_ x: Source, _ y: Target, _ count: Int, _ width: Int) -> Void
  ) -> Tensor {
    let sizes = x.shape.sizes
    let count = sizes[axis]
    let width = sizes[(axis + 1)...].reduce(1, *)
    let run = count * width
    return Tensor(uninitialized: x.shape) { y in
      guard run > 0 else { return }
      Parallel.forEachRange(x.count / run, grain: max(1, 16384 / run)) { range in
        for outer in range { body(x.pointer + outer * run, y + outer * run, count, width) }
      }
    }
  }

  /// All rows but the first and the last, as one loop.
  private func interior(
    _ x: Source, _ y: Target, _ count: Int, _ width: Int,
    _ weights: (before: Double, at: Double, after: Double)
  ) {
    guard count > 2 else { return }
    let (before, at, after) = weights
    let (source, target) = (x + width, y + width)
    if at == 0 {
      for i in 0..<(count - 2) * width {
        target[i] = Float(after * (Double(source[i + width]) - Double(source[i - width])))
      }
    } else {
      for i in 0..<(count - 2) * width {
        let neighbours = Double(source[i - width]) + Double(source[i + width])
        target[i] = Float(before * neighbours + at * Double(source[i]))
      }
    }
  }

  /// The first and the last row, whose neighbours are across the ends.
  private func wrap(
    _ x: Source, _ y: Target, _ count: Int, _ width: Int,
    _ weights: (before: Double, at: Double, after: Double)
  ) {
    for row in Set([0, count - 1]) {
      let (previous, next) = ((row + count - 1) % count, (row + 1) % count)
      for lane in 0..<width {
        y[row * width + lane] = Float(
          weights.before * Double(x[previous * width + lane])
            + weights.at * Double(x[row * width + lane])
            + weights.after * Double(x[next * width + lane]))
      }
    }
  }
}
