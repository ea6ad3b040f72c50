import SequenceTensor
import SpectralCore
import TestSupport
import Testing

/// Real transforms of 1 to 3 dimensions against the definition in double precision.
@Suite struct RealTransformTests {
  /// Even, odd, prime and size 1, on every axis.
  static let grids: [Shape] = [
    [1], [2], [3], [4], [5], [8], [9], [13], [30], [37], [64], [97], [106], [120],
    [1, 1], [1, 6], [6, 1], [4, 4], [3, 5], [5, 8], [7, 2], [11, 13], [16, 10],
    [1, 1, 1], [2, 3, 4], [4, 2, 5], [3, 7, 2], [5, 5, 1], [1, 1, 9], [4, 6, 8],
  ]

  static let layouts = [(batch: 1, channels: 1), (2, 3), (1, 17), (3, 33)]

  static func row(_ tensor: Tensor, item: Int, channel: Int, width: Int) -> [Double] {
    let channels = tensor.shape.count / (tensor.shape[0] * width)
    let perItem = tensor.count / tensor.shape[0]
    let elements = tensor.elements
    // `width` counts the rows of channels; complex values have two parts to a channel.
    return (0..<width).map { Double(elements[item * perItem + $0 * channels + channel]) }
  }

  static func complexRow(_ spectrum: Spectrum, item: Int, channel: Int) -> [Double] {
    let modes = spectrum.modeShape.count
    let re = row(spectrum.values, item: item, channel: 2 * channel, width: modes)
    let im = row(spectrum.values, item: item, channel: 2 * channel + 1, width: modes)
    return zip(re, im).flatMap { [$0, $1] }
  }

  static func randomSpectrum(
    _ grid: Shape, batch: Int, channels: Int, _ random: inout RandomSource
  ) -> Spectrum {
    let zeros = Spectrum(zeros: grid, batch: batch, channels: channels)
    return Spectrum(values: Tensor(normal: zeros.values.shape, using: &random), gridShape: grid)
  }

  static func randomGrid(
    _ grid: Shape, batch: Int, channels: Int, _ random: inout RandomSource
  ) -> Tensor {
    Tensor(normal: Shape([batch] + grid.sizes + [channels]), using: &random)
  }

  static func dot(_ a: Tensor, _ b: Tensor) -> Double {
    zip(a.elements, b.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  @Test(arguments: grids) func matchesTheDefinition(grid: Shape) {
    var random = RandomSource(seed: UInt64(grid.count), stream: UInt64(grid.rank))
    let naive = NaiveDFT(grid.sizes)
    for (index, layout) in Self.layouts.enumerated() {
      let normalization = Normalization.allCases[index % 3]
      let scales = normalization.scales(count: grid.count)
      let transform = RealTransform(gridShape: grid, normalization: normalization)
      let (batch, channels) = layout
      let x = Self.randomGrid(grid, batch: batch, channels: channels, &random)
      // Random values everywhere, so also imaginary parts that no real grid has.
      let z = Self.randomSpectrum(grid, batch: batch, channels: channels, &random)
      let spectrum = transform.forward(x)
      let back = transform.inverse(z)
      #expect(spectrum.batch == batch && spectrum.channels == channels)
      #expect(back.shape == x.shape)
      for item in 0..<batch {
        for channel in [0, channels / 2, channels - 1] {
          let expected = naive.forward(
            Self.row(x, item: item, channel: channel, width: grid.count)
          ).map { $0 * scales.forward }
          let found = Self.complexRow(spectrum, item: item, channel: channel)
          #expect(relativeError(found, expected) < 5e-7, "forward \(grid) \(layout)")
          let expectedBack = naive.inverse(Self.complexRow(z, item: item, channel: channel))
            .map { $0 * scales.inverse }
          let foundBack = Self.row(back, item: item, channel: channel, width: grid.count)
          #expect(relativeError(foundBack, expectedBack) < 5e-7, "inverse \(grid) \(layout)")
        }
      }
    }
  }

  @Test(arguments: grids) func inverseUndoesForward(grid: Shape) {
    var random = RandomSource(seed: 7, stream: UInt64(grid.count))
    let x = Self.randomGrid(grid, batch: 2, channels: 5, &random)
    for normalization in Normalization.allCases {
      let transform = RealTransform(gridShape: grid, normalization: normalization)
      let y = transform.inverse(transform.forward(x))
      #expect(relativeError(y.elements, x.elements.map(Double.init)) < 5e-7)
    }
  }

  @Test(arguments: grids) func adjointsMatchInnerProducts(grid: Shape) {
    var random = RandomSource(seed: 8, stream: UInt64(grid.count))
    for normalization in Normalization.allCases {
      let transform = RealTransform(gridShape: grid, normalization: normalization)
      let x = Self.randomGrid(grid, batch: 2, channels: 3, &random)
      let z = Self.randomSpectrum(grid, batch: 2, channels: 3, &random)
      // The inner products cancel, so errors are measured by the norms of what is multiplied.
      let (forward, adjoint) = (transform.forward(x).values, transform.forwardAdjoint(z))
      let size = (forward.sumOfSquares() * z.values.sumOfSquares()).squareRoot()
      #expect(abs(Self.dot(forward, z.values) - Self.dot(x, adjoint)) < 1e-6 * size)
      let (inverse, other) = (transform.inverse(z), transform.inverseAdjoint(x).values)
      let inverseSize = (inverse.sumOfSquares() * x.sumOfSquares()).squareRoot()
      #expect(abs(Self.dot(inverse, x) - Self.dot(z.values, other)) < 1e-6 * inverseSize)
    }
  }

  /// Parseval: the energy of a grid is that of all modes of its orthonormal spectrum.
  @Test(arguments: [[64], [81], [12, 10], [4, 6, 7]] as [Shape]) func keepsEnergy(grid: Shape) {
    var random = RandomSource(seed: 9)
    let x = Self.randomGrid(grid, batch: 1, channels: 1, &random)
    let spectrum = RealTransform(gridShape: grid, normalization: .orthonormal).forward(x)
    let modes = Self.complexRow(spectrum, item: 0, channel: 0)
    let kept = spectrum.modeShape.last
    let energy = (0..<modes.count / 2).reduce(0.0) { sum, k in
      let last = k % kept
      let counted = last == 0 || 2 * last == grid.last ? 1.0 : 2.0
      return sum + counted * (modes[2 * k] * modes[2 * k] + modes[2 * k + 1] * modes[2 * k + 1])
    }
    #expect(abs(energy / x.sumOfSquares() - 1) < 1e-6)
  }

  @Test(arguments: [([1000], 2, 40), ([53], 1, 7), ([24, 18], 3, 20)] as [(Shape, Int, Int)])
  func threadsDoNotShow(grid: Shape, batch: Int, channels: Int) {
    var random = RandomSource(seed: 10)
    let transform = RealTransform(gridShape: grid)
    let x = Self.randomGrid(grid, batch: batch, channels: channels, &random)
    let z = Self.randomSpectrum(grid, batch: batch, channels: channels, &random)
    func results() -> [Tensor] {
      [
        transform.forward(x).values, transform.inverse(z), transform.forwardAdjoint(z),
        transform.inverseAdjoint(x).values,
      ]
    }
    let one = withThreads(1) { results() }
    let two = withThreads(2) { results() }
    for (a, b) in zip(one, two) { #expect(bitsEqual(a, b)) }
  }

  /// The bits of a pair of channels do not depend on the channels and grids beside it.
  @Test(arguments: [[45], [1000], [12, 300]] as [Shape]) func pairsAreIndependent(grid: Shape) {
    var random = RandomSource(seed: 11)
    let x = Self.randomGrid(grid, batch: 3, channels: 37, &random)
    let transform = RealTransform(gridShape: grid)
    func pair(_ tensor: Tensor) -> Tensor {
      tensor.sliced(axis: 0, 1..<2).sliced(axis: 1 + grid.rank, 20..<22)
    }
    let spectrum = transform.forward(x)
    let alone = transform.forward(pair(x))
    #expect(bitsEqual(alone.values, pair(spectrum.values)))
    #expect(bitsEqual(transform.inverse(alone), pair(transform.inverse(spectrum))))
  }

  @Test func emptyBatchAndChannels() {
    let transform = RealTransform(gridShape: [6, 4])
    #expect(transform.forward(Tensor(zeros: [0, 6, 4, 2])).values.shape == [0, 6, 3, 2, 2])
    #expect(transform.forward(Tensor(zeros: [2, 6, 4, 0])).values.shape == [2, 6, 3, 0, 2])
    let none = Spectrum(zeros: [6, 4], batch: 0, channels: 2)
    #expect(transform.inverse(none).shape == [0, 6, 4, 2])
  }

  /// Long grids change the grouping of channels; a spot check by a wave of known frequency.
  @Test func longGrid() {
    let (length, frequency) = (1 << 19, 1234)
    let wave = (0..<length).map { n in
      Float(unitRoot(n * frequency % length, of: length).cosine)
    }
    let x = Tensor(wave.flatMap { [$0, 2 * $0] }, shape: [1, length, 2])
    let spectrum = RealTransform(gridShape: [length], normalization: .forward).forward(x)
    for channel in 0..<2 {
      let peak = spectrum[batch: 0, mode: [frequency], channel: channel]
      #expect(abs(peak.real - Float(channel + 1) / 2) < 1e-5 && abs(peak.imaginary) < 1e-5)
    }
    #expect(abs(spectrum.values.sumOfSquares() - (0.25 + 1)) < 1e-5)
  }

  @Test(arguments: grids) func doublePrecision(grid: Shape) {
    var random = RandomSource(seed: 12, stream: UInt64(grid.count))
    let transform = DoubleRealTransform.plan(grid)
    let naive = NaiveDFT(grid.sizes)
    let x = (0..<grid.count).map { _ in random.normal() }
    let z = (0..<2 * transform.modeCount).map { _ in random.normal() }
    for normalization in Normalization.allCases {
      let scales = normalization.scales(count: grid.count)
      let forward = transform.forward(x, normalization: normalization)
      #expect(relativeError(forward, naive.forward(x).map { $0 * scales.forward }) < 1e-13)
      let inverse = transform.inverse(z, normalization: normalization)
      #expect(relativeError(inverse, naive.inverse(z).map { $0 * scales.inverse }) < 1e-13)
      let back = transform.inverse(forward, normalization: normalization)
      #expect(relativeError(back, x) < 1e-13)
    }
  }
}
