internal import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Series of the orthonormal eigenfunctions of the Laplacian on a grid's domain.
///
/// Orthonormal with respect to the mean over the domain: 1, √2·cos and √2·sin, and their products.
/// Coefficients are asked for in an order that does not depend on the grid, shell by shell of the
/// largest mode number, so that a finer grid continues the same series.
struct ModeSeries {
  let transform: ModeTransform

  init(_ grid: SpatialGrid, _ boundary: BoundaryCondition) {
    transform = ModeTransform(grid, boundary)
  }

  /// The values of a series.
  ///
  /// - Parameters:
  ///   - highest: the highest mode number of any axis, nil for all that the grid has.
  ///   - coefficient: the coefficient of the cosine and of the sine of a pair of modes ±k, from
  ///     the mode numbers and |k|²; of the only function, first, where there is no pair.
  func values(
    highest: Int? = nil, _ coefficient: (_ mode: [Int], _ square: Double) -> (Double, Double)
  ) -> GridField {
    let grid = transform.grid
    let spectrum = DoubleBuffer(count: transform.coefficientCount)
    var shell = transform.boundary == .dirichlet ? 1 : 0
    let last = min(highest ?? .max, largestMode)
    while shell <= last {
      forEachMode(inShell: shell) { mode in
        let (cosine, sine) = coefficient(mode, square(mode))
        place(cosine, sine, at: mode, in: spectrum.pointer)
      }
      shell += 1
    }
    let values = DoubleBuffer(count: grid.pointCount)
    transform.synthesise(destroying: spectrum.pointer, into: values.pointer)
    return GridField(grid: grid, values: values.array)
  }

  /// The highest mode number that the grid tells from others; the highest of an even periodic axis
  /// has a cosine only and is left out.
  private func highestMode(axis: Int) -> Int {
    let count = transform.grid.axes[axis].count
    return switch transform.boundary {
    case .periodic: (count - 1) / 2
    case .dirichlet: transform.modeShape[axis]
    case .neumann: transform.modeShape[axis] - 1
    }
  }

  private var largestMode: Int {
    (0..<transform.grid.rank).map(highestMode).max() ?? 0
  }

  private func square(_ mode: [Int]) -> Double {
    mode.enumerated().reduce(0) { sum, entry in
      let k = Double(entry.element) * transform.fundamental(axis: entry.offset)
      return sum + k * k
    }
  }

  /// Calls `body` for the modes whose largest number is `shell`, one of each pair ±k.
  ///
  /// Modes that the grid does not have are asked for as well, with no effect, as long as another
  /// axis has them: else the random numbers of the following modes would depend on the grid.
  private func forEachMode(inShell shell: Int, _ body: ([Int]) -> Void) {
    let rank = transform.grid.rank
    let isPeriodic = transform.boundary == .periodic
    let lowest = isPeriodic ? -shell : transform.boundary == .dirichlet ? 1 : 0
    func visit(_ mode: [Int]) {
      guard mode.count < rank else {
        if mode.contains(where: { abs($0) == shell }) { body(mode) }
        return
      }
      // The first number that is not zero is above zero in the half that is visited.
      let isUndecided = isPeriodic && mode.allSatisfy { $0 == 0 }
      let onShell = mode.contains { abs($0) == shell }
      let isLast = mode.count == rank - 1
      let start = isUndecided ? 0 : lowest
      guard start <= shell else { return }
      if isLast && !onShell {
        // Only the two faces of the shell are left.
        if start == -shell && shell > 0 { visit(mode + [-shell]) }
        visit(mode + [shell])
      } else {
        for number in start...shell { visit(mode + [number]) }
      }
    }
    visit([])
  }

  private func place(
    _ cosine: Double, _ sine: Double, at mode: [Int], in spectrum: UnsafeMutablePointer<Double>
  ) {
    for (axis, number) in mode.enumerated() where abs(number) > highestMode(axis: axis) { return }
    guard transform.boundary == .periodic else {
      var index = 0
      var factor = cosine
      for (axis, number) in mode.enumerated() {
        let count = transform.modeShape[axis]
        let isConstant = number == 0
        index = index * count + (transform.boundary == .dirichlet ? number - 1 : number)
        // The transforms double every function but the constant and, where they know it once
        // only, the highest.
        let isLast =
          transform.boundary == .neumann
          ? transform.grid.axes[axis].points == .nodes && number == count - 1
          : transform.grid.axes[axis].points == .cells && number == count
        factor *= isConstant ? 1 : isLast ? 2.0.squareRoot() : 1 / 2.0.squareRoot()
      }
      spectrum[index] = factor
      return
    }
    if mode.allSatisfy({ $0 == 0 }) {
      spectrum[0] = cosine
      return
    }
    // √2·(a·cos + b·sin) = Re((a - ib)·√2·exp(ikx)): half of it at k and its conjugate at -k.
    let half = 1 / 2.0.squareRoot()
    let lastSize = transform.modeShape.last
    func put(_ mode: [Int], _ imaginary: Double) {
      guard let last = mode.last, last >= 0, last < lastSize else { return }
      var index = 0
      for (axis, number) in mode.enumerated() {
        let count = transform.modeShape[axis]
        index = index * count + (number >= 0 ? number : number + count)
      }
      spectrum[2 * index] = half * cosine
      spectrum[2 * index + 1] = imaginary
    }
    put(mode, -half * sine)
    put(mode.map { -$0 }, half * sine)
  }
}
