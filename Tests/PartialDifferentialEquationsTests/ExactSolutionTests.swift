import Foundation
import PartialDifferentialEquations
import SequenceTensor
import Testing

/// Solutions that are known in closed form.
@Suite struct ExactSolutionTests {
  private func sech(_ x: Double) -> Double { 1 / cosh(x) }

  @Test func advectionAndDiffusionOfAWave() throws {
    let grid = SpatialGrid([17], lower: -1, upper: 2)
    let k = 2 * Double.pi / 3 * 2
    let solution = try AdvectionDiffusionEquation(speed: 0.7, diffusivity: 0.05).solve(
      from: GridField(grid: grid) { cos(k * $0[0]) }, at: [0.3])
    let expected = GridField(grid: grid) { exp(-0.05 * k * k * 0.3) * cos(k * ($0[0] - 0.21)) }
    #expect(relativeError(solution.values, expected.values) < 1e-13)
  }

  @Test(arguments: [SpatialGrid.Points.nodes, .cells])
  func heatAndWavesBetweenWalls(points: SpatialGrid.Points) throws {
    let axes = [
      SpatialGrid.Axis(upper: 2, count: 9, points: points),
      SpatialGrid.Axis(lower: 1, upper: 2, count: 6, points: points),
    ]
    let grid = SpatialGrid(axes: axes)
    let square = (1.5 * Double.pi) * (1.5 * Double.pi) + 4 * Double.pi * Double.pi
    for boundary in [BoundaryCondition.dirichlet, .neumann] {
      let mode = GridField(grid: grid) { point in
        let (x, y) = (1.5 * .pi * point[0], 2 * .pi * (point[1] - 1))
        return boundary == .dirichlet ? sin(x) * sin(y) : cos(x) * cos(y)
      }
      let heat = try HeatEquation(diffusivity: 0.1, boundary: boundary).solve(
        from: mode, at: [0.2])
      let decay = exp(-0.1 * square * 0.2)
      #expect(relativeError(heat.values, mode.values.map { decay * $0 }) < 1e-12)
      let still = mode.values.map { _ in 0.0 }
      let wave = try WaveEquation(speed: 2, boundary: boundary).solve(
        from: GridField(grid: grid, componentValues: [still, mode.values]), at: [0.37])
      let frequency = 2 * square.squareRoot()
      #expect(
        relativeError(
          wave[0].component(0), mode.values.map { $0 * sin(0.37 * frequency) / frequency }) < 1e-12)
      #expect(
        relativeError(wave[0].component(1), mode.values.map { $0 * cos(0.37 * frequency) }) < 1e-12)
    }
  }

  @Test func solitonOfKortewegAndDeVries() throws {
    let speed = 4.0
    func soliton(_ x: Double) -> Double {
      let half = sech(speed.squareRoot() / 2 * x)
      return speed / 2 * half * half
    }
    let grid = SpatialGrid([128], lower: -10, upper: 10)
    let solution = try KortewegDeVriesEquation().solve(
      from: GridField(grid: grid) { soliton($0[0] + 1) }, at: [0.5])
    let expected = GridField(grid: grid) { soliton($0[0] - 1) }
    #expect(relativeError(solution.values, expected.values) < 1e-4)
  }

  @Test func solitonOfSchrodinger() throws {
    // a·sech(a(x - ct))·exp(i(cx + (a² - c²)t/2)) on a period of 8π, which c = 1/2 fits.
    let (a, c, time) = (1.5, 0.5, 0.4)
    func wave(_ x: Double, _ t: Double) -> (Double, Double) {
      let size = a * sech(a * (x - c * t))
      let phase = c * x + (a * a - c * c) * t / 2
      return (size * cos(phase), size * sin(phase))
    }
    let grid = SpatialGrid([256], lower: -4 * .pi, upper: 4 * .pi)
    func field(_ t: Double) -> GridField {
      let points = grid.axes[0].coordinates.map { wave($0, t) }
      return GridField(grid: grid, componentValues: [points.map(\.0), points.map(\.1)])
    }
    let solution = try SchrodingerEquation().solve(from: field(0), at: [time])
    #expect(relativeError(solution.values, field(time).values) < 1e-5)
  }

  @Test func burgersByColeAndHopf() throws {
    // u = -2ν·φ_x/φ where φ solves the heat equation: φ = 2 + cos(2πx)·exp(-4π²νt).
    let viscosity = 0.05
    func exact(_ x: Double, _ t: Double) -> Double {
      let decay = exp(-4 * .pi * .pi * viscosity * t)
      return 4 * .pi * viscosity * decay * sin(2 * .pi * x) / (2 + decay * cos(2 * .pi * x))
    }
    let grid = SpatialGrid([64])
    for (step, limit) in [(nil, 2e-5), (1e-3, 1e-9)] {
      let solution = try BurgersEquation(viscosity: viscosity, timeStep: step).solve(
        from: GridField(grid: grid) { exact($0[0], 0) }, at: [0.5, 1])
      for (frame, time) in [0.5, 1].enumerated() {
        let expected = GridField(grid: grid) { exact($0[0], time) }
        let error = relativeError(solution[frame].values, expected.values)
        #expect(error < limit, "\(error)")
      }
    }
  }

  @Test func reactionsOfConstantFields() throws {
    let grid = SpatialGrid([5, 4])
    let (start, time) = (0.2, 0.8)
    let field = GridField(grid: grid) { _ in start }
    let growth = exp(2 * time)
    let fisher = try FisherEquation(diffusivity: 0.1, growth: 2).solve(from: field, at: [time])
    #expect(abs(fisher.values[7] - start * growth / (1 + start * (growth - 1))) < 1e-6)
    let allenCahn = try AllenCahnEquation(diffusivity: 0.1, reaction: 1).solve(
      from: field, at: [time])
    let expected = start * exp(time) / (1 + start * start * (growth - 1)).squareRoot()
    #expect(abs(allenCahn.values[3] - expected) < 1e-6)
  }

  @Test func anInterfaceOfAllenAndCahnStandsStill() throws {
    let grid = SpatialGrid([96], lower: -1, upper: 1, points: .cells)
    let profile = GridField(grid: grid) { tanh($0[0] / (2 * 5e-3).squareRoot()) }
    let solution = try AllenCahnEquation(boundary: .neumann).solve(from: profile, at: [2])
    #expect(relativeError(solution.values, profile.values) < 1e-5)
  }

  @Test func smallWavesOfCahnAndHilliard() throws {
    let grid = SpatialGrid([32])
    let k = 2 * Double.pi
    let solution = try CahnHilliardEquation().solve(
      from: GridField(grid: grid) { 1e-5 * cos(k * $0[0]) }, at: [1])
    let growth = exp(1e-2 * k * k * (1 - 1e-3 * k * k))
    let expected = GridField(grid: grid) { 1e-5 * growth * cos(k * $0[0]) }
    #expect(relativeError(solution.values, expected.values) < 1e-6)
  }

  @Test func poissonOnEveryBoundary() throws {
    for (boundary, points) in [
      (BoundaryCondition.periodic, SpatialGrid.Points.periodic), (.dirichlet, .nodes),
      (.dirichlet, .cells), (.neumann, .nodes), (.neumann, .cells),
    ] {
      let grid = SpatialGrid([12, 9], points: points)
      let (k, l) = boundary == .periodic ? (2 * Double.pi, 4 * Double.pi) : (.pi, 3 * .pi)
      let u = GridField(grid: grid) { point in
        boundary == .neumann
          ? cos(k * point[0]) * cos(l * point[1]) : sin(k * point[0]) * sin(l * point[1])
      }
      let source = u.mapped { (k * k + l * l) * $0 }
      let solution = try PoissonEquation(boundary: boundary).solve(source: source)
      #expect(relativeError(solution.values, u.values) < 1e-13, "\(boundary) \(points)")
    }
  }

  @Test func theFivePointFormulaIsMet() throws {
    let grid = SpatialGrid([6, 8], points: .nodes)
    var random = RandomSource(seed: 1)
    let source = GridField(grid: grid, values: (0..<48).map { _ in random.normal() })
    let u = try PoissonEquation(laplacian: .differences).solve(source: source).values
    for row in 1..<5 {
      for column in 1..<7 {
        let node = row * 8 + column
        let image =
          25 * (2 * u[node] - u[node - 8] - u[node + 8])
          + 49 * (2 * u[node] - u[node - 1] - u[node + 1])
        #expect(abs(image - source.values[node]) < 1e-11)
      }
    }
  }
}
