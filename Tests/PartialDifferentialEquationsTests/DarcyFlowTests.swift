import Foundation
import PartialDifferentialEquations
import SequenceTensor
import Testing

@Suite struct DarcyFlowTests {
  /// The five-point system by elimination with pivots, the matrix written out.
  private func direct(_ a: [Double], rows: Int, columns: Int, source: [Double]) -> [Double] {
    let inner = (1..<rows - 1).flatMap { row in (1..<columns - 1).map { row * columns + $0 } }
    let number = Dictionary(uniqueKeysWithValues: inner.enumerated().map { ($1, $0) })
    var matrix = inner.map { node -> [Double] in
      var line = [Double](repeating: 0, count: inner.count + 1)
      for (offset, intervals) in [
        (-columns, rows - 1), (columns, rows - 1), (-1, columns - 1), (1, columns - 1),
      ] {
        let weight = (a[node] + a[node + offset]) / 2 * Double(intervals * intervals)
        line[number[node] ?? 0] += weight
        if let neighbour = number[node + offset] { line[neighbour] -= weight }
      }
      line[inner.count] = source[node]
      return line
    }
    for column in inner.indices {
      for row in inner.indices where row != column {
        let factor = matrix[row][column] / matrix[column][column]
        for entry in column...inner.count { matrix[row][entry] -= factor * matrix[column][entry] }
      }
    }
    var u = [Double](repeating: 0, count: a.count)
    for (index, node) in inner.enumerated() {
      u[node] = matrix[index][inner.count] / matrix[index][index]
    }
    return u
  }

  @Test(arguments: [(3, 3), (4, 9), (8, 7), (12, 3)])
  func agreesWithElimination(rows: Int, columns: Int) throws {
    var random = RandomSource(seed: 5)
    let grid = SpatialGrid([rows, columns], points: .nodes)
    let a = (0..<rows * columns).map { _ in random.uniform() < 0.5 ? 3.0 : 12 }
    let source = (0..<rows * columns).map { _ in random.normal() }
    let solution = try DarcyFlow().solve(
      permeability: GridField(grid: grid, values: a), source: GridField(grid: grid, values: source))
    let expected = direct(a, rows: rows, columns: columns, source: source)
    #expect(relativeError(solution.pressure.values, expected) < 1e-9)
  }

  @Test func theErrorFallsWithTheSquareOfTheSpacing() throws {
    // u = sin(πx)·sin(2πy), a = 1 + x + y².
    let errors = try [17, 33].map { count in
      let grid = SpatialGrid([count, count], points: .nodes)
      let u = GridField(grid: grid) { sin(.pi * $0[0]) * sin(2 * .pi * $0[1]) }
      let a = GridField(grid: grid) { 1 + $0[0] + $0[1] * $0[1] }
      let source = GridField(grid: grid) { point in
        let (x, y) = (point[0], point[1])
        let (s, c) = (sin(.pi * x), cos(.pi * x))
        let (t, d) = (sin(2 * .pi * y), cos(2 * .pi * y))
        return (1 + x + y * y) * 5 * .pi * .pi * s * t - .pi * c * t - 2 * y * 2 * .pi * s * d
      }
      let solution = try DarcyFlow().solve(permeability: a, source: source)
      return relativeError(solution.pressure.values, u.values)
    }
    #expect(abs(log2(errors[0] / errors[1]) - 2) < 0.1, "\(errors)")
  }

  @Test func multigridKeepsTheStepsFew() throws {
    for (field, limit) in [(PermeabilityField.ofPaper, 30), (.lognormal, 30)] {
      let a = try field.sample(on: SpatialGrid([63, 50], points: .nodes), seed: 1, index: 0)
      let solution = try DarcyFlow().solve(permeability: a)
      #expect(solution.iterations <= limit && solution.residual <= 1e-10, "\(solution.iterations)")
    }
  }

  @Test func theSplinesOfTheOriginalReproduceCubics() throws {
    // A constant coefficient keeps the solution symmetric; the way back to cells is a spline.
    let cells = SpatialGrid([9, 9], points: .cells)
    let nodes = SpatialGrid([9, 9], points: .nodes)
    let constant = try DarcyFlow().solveAtCells(permeability: GridField(grid: cells) { _ in 2 })
    let direct = try DarcyFlow().solve(permeability: GridField(grid: nodes) { _ in 2 })
    #expect(abs(constant.pressure.values[40] - direct.pressure.values[40]) < 1e-10)
    // A coefficient that is a cubic is interpolated without error.
    func cubic(_ point: [Double]) -> Double {
      let (x, y) = (point[0], point[1])
      return 1 + x * x * x - 0.3 * x * y * y + y * y * y * x * x
    }
    let flow = try DarcyFlow().solveAtCells(permeability: GridField(grid: cells, cubic))
    let same = try DarcyFlow().solve(permeability: GridField(grid: nodes, cubic))
    #expect(abs(flow.pressure.values[40] - same.pressure.values[40]) < 1e-10)
  }

  @Test func overshootsBelowZeroAreSolvedOnTheWayOfTheOriginal() throws {
    // Single cells of 12 among 0.5: the spline between them falls below zero.
    let cells = SpatialGrid([13, 13], points: .cells)
    let a = GridField(
      grid: cells, values: (0..<169).map { $0 / 13 % 4 == 2 && $0 % 13 % 4 == 2 ? 12 : 0.5 })
    let solution = try DarcyFlow().solveAtCells(permeability: a)
    #expect(solution.residual <= 1e-10 && solution.pressure.largestMagnitude > 0)
    // The problem is the same when its axes change places.
    let values = solution.pressure.values
    for cell in 0..<169 {
      #expect(abs(values[cell] - values[cell % 13 * 13 + cell / 13]) < 1e-8)
    }
  }

  @Test func whatCannotBeSolved() {
    let grid = SpatialGrid([5, 5], points: .nodes)
    let negative = GridField(grid: grid) { $0[0] - 0.5 }
    let coefficient = thrownError { () throws(EquationError) in
      try DarcyFlow().solve(permeability: negative)
    }
    #expect(coefficient?.place == "DarcyFlow.permeability")
    let ones = GridField(grid: grid) { 1 + $0[0] }
    let unfinished = thrownError { () throws(EquationError) in
      try DarcyFlow(iterationLimit: 1).solve(permeability: ones)
    }
    #expect(unfinished?.place == "DarcyFlow.solve")
  }
}
