import SequenceTensor
import SpectralCore
import TestSupport
import Testing

/// The kept modes of grids against the definition in double precision, by each method.
@Suite struct TruncatedTransformTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let grid: Shape
    let modes: Shape
    var testDescription: String { "\(modes) of \(grid)" }
  }

  /// Even, odd, prime and size 1; all modes, few, and more than there are.
  static let cases = [
    Case([1], [1]), Case([2], [2]), Case([7], [3]), Case([8], [5]), Case([8], [3]), Case([13], [7]),
    Case([16], [9]), Case([37], [6]), Case([30], [20]), Case([64], [33]),
    Case([4, 4], [2, 2]), Case([5, 8], [3, 4]), Case([6, 7], [6, 4]), Case([7, 6], [9, 5]),
    Case([6, 5], [9, 2]), Case([11, 13], [4, 3]), Case([16, 10], [5, 6]), Case([1, 9], [1, 2]),
    Case([9, 1], [4, 1]), Case([17, 20], [17, 11]),
    Case([3, 4, 5], [2, 3, 2]), Case([4, 6, 8], [3, 2, 5]), Case([5, 3, 7], [5, 3, 4]),
    Case([6, 5, 4], [4, 8, 2]),
  ]

  /// No channel, less than a line of them, more than one and more than two lines.
  static let layouts = [(batch: 1, channels: 1), (2, 3), (1, 17), (2, 40)]

  /// The planner's choice and each method for all axes.
  static func transforms(
    _ c: Case, _ normalization: Normalization = .forward
  ) -> [TruncatedTransform] {
    let given = AxisMethod.allCases.map { method in c.grid.sizes.map { _ in method } }
    return ([nil] + given).map {
      TruncatedTransform(
        gridShape: c.grid, modeShape: c.modes, normalization: normalization, methods: $0)
    }
  }

  static func randomSpectrum(
    _ modes: Shape, batch: Int, channels: Int, _ random: inout RandomSource
  ) -> TruncatedSpectrum {
    let zeros = TruncatedSpectrum(zeros: modes, batch: batch, channels: channels)
    return TruncatedSpectrum(values: Tensor(normal: zeros.values.shape, using: &random))
  }

  /// For each kept mode its place among all modes of the grid, if the grid has it.
  static func places(_ c: Case) -> [Int?] {
    let last = c.grid.rank - 1
    let spectrum = TruncatedSpectrum(zeros: c.modes, batch: 1, channels: 1)
    var places: [Int?] = [0]
    for axis in 0...last {
      let size = c.grid[axis]
      places = places.flatMap { place in
        spectrum.frequencies(axis: axis).map { frequency in
          if axis == last {
            return frequency <= size / 2 ? place.map { $0 * (size / 2 + 1) + frequency } : nil
          }
          // Of an even size the mode size/2 is kept as -size/2.
          let isThere = 2 * frequency < size && 2 * frequency >= -size
          return isThere ? place.map { $0 * size + (frequency + size) % size } : nil
        }
      }
    }
    return places
  }

  @Test(arguments: cases) func matchesTheDefinition(c: Case) {
    var random = RandomSource(seed: UInt64(c.grid.count), stream: UInt64(c.grid.rank))
    let naive = NaiveDFT(c.grid.sizes)
    let places = Self.places(c)
    for (index, layout) in Self.layouts.enumerated() {
      let normalization = Normalization.allCases[index % 3]
      let scales = normalization.scales(count: c.grid.count)
      let (batch, channels) = layout
      let x = Tensor(normal: Shape([batch] + c.grid.sizes + [channels]), using: &random)
      // Random values everywhere, so also parts that no real grid has.
      let z = Self.randomSpectrum(c.modes, batch: batch, channels: channels, &random)
      for transform in Self.transforms(c, normalization) {
        let spectrum = transform.forward(x)
        let back = transform.inverse(z)
        #expect(spectrum.values.shape == z.values.shape && back.shape == x.shape)
        for item in 0..<batch {
          for channel in Set([0, channels / 2, channels - 1]) {
            let row = RealTransformTests.row(
              x, item: item, channel: channel, width: c.grid.count)
            let all = naive.forward(row)
            let expected = places.flatMap { place in
              [0, 1].map { part in place.map { all[2 * $0 + part] * scales.forward } ?? 0 }
            }
            let found = Self.complexRow(spectrum, item: item, channel: channel)
            #expect(relativeError(found, expected) < 6e-7, "forward, \(transform), \(layout)")
            var full = [Double](repeating: 0, count: 2 * naive.modeCount)
            let modes = Self.complexRow(z, item: item, channel: channel)
            for (index, place) in places.enumerated() {
              guard let place else { continue }
              full[2 * place] = modes[2 * index]
              full[2 * place + 1] = modes[2 * index + 1]
            }
            let expectedBack = naive.inverse(full).map { $0 * scales.inverse }
            let foundBack = RealTransformTests.row(
              back, item: item, channel: channel, width: c.grid.count)
            #expect(
              relativeError(foundBack, expectedBack) < 6e-7, "inverse, \(transform), \(layout)")
          }
        }
      }
    }
  }

  static func complexRow(
    _ spectrum: TruncatedSpectrum, item: Int, channel: Int
  ) -> [Double] {
    let modes = spectrum.modeShape.count
    let parts = [0, 1].map {
      RealTransformTests.row(spectrum.values, item: item, channel: 2 * channel + $0, width: modes)
    }
    return zip(parts[0], parts[1]).flatMap { [$0, $1] }
  }

  @Test(arguments: cases) func adjointsMatchInnerProducts(c: Case) {
    var random = RandomSource(seed: 8, stream: UInt64(c.grid.count))
    for normalization in Normalization.allCases {
      let x = Tensor(normal: Shape([2] + c.grid.sizes + [3]), using: &random)
      let z = Self.randomSpectrum(c.modes, batch: 2, channels: 3, &random)
      for transform in Self.transforms(c, normalization) {
        // The inner products cancel, so errors are measured by the norms of what is multiplied.
        let (forward, adjoint) = (transform.forward(x).values, transform.forwardAdjoint(z))
        let size = (forward.sumOfSquares() * z.values.sumOfSquares()).squareRoot()
        let difference = dot(forward, z.values) - dot(x, adjoint)
        #expect(abs(difference) < 1e-6 * size, "\(transform)")
        let (inverse, other) = (transform.inverse(z), transform.inverseAdjoint(x).values)
        let inverseSize = (inverse.sumOfSquares() * x.sumOfSquares()).squareRoot()
        let inverseDifference = dot(inverse, x) - dot(z.values, other)
        #expect(abs(inverseDifference) < 1e-6 * inverseSize, "\(transform)")
      }
    }
  }

  private func dot(_ a: Tensor, _ b: Tensor) -> Double { RealTransformTests.dot(a, b) }

  @Test(arguments: [
    Case([1024], [40]), Case([331], [166]), Case([300, 7], [250, 3]), Case([48, 60], [12, 9]),
    Case([20, 24, 18], [8, 9, 5]),
  ]) func methodsAgree(c: Case) {
    var random = RandomSource(seed: 9)
    let x = Tensor(normal: Shape([2] + c.grid.sizes + [21]), using: &random)
    let z = Self.randomSpectrum(c.modes, batch: 2, channels: 21, &random)
    let transforms = Self.transforms(c)
    func agree(_ results: [Tensor]) {
      for result in results.dropFirst() {
        #expect(relativeError(result.elements, results[0].elements.map(Double.init)) < 1e-6)
      }
    }
    agree(transforms.map { $0.forward(x).values })
    agree(transforms.map { $0.inverse(z) })
    agree(transforms.map { $0.forwardAdjoint(z) })
    agree(transforms.map { $0.inverseAdjoint(x).values })
  }

  /// All modes are those of the transform of all modes, whichever its order.
  @Test func keepsAllModes() {
    var random = RandomSource(seed: 10)
    let x = Tensor(normal: [1, 6, 7, 9, 2], using: &random)
    let all = RealTransform(gridShape: [6, 7, 9], normalization: .forward).forward(x)
    let kept = TruncatedTransform(gridShape: [6, 7, 9], modeShape: [6, 7, 5]).forward(x)
    for (p, q, r) in [(0, 0, 0), (2, 3, 4), (-3, -3, 2), (-1, 1, 1), (1, -2, 3)] {
      let a = kept[batch: 0, frequency: [p, q, r], channel: 1]
      let b = all[batch: 0, mode: [(p + 6) % 6, (q + 7) % 7, r], channel: 1]
      #expect(abs(a.real - b.real) + abs(a.imaginary - b.imaginary) < 1e-6, "\(p) \(q) \(r)")
    }
  }

  /// A sum of waves below half the sampling rate of both grids is the same function on both.
  @Test(
    arguments: [
      ([12], [30], [5]), ([9], [7], [4]), ([9, 8], [15, 21], [5, 3]), ([16, 12], [8, 7], [5, 3]),
      ([6, 7, 8], [11, 9, 12], [5, 3, 4]),
    ] as [(Shape, Shape, Shape)])
  func resamplesBandLimitedFunctions(coarse: Shape, fine: Shape, modes: Shape) {
    var random = RandomSource(seed: 11)
    let z = Self.randomSpectrum(modes, batch: 1, channels: 3, &random)
    let places = Self.places(Case(coarse, modes))
    #expect(!places.contains(nil))
    /// The waves on a grid, by the definition.
    func function(on grid: Shape) -> [Tensor] {
      let naive = NaiveDFT(grid.sizes)
      return (0..<3).map { channel in
        var full = [Double](repeating: 0, count: 2 * naive.modeCount)
        let row = Self.complexRow(z, item: 0, channel: channel)
        for (index, place) in Self.places(Case(grid, modes)).enumerated() {
          full[2 * place!] = row[2 * index]
          full[2 * place! + 1] = row[2 * index + 1]
        }
        return Tensor(naive.inverse(full).map { Float($0) }, shape: Shape([1] + grid.sizes + [1]))
      }
    }
    for (x, y) in zip(function(on: coarse), function(on: fine)) {
      for (from, to) in zip(
        Self.transforms(Case(coarse, modes)), Self.transforms(Case(fine, modes)))
      {
        let found = to.inverse(from.forward(x))
        #expect(relativeError(found.elements, y.elements.map(Double.init)) < 1e-6)
      }
      let plain = [coarse, fine].map {
        TruncatedTransform(gridShape: $0, modeShape: modes, normalization: .backward)
      }
      let ratio = Double(coarse.count) / Double(fine.count)
      let found = plain[1].inverse(plain[0].forward(x))
      #expect(relativeError(found.elements, y.elements.map { Double($0) * ratio }) < 1e-6)
    }
  }

  @Test(arguments: AxisMethod.allCases) func threadsDoNotShow(method: AxisMethod) {
    var random = RandomSource(seed: 12)
    for c in [Case([1000], [30]), Case([53], [9]), Case([24, 18], [8, 5])] {
      let transform = TruncatedTransform(
        gridShape: c.grid, modeShape: c.modes, methods: c.grid.sizes.map { _ in method })
      let x = Tensor(normal: Shape([3] + c.grid.sizes + [150]), using: &random)
      let z = Self.randomSpectrum(c.modes, batch: 3, channels: 150, &random)
      func results() -> [Tensor] { [transform.forward(x).values, transform.inverse(z)] }
      for (a, b) in zip(withThreads(1, results), withThreads(2, results)) {
        #expect(bitsEqual(a, b))
      }
    }
  }

  /// Few enough modes for products in any instruction set, and too many in any.
  @Test func planner() {
    let few = TruncatedTransform(gridShape: [128, 64], modeShape: [16, 9])
    #expect(few.methods == [.matrix, .matrix])
    #expect(
      few.description
        == "TruncatedTransform of grid [128, 64]: 16 of 128 modes by matrix, 9 of 33 modes by matrix"
    )
    let many = TruncatedTransform(gridShape: [4096, 64], modeShape: [4096, 9])
    #expect(many.methods == [.fft, .matrix])
    #expect(many.description.contains("4096 of 4096 modes by FFT"))
  }

  @Test func frequencies() {
    let spectrum = TruncatedSpectrum(zeros: [4, 5, 3], batch: 1, channels: 1)
    #expect((0..<3).map(spectrum.frequencies(axis:)) == [-2..<2, -2..<3, 0..<3])
    var one = spectrum
    one[batch: 0, frequency: [-1, 2, 1], channel: 0] = (3, 4)
    #expect(one.values[0, 1, 4, 1, 0, 0] == 3 && one.values[0, 1, 4, 1, 0, 1] == 4)
    #expect(one[batch: 0, frequency: [-1, 2, 1], channel: 0] == (3, 4))
  }

  @Test(arguments: AxisMethod.allCases) func emptyBatchAndChannels(method: AxisMethod) {
    let transform = TruncatedTransform(
      gridShape: [6, 4], modeShape: [3, 2], methods: [method, method])
    #expect(transform.forward(Tensor(zeros: [0, 6, 4, 2])).values.shape == [0, 3, 2, 2, 2])
    #expect(transform.forward(Tensor(zeros: [2, 6, 4, 0])).values.shape == [2, 3, 2, 0, 2])
    let none = TruncatedSpectrum(zeros: [3, 2], batch: 0, channels: 2)
    #expect(transform.inverse(none).shape == [0, 6, 4, 2])
  }

  @Test func wrongShapes() async {
    await #expect(processExitsWith: .failure) {
      _ = TruncatedTransform(gridShape: [4, 4], modeShape: [2])
    }
    await #expect(processExitsWith: .failure) {
      _ = TruncatedTransform(gridShape: [4, 4], modeShape: [2, 0])
    }
    await #expect(processExitsWith: .failure) {
      _ = TruncatedTransform(gridShape: [4], modeShape: [2], methods: [.matrix, .fft])
    }
    await #expect(processExitsWith: .failure) {
      _ = TruncatedTransform(gridShape: [4, 4], modeShape: [2, 2])
        .forward(Tensor(zeros: [1, 4, 5, 1]))
    }
    await #expect(processExitsWith: .failure) {
      _ = TruncatedTransform(gridShape: [4, 4], modeShape: [2, 2])
        .inverse(TruncatedSpectrum(zeros: [2, 3], batch: 1, channels: 1))
    }
    await #expect(processExitsWith: .failure) {
      _ = TruncatedSpectrum(values: Tensor(zeros: [1, 4, 3]))
    }
    await #expect(processExitsWith: .failure) {
      let spectrum = TruncatedSpectrum(zeros: [4, 3], batch: 1, channels: 1)
      _ = spectrum[batch: 0, frequency: [2, 0], channel: 0]
    }
  }
}

extension TruncatedTransformTests.Case {
  init(_ grid: Shape, _ modes: Shape) { self.init(grid: grid, modes: modes) }
}
