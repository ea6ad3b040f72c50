import PartialDifferentialEquations
import SequenceTensor
import Testing

/// What comes from outside and cannot be solved.
@Suite struct EquationErrorTests {
  private let wave = GridField(grid: SpatialGrid([16])) { $0[0] }

  private func error(
    _ equation: some EvolutionEquation, _ initial: GridField? = nil, times: [Double] = [1]
  ) -> EquationError? {
    thrownError { () throws(EquationError) in
      try equation.solve(from: initial ?? wave, at: times)
    }
  }

  @Test func parametersOutOfRange() {
    #expect(
      error(BurgersEquation(viscosity: -1))
        == EquationError(
          place: "BurgersEquation.viscosity", expected: "a finite number above 0", got: "-1.0"))
    #expect(error(HeatEquation(diffusivity: .nan))?.place == "HeatEquation.diffusivity")
    #expect(error(KuramotoSivashinskyEquation(fourthOrder: 0))?.got == "0.0")
    #expect(error(BurgersEquation(order: 5))?.expected == "1, 2, 3 or 4")
    #expect(error(BurgersEquation(timeStep: 0))?.place == "BurgersEquation.timeStep")
    #expect(error(AllenCahnEquation(boundary: .dirichlet))?.got == "dirichlet")
    #expect(error(ShockCapturingBurgers(courantNumber: 2))?.got == "2.0")
  }

  @Test func fieldsThatDoNotFit() {
    var broken = wave
    broken.values[3] = .nan
    #expect(error(BurgersEquation(), broken)?.place == "BurgersEquation.initial[3]")
    let plane = GridField(grid: SpatialGrid([4, 4])) { $0[0] }
    #expect(error(BurgersEquation(), plane)?.got == "2")
    let nodes = GridField(grid: SpatialGrid([16], points: .nodes)) { $0[0] }
    #expect(error(BurgersEquation(), nodes)?.got == "nodes")
    #expect(error(HeatEquation(boundary: .dirichlet), wave)?.expected == "points of cells or nodes")
    #expect(error(WaveEquation())?.expected == "2 components")
    #expect(error(NavierStokesEquation(), wave)?.expected == "2 axes")
    let odd = GridField(grid: SpatialGrid([5, 4])) { $0[0] }
    #expect(error(NavierStokesEquation(scheme: .crankNicolson), odd) != nil)
  }

  @Test func timesThatDoNotAscend() {
    #expect(error(HeatEquation(), times: [1, 0.5])?.place == "HeatEquation.times[1]")
    #expect(error(HeatEquation(), times: [-1]) != nil)
    #expect(error(HeatEquation(), times: [.infinity]) != nil)
    #expect(error(HeatEquation(), times: [0, 0]) == nil)
  }

  @Test func unstableSteps() {
    let steep = GridField(grid: SpatialGrid([64])) { 100 * $0[0] * ($0[0] - 0.3) * ($0[0] - 1) }
    let exploding = error(
      KortewegDeVriesEquation(dispersion: 0, timeStep: 0.1), steep, times: [100])
    #expect(exploding?.expected.hasPrefix("finite values") == true)
    #expect(
      error(ShockCapturingBurgers(timeStep: 0.1), steep)?.place == "ShockCapturingBurgers.timeStep")
  }

  @Test func aBatchNamesItsSample() {
    var broken = wave
    broken.values[0] = .infinity
    let error = thrownError { () throws(EquationError) in
      try HeatEquation().solve(fromEach: [wave, broken, wave], at: [1])
    }
    #expect(error?.place == "sample 1: HeatEquation.initial[0]")
  }
}
