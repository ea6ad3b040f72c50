import Longwave
import TestSupport
import Testing

/// Kernels that are functions of a position.
@Suite struct ContinuousFilterTests {
  static func flexOptions(_ variant: FlexConvOptions.Variant, isCausal: Bool) -> FlexConvOptions {
    var options = FlexConvOptions()
    (options.variant, options.isCausal) = (variant, isCausal)
    (options.hiddenChannels, options.layers) = (4, 2)
    (options.maskWidth, options.kernelLength, options.inputScale) = (0.3, 21, 3)
    return options
  }

  static let flexFilters = [
    flexOptions(.flexconv, isCausal: true), flexOptions(.ccnn, isCausal: true),
    flexOptions(.ccnn, isCausal: false),
  ]

  @Test(arguments: flexFilters) func flexConvIsCroppedWhereItsMaskEnds(options: FlexConvOptions) {
    var random = RandomSource(seed: 1)
    let cropped = FlexConvFilter(channels: 3, options: options, using: &random)
    expectEveryParameterVisited(cropped)
    var whole = options
    (whole.cropsKernel, whole.keepsVariance) = (false, false)
    random = RandomSource(seed: 1)
    var full = FlexConvFilter(channels: 3, options: whole, using: &random)
    // The starting scale of CCNN depends on the crop; take over everything.
    var values = cropped.parameters.makeIterator()
    full.forEachParameter { _, parameter in
      if let next = values.next() { parameter.value = next.parameter.value }
    }
    for length in [1, 2, 9, 20, 33] {
      let a = cropped.taps(length: length, on: nil).value
      let b = full.taps(length: length, on: nil).value
      #expect(a.shape == [options.isCausal ? length : 2 * length - 1, 3] && b.shape == a.shape)
      // σ·√(-2·log 0.1) = 2.146·σ of a half width of 1.
      let reach = Int((0.3 * 2.146 * 10).rounded(.up))
      let newest = options.isCausal ? 0 : length - 1
      for row in 0..<a.shape[0] {
        let isInside = abs(row - newest) < reach
        for c in 0..<3 {
          if isInside {
            #expect(abs(a[row, c] - b[row, c]) < 1e-6, "\(length), \(row)")
          } else if abs(row - newest) > reach {
            #expect(a[row, c] == 0, "\(length), \(row)")
          }
        }
      }
    }
  }

  @Test func gaborAndGaussianGradients() {
    var random = RandomSource(seed: 2)
    let positions = [1.0, 0.7, 0.1, -0.4, -1]
    let inputs = (0..<4).map { _ in Tensor(normal: [3], using: &random) }
    let gabor = GradientCheck.directionalError(
      of: {
        .gabor(positions, centre: $0[0], width: $0[1], frequency: $0[2], phase: $0[3])
      }, at: inputs, using: &random)
    #expect(gabor < 2e-3, "\(gabor)")
    let gaussian = GradientCheck.directionalError(
      of: { .gaussian(positions, mean: $0[0], width: $0[1], floor: 1e-8) },
      at: [Tensor([0.3]), Tensor([0.8])], using: &random)
    #expect(gaussian < 2e-3, "\(gaussian)")
  }

  @Test func ckconvResamples() {
    var random = RandomSource(seed: 3)
    var options = CKConvOptions()
    (options.hiddenChannels, options.frequency, options.trainLength) = (8, 3, 33)
    let filter = CKConvFilter(channels: 2, options: options, using: &random)
    expectEveryParameterVisited(filter)
    let taps = filter.taps(length: 33, on: nil).value
    // Half the sampling rate: every other position, twice as strong.
    let coarse = filter.taps(length: 17, on: nil).value
    for n in 0..<17 {
      for c in 0..<2 { #expect(abs(coarse[n, c] - 2 * taps[2 * n, c]) < 1e-5, "\(n)") }
    }
    // Twice the rate: half as strong, and smoothed, which a slow function hardly notices.
    let fine = filter.taps(length: 66, on: nil).value
    for n in 2..<32 {
      for c in 0..<2 { #expect(abs(fine[2 * n + 1, c] / 1.014 - 0.5 * taps[n, c]) < 0.05, "\(n)") }
    }
    #expect(filter.positions(length: 33).first == -1 && filter.positions(length: 33).last == 1)
    for length in [1, 2, 5, 16, 100] {
      #expect(filter.taps(length: length, on: nil).value.isFinite, "\(length)")
    }
  }

  @Test(arguments: KernelActivation.allCases) func ckconvNetworks(activation: KernelActivation) {
    var random = RandomSource(seed: 4)
    var options = CKConvOptions()
    (options.hiddenChannels, options.activation, options.trainLength) = (6, activation, 20)
    for hasBias in [true, false] {
      options.hasBias = hasBias
      let filter = CKConvFilter(channels: 6, options: options, using: &random)
      let layer = DenseConvolution(filter, inputs: 2, outputs: 3, bias: hasBias)
      expectEveryParameterVisited(layer)
      let tape = Tape()
      let x = tape.variable(Tensor(normal: [2, 20, 2], using: &random))
      let gradients = tape.gradients(of: layer(x, mask: nil))
      for (name, parameter) in layer.parameters where parameter.options.isTrainable {
        #expect(gradients[parameter.id]?.isFinite == true, "\(name)")
      }
    }
  }

  @Test func weightNormalizationGradients() {
    var random = RandomSource(seed: 5)
    let inputs = [
      Tensor(normal: [3, 4], using: &random), Tensor(normal: [3], using: &random),
    ]
    let error = GradientCheck.directionalError(
      of: { .weightNormalized(direction: $0[0], gain: $0[1]) }, at: inputs, using: &random)
    #expect(error < 2e-3)
  }

  @Test func movingPoints() {
    var random = RandomSource(seed: 6)
    var options = SMPConvOptions()
    (options.points, options.radius, options.kernelLength) = (5, 0.3, 30)
    var filter = SMPConvFilter(outputs: 3, inputs: 2, options: options, using: &random)
    expectEveryParameterVisited(filter)
    let taps = filter.taps(length: 40, on: nil).value
    for n in 0..<40 {
      let x = 1 - 2 * Double(n) / 29
      for o in 0..<3 {
        let heights = (0..<5).map { p in
          max(0, 1 - abs(Double(filter.coordinates.value[o, p]) - x) / Double(Float(0.3)))
        }
        let count = Double(heights.count { $0 != 0 }) + 1e-6
        for i in 0..<2 {
          let sum = heights.enumerated().reduce(0) {
            $0 + Double(filter.weights.value[o, i, $1.offset]) * $1.element
          }
          #expect(abs(Double(taps[n, o * 2 + i]) - (n < 30 ? sum / count : 0)) < 1e-7, "\(n)")
        }
      }
    }
    let error = GradientCheck.adjointError(
      of: {
        .movingPoints(
          [0.9, 0.5, 0.1, -0.3], centres: Variable(filter.coordinates.value),
          radii: Variable(filter.radii.value), weights: $0)
      }, at: filter.weights.value.shape, using: &random)
    #expect(error < 1e-6)
    filter.radii.value = Tensor(repeating: 5, shape: [3, 5])
    filter.clipRadii()
    #expect(filter.radii.value.maximumMagnitude() == 1)
  }

  @Test func gammaHasItsMoments() {
    for shape in [0.7, 2.0, 6.0] {
      var random = RandomSource(seed: 7)
      let values = (0..<20_000).map { _ in random.gamma(shape: shape) }
      let mean = values.reduce(0, +) / 20_000
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
      #expect(abs(mean - shape) < 0.03 * shape && abs(variance - shape) < 0.08 * shape)
    }
  }

  @Test func blocksOfEitherPlacement() {
    var random = RandomSource(seed: 8)
    for (placement, outputs) in [(NormalizationPlacement.pre, 5), (.post, 3), (.pre, 3)] {
      let filter = FlexConvFilter(
        channels: 3, options: Self.flexOptions(.ccnn, isCausal: true), using: &random)
      let block = ContinuousBlock(
        filter, outputs: outputs, normalization: .layer, placement: placement, using: &random)
      expectEveryParameterVisited(block)
      let x = Tensor(normal: [2, 15, 3], using: &random)
      let y = block(Variable(x), mask: nil).value
      #expect(y.shape == [2, 15, outputs] && y.isFinite)
      var changed = x
      changed[0, 9, 1] += 1
      let other = block(Variable(changed), mask: nil).value
      #expect(y.sliced(axis: 1, 0..<9) == other.sliced(axis: 1, 0..<9))
    }
  }
}
