/// One V-cycle of multigrid for a five-point stencil, as an approximate inverse.
///
/// Coarse unknowns stand for blocks of 2 × 2 nodes, and a conductance between two of them is half
/// of the sum of those across their common side, as if the equation were put down anew on
/// the coarse grid (the Galerkin sum is twice as stiff; Braess, "Towards algebraic multigrid for
/// elliptic problems of second order", 1995). It works for any size and needs no more of the
/// coefficient than the five-point formula itself. Restriction is the transpose of the
/// prolongation and the smoother, damped Jacobi, is symmetric, so that the cycle is symmetric.
final class MultigridCycle {
  private let levels: [Level]
  /// Damping and number of sweeps before and after the coarse correction.
  private static let weight = 0.8
  private static let sweeps = 2
  private static let coarsest = 4

  private final class Level {
    let stencil: FivePointStencil
    var solution: PaddedField
    var spare: PaddedField
    let rightSide: DoubleBuffer

    init(_ stencil: FivePointStencil) {
      self.stencil = stencil
      (solution, spare) = (PaddedField(stencil), PaddedField(stencil))
      rightSide = DoubleBuffer(count: stencil.count)
    }
  }

  init(_ stencil: FivePointStencil) {
    var levels = [Level(stencil)]
    var current = stencil
    while max(current.rows, current.columns) > Self.coarsest {
      current = current.coarsened()
      levels.append(Level(current))
    }
    self.levels = levels
  }

  /// An approximation of A⁻¹·f, in memory that the next call writes over.
  func apply(_ f: UnsafePointer<Double>) -> UnsafePointer<Double> {
    levels[0].rightSide.pointer.update(from: f, count: levels[0].stencil.count)
    cycle(0)
    return UnsafePointer(levels[0].solution.start)
  }

  private func relax(_ level: Level, sweeps: Int) {
    for _ in 0..<sweeps {
      level.stencil.relax(
        level.solution, towards: level.rightSide.pointer, into: level.spare, weight: Self.weight)
      swap(&level.solution, &level.spare)
    }
  }

  private func cycle(_ depth: Int) {
    let level = levels[depth]
    level.solution.clear()
    guard depth + 1 < levels.count else { return relax(level, sweeps: 20) }
    relax(level, sweeps: Self.sweeps)
    let coarse = levels[depth + 1]
    let (fine, wide) = (level.stencil, coarse.stencil)
    // The residual, in the memory of the spare field.
    let residual = level.spare.start
    fine.apply(level.solution, into: residual)
    coarse.rightSide.pointer.update(repeating: 0, count: wide.count)
    for row in 0..<fine.rows {
      let target = coarse.rightSide.pointer + (row >> 1) * wide.columns
      let (f, image) = (level.rightSide.pointer + row * fine.columns, residual + row * fine.columns)
      for column in 0..<fine.columns { target[column >> 1] += f[column] - image[column] }
    }
    cycle(depth + 1)
    for row in 0..<fine.rows {
      let source = coarse.solution.start + (row >> 1) * wide.columns
      let target = level.solution.start + row * fine.columns
      for column in 0..<fine.columns { target[column] += source[column >> 1] }
    }
    relax(level, sweeps: Self.sweeps)
  }
}

extension FivePointStencil {
  /// The stencil of blocks of 2 × 2 nodes.
  fileprivate func coarsened() -> FivePointStencil {
    let (rows, columns) = ((self.rows + 1) / 2, (self.columns + 1) / 2)
    var down = [Double](repeating: 0, count: (rows + 1) * columns)
    var right = [Double](repeating: 0, count: rows * (columns + 1))
    for row in 0...rows {
      let fine = min(2 * row, self.rows)
      for column in 0..<self.columns {
        down[row * columns + (column >> 1)] += 0.5 * self.down[fine * self.columns + column]
      }
    }
    for row in 0..<self.rows {
      for column in 0...columns {
        let fine = min(2 * column, self.columns)
        right[(row >> 1) * (columns + 1) + column] +=
          0.5 * self.right[row * (self.columns + 1) + fine]
      }
    }
    return FivePointStencil(rows: rows, columns: columns, down: down, right: right)
  }
}
