import PartialDifferentialEquations
import SequenceTensor
import Testing

@Suite struct SpatialGridTests {
  @Test func pointsOfEachKind() {
    func coordinates(_ points: SpatialGrid.Points) -> [Double] {
      SpatialGrid.Axis(lower: -1, upper: 1, count: 4, points: points).coordinates
    }
    #expect(coordinates(.periodic) == [-1, -0.5, 0, 0.5])
    #expect(coordinates(.cells) == [-0.75, -0.25, 0.25, 0.75])
    let nodes = coordinates(.nodes)
    #expect(nodes[0] == -1 && abs(nodes[1] + 1.0 / 3) < 1e-15 && abs(nodes[3] - 1) < 1e-15)
  }

  @Test func thinningKeepsEveryStrideOfNodesAndComponents() throws {
    let grid = SpatialGrid([7, 5], points: .nodes)
    let field = GridField(
      grid: grid, components: 2, values: (0..<70).map(Double.init))
    let thinned = try field.thinned(by: 2)
    #expect(thinned.shape == [4, 3, 2])
    #expect(Array(thinned.values.prefix(8)) == [0, 1, 4, 5, 8, 9, 20, 21])
    let error = thrownError { () throws(EquationError) in try field.thinned(by: 4) }
    #expect(error?.got == "4 on nodes")
  }

  @Test func componentsAndFrames() {
    let grid = SpatialGrid([3])
    let field = GridField(grid: grid, componentValues: [[1, 2, 3], [4, 5, 6]])
    #expect(field.values == [1, 4, 2, 5, 3, 6] && field.component(1) == [4, 5, 6])
    let trajectory = Trajectory(
      grid: grid, componentNames: ["u"], times: [0, 1], values: [1, 2, 3, 4, 5, 6])
    #expect(trajectory.shape == [2, 3, 1] && trajectory[1].values == [4, 5, 6])
  }
}
