import PartialDifferentialEquations
import SequenceTensor
import TestSupport
import Testing

@Suite struct EquationCatalogueTests {
  @Test func everyPresetSolvesOnASmallGrid() throws {
    for description in EquationCatalogue.equations {
      #expect(Set(description.presets.map(\.name)).count == description.presets.count)
      for preset in description.presets {
        let rank = preset.grid.rank
        let end = (preset.times.last ?? 0) * 1e-3
        var problem = try description.problem(
          preset: preset.name, counts: Array(repeating: rank == 1 ? 33 : 8, count: rank),
          times: preset.times.isEmpty ? [] : [0, end])
        problem.refinement = 1
        let sample = try problem.sample(seed: 1, index: 0)
        let place = "\(description.name) \(preset.name)"
        #expect(sample.input.components == problem.inputNames.count, "\(place)")
        #expect(sample.solution.componentNames == problem.outputNames, "\(place)")
        #expect(sample.solution.values.allSatisfy { $0.isFinite }, "\(place)")
        #expect(sample.solution.times.count == (preset.times.isEmpty ? 1 : 2), "\(place)")
        if !preset.times.isEmpty {
          #expect(relativeError(sample.solution[0].values, sample.input.values) < 1e-12, "\(place)")
        }
      }
    }
  }

  @Test func aProblemTakesParametersAndRefines() throws {
    let burgers = try EquationCatalogue.equation(named: "burgers")
    var problem = try burgers.problem(
      preset: "script", parameters: ["viscosity": 0.02], counts: [24], times: [0.05])
    #expect(problem.parameters == ["viscosity": 0.02])
    problem.refinement = 4
    let sample = try problem.sample(seed: 3, index: 2)
    #expect(sample.input.grid.shape == [24] && sample.solution.shape == [1, 24, 1])
    let fine = try GaussianRandomField.burgersOfScript.sample(
      on: SpatialGrid([96]), seed: 3, index: 2)
    let solution = try BurgersEquation(viscosity: 0.02).solve(from: fine, at: [0.05])
    let (input, output) = (try fine.thinned(by: 4), try solution[0].thinned(by: 4))
    #expect(sample.input == input && sample.solution[0] == output)
    let several = try withThreads(2) { try problem.samples(1..<4, seed: 3) }
    #expect(several[1] == sample)
  }

  @Test func namesThatAreNotKnown() throws {
    let heat = try EquationCatalogue.equation(named: "heat")
    let preset = thrownError { () throws(EquationError) in try heat.problem(preset: "paper") }
    #expect(preset?.expected == "periodic, dirichlet, neumann, plane")
    let parameter = thrownError { () throws(EquationError) in
      try heat.problem(parameters: ["speed": 1])
    }
    #expect(parameter?.got == "speed")
    let counts = thrownError { () throws(EquationError) in try heat.problem(counts: [4, 4]) }
    #expect(counts?.got == "[4, 4]")
    let name = thrownError { () throws(EquationError) in
      try EquationCatalogue.equation(named: "heart")
    }
    #expect(name?.got == "heart")
    var cells = try EquationCatalogue.equation(named: "shallow-water").problem(counts: [8, 8])
    cells.refinement = 2
    let problem = cells
    let refined = thrownError { () throws(EquationError) in try problem.sample(seed: 0, index: 0) }
    #expect(refined?.place == "shallow-water.refinement")
  }
}
