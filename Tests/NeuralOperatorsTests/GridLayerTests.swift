import Foundation
import Longwave
import TestSupport
import Testing

/// What neural operators need round their convolutions, against definitions in double precision.
@Suite struct GridLayerTests {
  static func normal(_ shape: Shape, _ seed: UInt64 = 1) -> Tensor {
    var random = RandomSource(seed: seed)
    return Tensor(normal: shape, using: &random)
  }

  // MARK: Resampling

  @Test(arguments: [(5, 9), (9, 5), (6, 11), (4, 1), (1, 3), (7, 7)])
  func linesBetweenPoints(size: Int, count: Int) {
    let x = Self.normal([2, size, 3])
    let y = Variable(x).resampled(to: [count]).value
    for i in 0..<count {
      let place = count > 1 ? Double(i) * Double(size - 1) / Double(count - 1) : 0
      let low = min(Int(place), size - 1)
      let high = min(low + 1, size - 1)
      for c in 0..<3 {
        let (a, b) = (Double(x[1, low, c]), Double(x[1, high, c]))
        #expect(abs(Double(y[1, i, c]) - (a + (place - Double(low)) * (b - a))) < 1e-5)
      }
    }
  }

  /// The cubic kernel with a = -3/4 and repeated edges, as `torch` interpolates.
  @Test(arguments: [([5, 6], [9, 4]), ([4, 7], [4, 13]), ([3, 3], [7, 8])])
  func cubicConvolution(sizes: [Int], counts: [Int]) {
    let x = Self.normal(Shape([1] + sizes + [2]))
    let y = Variable(x).resampled(to: Shape(counts)).value
    func kernel(_ t: Double) -> Double {
      let (s, a) = (abs(t), -0.75)
      if s <= 1 { return (a + 2) * s * s * s - (a + 3) * s * s + 1 }
      return s < 2 ? a * s * s * s - 5 * a * s * s + 8 * a * s - 4 * a : 0
    }
    func taps(_ axis: Int, _ i: Int) -> [(Int, Double)] {
      let place = Double(i) * Double(sizes[axis] - 1) / Double(counts[axis] - 1)
      let first = Int(place.rounded(.down))
      return (first - 1...first + 2).map {
        (min(max($0, 0), sizes[axis] - 1), kernel(place - Double($0)))
      }
    }
    for i in 0..<counts[0] {
      for j in 0..<counts[1] {
        var sum = 0.0
        for (p, u) in taps(0, i) {
          for (q, v) in taps(1, j) { sum += u * v * Double(x[0, p, q, 1]) }
        }
        #expect(abs(sum - Double(y[0, i, j, 1])) < 1e-5)
      }
    }
  }

  /// Fourier modes give the same function, with odd numbers of points too.
  @Test func modesInThreeAxes() {
    func waves(_ grid: [Int]) -> Tensor {
      var elements: [Float] = []
      for i in 0..<grid[0] * grid[1] * grid[2] {
        let places = [
          Double(i / (grid[1] * grid[2])) / Double(grid[0]),
          Double(i / grid[2] % grid[1]) / Double(grid[1]), Double(i % grid[2]) / Double(grid[2]),
        ].map { 2 * Double.pi * $0 }
        elements.append(Float(sin(2 * places[0] + places[1]) + cos(places[2] - 2 * places[1])))
      }
      return Tensor(elements, shape: Shape([1] + grid + [1]))
    }
    for (old, new) in [
      ([5, 5, 5], [8, 9, 7]), ([9, 8, 6], [5, 6, 7]), ([5, 6, 4], [7, 5, 8]),
    ] {
      let y = Variable(waves(old)).resampled(to: Shape(new)).value
      #expect((y - waves(new)).maximumMagnitude() < 5e-6)
    }
  }

  @Test(arguments: [[6], [5, 7], [4, 5, 6]]) func resamplingIsLinear(grid: [Int]) {
    var random = RandomSource(seed: 3)
    for factor in [2, 1] {
      let new = Shape(grid.map { factor == 2 ? 2 * $0 + 1 : $0 - 2 })
      let shape = Shape([2] + grid + [3, 2])
      let error = GradientCheck.adjointError(
        of: { $0.resampled(to: new, isComplex: true) }, at: shape, using: &random)
      #expect(error < 2e-6)
    }
  }

  // MARK: Normalisation

  @Test(arguments: [1, 2, 4]) func groupsHaveMeanAndVariance(groups: Int) {
    let x = Self.normal([2, 5, 3, 4]) * 3 + 7
    let (gain, bias) = (Self.normal([4], 2), Self.normal([4], 3))
    let y = Variable(x).groupNormalized(
      groups: groups, gain: Variable(gain), bias: Variable(bias)
    ).value
    let width = 4 / groups
    for b in 0..<2 {
      for group in 0..<groups {
        var values: [Double] = []
        for i in 0..<15 * 4 where i % 4 / width == group {
          values.append(Double(x.elements[b * 60 + i]))
        }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        for i in 0..<15 * 4 where i % 4 / width == group {
          let normal = (Double(x.elements[b * 60 + i]) - mean) / (variance + 1e-5).squareRoot()
          let expected = normal * Double(gain[i % 4]) + Double(bias[i % 4])
          #expect(abs(Double(y.elements[b * 60 + i]) - expected) < 2e-5)
        }
      }
    }
    var random = RandomSource(seed: 4)
    let error = GradientCheck.directionalError(
      of: { $0[0].groupNormalized(groups: groups, gain: $0[1], bias: $0[2]) },
      at: [x, gain, bias], using: &random)
    #expect(error < 3e-3)
  }

  // MARK: Local convolution

  @Test(arguments: [(1, 3), (1, 4), (2, 3), (2, 2), (3, 3)])
  func localConvolutionIsTheSum(axes: Int, kernel: Int) {
    var random = RandomSource(seed: 5)
    let layer = LocalConvolution(inputs: 2, outputs: 3, axes: axes, kernel: kernel, using: &random)
    expectEveryParameterVisited(layer)
    let grid = Array([5, 4, 3].prefix(axes))
    let x = Self.normal(Shape([1] + grid + [2]))
    let y = layer(Variable(x)).value
    #expect(y.shape == Shape([1] + grid + [3]))
    func index(_ places: [Int]) -> Int? {
      var flat = 0
      for (axis, place) in places.enumerated() {
        guard place >= 0 && place < grid[axis] else { return nil }
        flat = flat * grid[axis] + place
      }
      return flat
    }
    func places(_ flat: Int, _ sizes: [Int]) -> [Int] {
      var rest = flat
      return sizes.reversed().map { size in
        defer { rest /= size }
        return rest % size
      }.reversed()
    }
    let points = layer.weight.value.shape[0]
    for n in 0..<grid.reduce(1, *) {
      for o in 0..<3 {
        var sum = 0.0
        for k in 0..<points {
          let shifts = places(k, Array(repeating: kernel, count: axes)).map {
            $0 - (kernel - 1) / 2
          }
          guard let from = index(zip(places(n, grid), shifts).map { $0 + $1 }) else { continue }
          for i in 0..<2 {
            sum += Double(layer.weight.value[k, o, i]) * Double(x.elements[from * 2 + i])
          }
        }
        #expect(abs(sum - Double(y.elements[n * 3 + o])) < 1e-5)
      }
    }
    #expect(parameterGradientError(of: layer) { $0(Variable(x, on: $1)) } < 2e-3)
  }
}
