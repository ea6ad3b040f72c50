/// The operator -∇·(a∇u) on the inner nodes of a rectangle, u being zero around them.
///
/// Row r, column c has the conductances `down[r·columns + c]` to row r - 1 and
/// `right[r·(columns + 1) + c]` to column c - 1; the last row of `down` and column of `right` lead
/// to the boundary at the other end. All are divided by the squared spacing.
struct FivePointStencil {
  let rows: Int
  let columns: Int
  let down: [Double]
  let right: [Double]
  /// The diagonal: the sum of a node's four conductances.
  let diagonal: [Double]

  init(rows: Int, columns: Int, down: [Double], right: [Double]) {
    (self.rows, self.columns, self.down, self.right) = (rows, columns, down, right)
    var diagonal = [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let across = row * (columns + 1) + column
        diagonal[row * columns + column] =
          down[row * columns + column] + down[(row + 1) * columns + column] + right[across]
          + right[across + 1]
      }
    }
    self.diagonal = diagonal
  }

  /// The stencil of a coefficient at the nodes, boundary included.
  ///
  /// - Parameter allowsNegative: whether conductances may be zero or below, as where a spline has
  ///   overshot; the operator need not be definite then.
  init(
    _ place: String, permeability: GridField, allowsNegative: Bool
  ) throws(EquationError) {
    let (first, second) = (permeability.grid.axes[0], permeability.grid.axes[1])
    let (rows, columns) = (first.count - 2, second.count - 2)
    let a = permeability.values
    var down = [Double](repeating: 0, count: (rows + 1) * columns)
    var right = [Double](repeating: 0, count: rows * (columns + 1))
    let (perRow, perColumn) = (
      0.5 / (first.spacing * first.spacing), 0.5 / (second.spacing * second.spacing)
    )
    for row in 0...rows {
      for column in 0..<columns {
        let node = row * second.count + column + 1
        down[row * columns + column] = perRow * (a[node] + a[node + second.count])
      }
    }
    for row in 0..<rows {
      for column in 0...columns {
        let node = (row + 1) * second.count + column
        right[row * (columns + 1) + column] = perColumn * (a[node] + a[node + 1])
      }
    }
    let least = min(down.min() ?? 1, right.min() ?? 1)
    try EquationError.unless(
      allowsNegative || least > 0, "\(place).permeability",
      expected: "a mean above 0 of any two neighbours",
      got: "\(least) over a squared spacing")
    self.init(rows: rows, columns: columns, down: down, right: right)
  }

  var count: Int { rows * columns }

  /// The stencil with conductances of a hundredth of the largest at least, or this one.
  var withPositiveConductances: FivePointStencil {
    guard min(down.min() ?? 1, right.min() ?? 1) <= 0 else { return self }
    let floor = 0.01 * max(down.max() ?? 1, right.max() ?? 1, .leastNormalMagnitude)
    return FivePointStencil(
      rows: rows, columns: columns, down: down.map { max($0, floor) },
      right: right.map { max($0, floor) })
  }

  /// The inner values of a grid with its boundary.
  func inside(_ values: [Double]) -> DoubleBuffer {
    let buffer = DoubleBuffer(count: count)
    for row in 0..<rows {
      for column in 0..<columns {
        buffer.pointer[row * columns + column] = values[(row + 1) * (columns + 2) + column + 1]
      }
    }
    return buffer
  }

  /// Inner values with zeros around them.
  func outside(_ buffer: DoubleBuffer) -> [Double] {
    var values = [Double](repeating: 0, count: (rows + 2) * (columns + 2))
    for row in 0..<rows {
      for column in 0..<columns {
        values[(row + 1) * (columns + 2) + column + 1] = buffer.pointer[row * columns + column]
      }
    }
    return values
  }

  /// `result = A·u`, `u` having zeros in one row before and one after it.
  func apply(_ u: PaddedField, into result: UnsafeMutablePointer<Double>) {
    forEachRow(of: u) { row, above, here, below, down, beneath, right, diagonal in
      let target = result + row * columns
      // The ends of a row have no neighbour on one side; the row itself is not padded.
      for column in 0..<columns {
        target[column] =
          diagonal[column] * here[column] - down[column] * above[column]
          - beneath[column] * below[column]
      }
      for column in 1..<max(1, columns) {
        target[column] -= right[column] * here[column - 1]
        target[column - 1] -= right[column] * here[column]
      }
    }
  }

  private typealias RowBody = (
    _ row: Int, _ above: UnsafePointer<Double>, _ here: UnsafePointer<Double>,
    _ below: UnsafePointer<Double>, _ down: UnsafePointer<Double>,
    _ beneath: UnsafePointer<Double>, _ right: UnsafePointer<Double>,
    _ diagonal: UnsafePointer<Double>
  ) -> Void

  private func forEachRow(of u: PaddedField, _ body: RowBody) {
    down.withUnsafeBufferPointer { down in
      right.withUnsafeBufferPointer { right in
        diagonal.withUnsafeBufferPointer { diagonal in
          guard let down = down.baseAddress, let right = right.baseAddress,
            let diagonal = diagonal.baseAddress
          else { return }
          for row in 0..<rows {
            let here = UnsafePointer(u.start + row * columns)
            body(
              row, here - columns, here, here + columns, down + row * columns,
              down + (row + 1) * columns, right + row * (columns + 1), diagonal + row * columns)
          }
        }
      }
    }
  }

  /// `next = u + weight·(f - A·u) / diagonal`: a sweep of Jacobi's method.
  func relax(
    _ u: PaddedField, towards f: UnsafePointer<Double>, into next: PaddedField, weight: Double
  ) {
    forEachRow(of: u) { row, above, here, below, down, beneath, right, diagonal in
      let (target, f) = (next.start + row * columns, f + row * columns)
      for column in 0..<columns {
        target[column] =
          f[column] + down[column] * above[column] + beneath[column] * below[column]
      }
      for column in 1..<max(1, columns) {
        target[column] += right[column] * here[column - 1]
        target[column - 1] += right[column] * here[column]
      }
      for column in 0..<columns {
        target[column] =
          (1 - weight) * here[column] + weight * target[column] / diagonal[column]
      }
    }
  }
}

/// Values of a stencil's nodes with a row of zeros before and after them.
final class PaddedField {
  let buffer: DoubleBuffer
  let columns: Int
  let count: Int

  init(_ stencil: FivePointStencil) {
    (columns, count) = (stencil.columns, stencil.count)
    buffer = DoubleBuffer(count: count + 2 * columns)
  }

  var start: UnsafeMutablePointer<Double> { buffer.pointer + columns }

  func clear() { start.update(repeating: 0, count: count) }
}
