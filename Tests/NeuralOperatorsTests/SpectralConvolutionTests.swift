import Foundation
import Longwave
import TestSupport
import Testing

/// Spectral convolutions against the definition, and what follows from it.
@Suite struct SpectralConvolutionTests {
  static func layer(
    _ options: SpectralConvolutionOptions, inputs: Int, outputs: Int, seed: UInt64 = 3
  ) -> SpectralConvolution {
    var random = RandomSource(seed: seed)
    return SpectralConvolution(inputs: inputs, outputs: outputs, options: options, using: &random)
  }

  /// A sum of waves sin and cos of frequencies up to `most`, sampled on a grid of two axes.
  static func waves(_ grid: Shape, most: Int, channels: Int) -> Tensor {
    var elements: [Float] = []
    for x in 0..<grid[0] {
      for y in 0..<grid[1] {
        for c in 0..<channels {
          var value = 0.3 * Double(c)
          for k in -most...most {
            for l in 0...most {
              let phase =
                2 * Double.pi * (Double(k * x) / Double(grid[0]) + Double(l * y) / Double(grid[1]))
              value += cos(phase + Double(c)) / Double(1 + abs(k) + 2 * l)
            }
          }
          elements.append(Float(value))
        }
      }
    }
    return Tensor(elements, shape: Shape([1] + grid.sizes + [channels]))
  }

  /// One axis, by sums in double precision.
  @Test(arguments: [(8, 4), (9, 5), (16, 20), (7, 7), (1, 3)])
  func oneAxisIsTheDefinition(size: Int, modes: Int) {
    let layer = Self.layer(SpectralConvolutionOptions(modes: [modes]), inputs: 2, outputs: 3)
    var random = RandomSource(seed: 8)
    let x = Tensor(normal: [2, size, 2], using: &random)
    let y = layer(Variable(x)).value
    guard case .dense(let weight) = layer.weight else { return }
    let kept = min(modes / 2 + 1, size / 2 + 1)
    var worst = 0.0
    for b in 0..<2 {
      for n in 0..<size {
        for o in 0..<3 {
          var sum = Double(layer.bias?.value[o] ?? 0)
          for k in 0..<kept {
            let isReal = k == 0 || 2 * k == size
            for i in 0..<2 {
              let w = (Double(weight.value[k, i, o, 0]), Double(weight.value[k, i, o, 1]))
              var (re, im) = (0.0, 0.0)
              for m in 0..<size {
                let angle = 2 * Double.pi * Double(k * m) / Double(size)
                re += Double(x[b, m, i]) * cos(angle) / Double(size)
                im -= Double(x[b, m, i]) * sin(angle) / Double(size)
              }
              let angle = 2 * Double.pi * Double(k * n) / Double(size)
              let product = (re * w.0 - im * w.1, re * w.1 + im * w.0)
              sum += (isReal ? 1 : 2) * product.0 * cos(angle)
              if !isReal { sum -= 2 * product.1 * sin(angle) }
            }
          }
          worst = max(worst, abs(sum - Double(y[b, n, o])))
        }
      }
    }
    #expect(worst < 2e-6)
  }

  @Test func bandsAreThoseOfTheOriginal() {
    var options = SpectralConvolutionOptions(modes: [6, 7, 9])
    #expect(options.keptModes == [6, 7, 5])
    options.hasComplexData = true
    #expect(options.keptModes == [6, 7, 9])
    options = SpectralConvolutionOptions(modes: [4, 4])
    options.maximumModes = [10, 10]
    #expect(options.weightModes == [10, 10])
    let layer = Self.layer(options, inputs: 2, outputs: 2)
    #expect(layer.parameters[0].parameter.value.shape == [10, 10, 2, 2, 2])
  }

  /// One frequency goes in, and the same comes out, times its weight.
  @Test(arguments: [(-2, 1), (1, 0), (-1, 2), (0, 0)])
  func oneModeGivesOneMode(frequency: (Int, Int)) {
    var options = SpectralConvolutionOptions(modes: [4, 4])
    options.hasBias = false
    var layer = Self.layer(options, inputs: 1, outputs: 1)
    guard case .dense(var weight) = layer.weight else { return }
    let row = frequency.0 + 2
    weight.value = Tensor(zeros: weight.value.shape)
    weight.value[row, frequency.1, 0, 0, 0] = 1.5
    layer.weight = .dense(weight)
    let x = Self.waves([10, 9], most: 3, channels: 1)
    let y = layer(Variable(x)).value
    var worst: Float = 0
    for a in 0..<10 {
      for b in 0..<9 {
        let phase =
          2 * Double.pi
          * (Double(frequency.0 * a) / 10 + Double(frequency.1 * b) / 9)
        let expected = cos(phase) / Double(1 + abs(frequency.0) + 2 * frequency.1)
        worst = max(worst, abs(y[0, a, b, 0] - Float(1.5 * expected)))
      }
    }
    #expect(worst < 2e-6)
  }

  @Test func theSameFunctionAtEveryResolution() {
    let layer = Self.layer(SpectralConvolutionOptions(modes: [6, 6]), inputs: 2, outputs: 3)
    let coarse = layer(Variable(Self.waves([12, 10], most: 4, channels: 2))).value
    let fine = layer(Variable(Self.waves([24, 30], most: 4, channels: 2))).value
    let grown = layer(
      Variable(Self.waves([12, 10], most: 4, channels: 2)), outputGrid: [24, 30]
    ).value
    var (worst, direct): (Float, Float) = (0, 0)
    for x in 0..<12 {
      for y in 0..<10 {
        for c in 0..<3 {
          worst = max(worst, abs(coarse[0, x, y, c] - fine[0, 2 * x, 3 * y, c]))
        }
      }
    }
    direct = (fine - grown).maximumMagnitude()
    #expect(worst < 5e-6)
    #expect(direct < 5e-6)
  }

  @Test(arguments: [0.5, 2.0]) func scalingChangesTheGrid(factor: Double) {
    for size in [8, 9] {
      var options = SpectralConvolutionOptions(modes: [4, 5, 7])
      options.resolutionScaling = [factor, factor, factor]
      let layer = Self.layer(options, inputs: 1, outputs: 2)
      let y = layer(Variable(Tensor(repeating: 1, shape: [1, size, size, size, 1])))
      let expected = Int((Double(size) * factor).rounded(.toNearestOrEven))
      #expect(y.shape == [1, expected, expected, expected, 2])
    }
  }

  static let variants: [SpectralConvolutionOptions] = {
    var maximal = SpectralConvolutionOptions(modes: [4, 5])
    maximal.maximumModes = [7, 6]
    var separable = SpectralConvolutionOptions(modes: [3, 4])
    separable.isSeparable = true
    var scaled = SpectralConvolutionOptions(modes: [5, 6])
    scaled.resolutionScaling = [1.5, 0.5]
    scaled.normalization = .orthonormal
    var complex = SpectralConvolutionOptions(modes: [4, 4])
    complex.hasComplexData = true
    var wide = SpectralConvolutionOptions(modes: [13, 20])
    wide.normalization = .backward
    let all = [maximal, separable, scaled, complex, wide]
    return all.map {
      var options = $0
      options.hasBias = false
      return options
    }
  }()

  @Test(arguments: variants) func linearInItsInput(options: SpectralConvolutionOptions) {
    let layer = Self.layer(options, inputs: 3, outputs: 3)
    var random = RandomSource(seed: 5)
    let shape: Shape = options.hasComplexData ? [2, 6, 7, 3, 2] : [2, 6, 7, 3]
    #expect(GradientCheck.adjointError(of: { layer($0) }, at: shape, using: &random) < 2e-6)
  }

  @Test(arguments: variants) func gradientsOfItsWeights(options: SpectralConvolutionOptions) {
    var options = options
    options.hasBias = true
    let layer = Self.layer(options, inputs: 3, outputs: 3)
    expectEveryParameterVisited(layer)
    var random = RandomSource(seed: 6)
    let shape: Shape = options.hasComplexData ? [2, 6, 7, 3, 2] : [2, 6, 7, 3]
    let x = Tensor(normal: shape, using: &random)
    #expect(parameterGradientError(of: layer) { $0(Variable(x, on: $1)) } < 2e-3)
  }

  @Test func modesGrowAndTheMaximumStays() {
    var options = SpectralConvolutionOptions(modes: [2, 2])
    options.maximumModes = [6, 4]
    var layer = Self.layer(options, inputs: 2, outputs: 2)
    let before = layer.parameters[0].parameter
    let x = Variable(Self.waves([12, 12], most: 4, channels: 2))
    let small = layer(x).value
    layer.growModes(to: [6, 6])
    #expect(layer.options.maximumModes == [6, 4])
    #expect(layer.parameters[0].parameter.value == before.value)
    let large = layer(x).value
    #expect((small - large).maximumMagnitude() > 1e-3)
    layer.growModes(to: [2, 2])
    #expect(layer(x).value == small)
  }
}
