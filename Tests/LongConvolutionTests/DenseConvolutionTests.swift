import Longwave
import TestSupport
import Testing

/// Convolutions from every input channel to every output channel, and kernels of few weights.
@Suite struct DenseConvolutionTests {
  /// The definition in double precision.
  static func sums(
    _ x: Tensor, _ k: Tensor, firstLag: Int, length: Int
  ) -> [Double] {
    var result: [Double] = []
    for b in 0..<x.shape[0] {
      for n in 0..<length {
        for o in 0..<k.shape[1] {
          var sum = 0.0
          for j in 0..<k.shape[0] {
            let row = n - firstLag - j
            guard row >= 0 && row < x.shape[1] else { continue }
            for i in 0..<x.shape[2] { sum += Double(k[j, o, i]) * Double(x[b, row, i]) }
          }
          result.append(sum)
        }
      }
    }
    return result
  }

  @Test(arguments: [
    (1, 1, 0, 1), (7, 3, 0, 7), (20, 5, -2, 20), (20, 5, -4, 16), (20, 4, 1, 25),
    (130, 120, 0, 130),
    (60, 119, -59, 60), (3, 9, 0, 3), (11, 2, -30, 11),
  ]) func definition(length: Int, taps: Int, firstLag: Int, outputLength: Int) {
    var random = RandomSource(seed: 1)
    let x = Tensor(normal: [2, length, 3], using: &random)
    let k = Tensor(normal: [taps, 4, 3], using: &random)
    func apply(_ parts: [Variable]) -> Variable {
      parts[0].convolvedDensely(with: parts[1], firstLag: firstLag, outputLength: outputLength)
    }
    let y = apply([Variable(x), Variable(k)]).value
    let expected = Self.sums(x, k, firstLag: firstLag, length: outputLength)
    #expect(y.shape == [2, outputLength, 4])
    let scale = Double(3 * taps).squareRoot()
    #expect(zip(y.elements, expected).allSatisfy { abs(Double($0) - $1) < 3e-6 * scale })
    let toInput = GradientCheck.adjointError(
      of: { apply([$0, Variable(k)]) }, at: x.shape, using: &random)
    let toKernel = GradientCheck.adjointError(
      of: { apply([Variable(x), $0]) }, at: k.shape, using: &random)
    #expect(toInput < 1e-6 && toKernel < 1e-6)
  }

  @Test(arguments: SpacingInterpolation.allCases) func spacedKernels(
    interpolation: SpacingInterpolation
  ) {
    var random = RandomSource(seed: 2)
    for size in [1, 8, 9] {
      let shape: Shape = [2, 3, 4]
      let weights = Tensor(normal: shape, using: &random)
      // Away from whole positions, where the shares have kinks.
      let limit = Double(size / 2)
      let places = Tensor(
        (0..<24).map { _ in
          Float(random.uniform(from: -limit, to: limit).rounded(.down) + 0.37)
        }, shape: shape)
      let widths = Tensor(uniform: shape, from: 0.2, to: 0.55, using: &random)
      let inputs = [weights, places] + (interpolation.hasWidth ? [widths] : [])
      func apply(_ parts: [Variable]) -> Variable {
        .spacedKernel(
          weights: parts[0], places: parts[1], widths: parts.count > 2 ? parts[2] : nil,
          size: size, interpolation: interpolation)
      }
      let error = GradientCheck.directionalError(of: apply, at: inputs, using: &random)
      #expect(error < 3e-3, "size \(size): \(error)")
      guard interpolation != .linear else { continue }
      // What falls on the kernel adds up to the weights.
      let total = apply(inputs.map { Variable($0) }).value.summedRows()
      let expected = weights.sum(axis: 2).reshaped(6)
      #expect(size < 8 || (total - expected).maximumMagnitude() < 2e-6)
    }
  }

  @Test func learnableSpacingsKeepTheLength() {
    var random = RandomSource(seed: 3)
    for size in [1, 4, 9] {
      var options = LearnableSpacingOptions()
      (options.kernelLength, options.groups) = (size, 2)
      var layer = LearnableSpacingConvolution(
        inputs: 4, outputs: 6, options: options, using: &random)
      expectEveryParameterVisited(layer)
      let x = Variable(Tensor(normal: [2, 13, 4], using: &random))
      #expect(layer(x, mask: nil).shape == [2, 13, 6])
      // Padding does not reach what counts.
      let mask = SequenceMask(lengths: [13, 5], length: 13)
      let cut = layer(Variable(x.value.sliced(axis: 1, 0..<5)), mask: nil).value
      let masked = layer(x, mask: mask).value.sliced(axis: 1, 0..<5)
      #expect((cut - masked).sliced(axis: 0, 1..<2).maximumMagnitude() < 1e-6)
      layer.places.value = layer.places.value * 100
      layer.clipPlaces()
      #expect(layer.places.value.maximumMagnitude() <= Float(size / 2))
    }
  }
}
