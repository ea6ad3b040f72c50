import Longwave
import TestSupport
import Testing

/// Coordinates as channels, against their formula.
@Suite struct GridCoordinatesTests {
  @Test(arguments: [1, 2, 7, 10]) func valuesAreThoseOfTheFormula(count: Int) {
    let periodic = GridCoordinates(boundaries: [-1...3])
    let walls = GridCoordinates(boundaries: [-1...3], includesEnd: true)
    for i in 0..<count {
      let expected = -1 + 4 * Double(i) / Double(count)
      #expect(abs(Double(periodic.coordinates(axis: 0, count: count)[i]) - expected) < 1e-6)
      let wall = -1 + 4 * Double(i) / Double(max(1, count - 1))
      #expect(abs(Double(walls.coordinates(axis: 0, count: count)[i]) - wall) < 1e-6)
    }
  }

  @Test func appendedBehindTheChannelsOfEveryGrid() {
    var random = RandomSource(seed: 1)
    let field = Tensor(normal: [2, 3, 5, 4], using: &random)
    let tape = Tape()
    let input = tape.variable(field)
    let output = GridCoordinates(axes: 2).appended(to: input)
    #expect(output.shape == [2, 3, 5, 6])
    for b in 0..<2 {
      for x in 0..<3 {
        for y in 0..<5 {
          for c in 0..<4 { #expect(output.value[b, x, y, c] == field[b, x, y, c]) }
          #expect(abs(output.value[b, x, y, 4] - Float(x) / 3) < 1e-6)
          #expect(abs(output.value[b, x, y, 5] - Float(y) / 5) < 1e-6)
        }
      }
    }
    let seed = Tensor(normal: output.shape, using: &random)
    #expect(tape.gradients(of: output, seed: seed)[input] == seed.sliced(axis: -1, 0..<4))
  }
}
