import Longwave
import TestSupport
import Testing

/// Taps of a shift state space.
@Suite struct ShiftFilterTests {
  static func filter() -> ShiftFilter {
    var random = RandomSource(seed: 1)
    var filter = ShiftFilter(channels: 2, stateSize: 5, copies: 2, using: &random)
    filter.input.value = Tensor(normal: [2, 5], using: &random)
    return filter
  }

  @Test func tapsAreCorrelations() {
    let filter = Self.filter()
    for length in [1, 4, 5, 6, 11] {
      let taps = filter.taps(length: length, on: nil).value
      #expect(taps.shape == [length, 4])
      for l in 0..<length {
        for row in 0..<4 {
          let expected = (0..<max(0, 5 - l)).reduce(Float(0)) {
            $0 + filter.input.value[row % 2, $1] * filter.output.value[row / 2, row % 2, $1 + l]
          }
          #expect(abs(taps[l, row] - expected) < 1e-6)
        }
      }
    }
  }

  @Test func gradients() {
    for length in [1, 3, 9] {
      let error = parameterGradientError(of: Self.filter()) { $0.taps(length: length, on: $1) }
      #expect(error < 1e-3)
    }
    expectEveryParameterVisited(Self.filter())
  }

  /// B is the first unit vector at the start, so that the taps are C.
  @Test func startsAsItsOutputWeights() {
    var random = RandomSource(seed: 1)
    let filter = ShiftFilter(channels: 3, stateSize: 4, using: &random)
    let taps = filter.taps(length: 4, on: nil).value
    #expect(taps == filter.output.value.reshaped(3, 4).transposed())
    #expect(filter.output.value.maximumMagnitude() <= 0.5)
  }
}
