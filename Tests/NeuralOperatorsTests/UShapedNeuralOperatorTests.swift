import Foundation
import Longwave
import TestSupport
import Testing

/// U-shaped operators, which in two dimensions have no original to compare with.
@Suite struct UShapedNeuralOperatorTests {
  typealias Layer = UShapedNeuralOperatorOptions.Layer

  static func options(axes: Int) -> UShapedNeuralOperatorOptions {
    func layer(_ channels: Int, _ modes: Int, _ scaling: Double) -> Layer {
      Layer(
        channels: channels, modes: Array(repeating: modes, count: axes),
        scaling: Array(repeating: scaling, count: axes))
    }
    var options = UShapedNeuralOperatorOptions(
      inputs: 2, outputs: 1, channels: 4,
      layers: [layer(4, 4, 1), layer(5, 3, 0.5), layer(5, 3, 1), layer(4, 4, 2)])
    (options.liftingChannels, options.projectionChannels) = (5, 6)
    options.block.channelSkip = .linear
    return options
  }

  static func model(_ options: UShapedNeuralOperatorOptions) -> UShapedNeuralOperator {
    var random = RandomSource(seed: 5)
    return UShapedNeuralOperator(options: options, using: &random)
  }

  @Test(arguments: [1, 2, 3], [false, true])
  func shapesAndGradients(axes: Int, isPadded: Bool) {
    var options = Self.options(axes: axes)
    #expect(options.horizontalSkips == [3: 0, 2: 1])
    if isPadded { options.padding = DomainPadding([0.25]) }
    let model = Self.model(options)
    expectEveryParameterVisited(model)
    let grid = Array([8, 12, 8].prefix(axes))
    var random = RandomSource(seed: 6)
    let x = Tensor(normal: Shape([1] + grid + [2]), using: &random)
    #expect(model(Variable(x)).shape == Shape([1] + grid + [1]))
    let wanted = Shape(grid.map { $0 + 3 })
    #expect(model(Variable(x), outputGrid: wanted).shape == Shape([1] + wanted.sizes + [1]))
    #expect(parameterGradientError(of: model) { $0(Variable(x, on: $1)) } < 5e-3)
  }

  @Test func layersGetTheChannelsOfTheirSkips() {
    let model = Self.model(Self.options(axes: 1))
    #expect(model.blocks.map(\.convolution.inputs) == [4, 4, 10, 9])
    #expect(model.blocks.map(\.convolution.outputs) == [4, 5, 5, 4])
    #expect(model.horizontalSkips.map { $0 != nil } == [true, true, false, false])
  }

  /// A smooth function on a finer grid is nearly the same operator's result on that grid.
  @Test func consistentAcrossResolutions() {
    func waves(_ n: Int) -> Tensor {
      let values = (0..<n * n * 2).map { i -> Float in
        let (x, y) = (Double(i / 2 / n) / Double(n), Double(i / 2 % n) / Double(n))
        return Float(sin(2 * .pi * x) * cos(2 * .pi * y) + Double(i % 2))
      }
      return Tensor(values, shape: [1, n, n, 2])
    }
    var options = Self.options(axes: 2)
    options.coordinates = nil
    // Connections that are resampled keep their ends, which is not exact; without them it is.
    options.horizontalSkips = [:]
    (options.block.skip, options.block.channelSkip) = (nil, nil)
    options.block.hasChannelPerceptron = false
    let model = Self.model(options)
    let (coarse, fine) = (model(Variable(waves(16))).value, model(Variable(waves(64))).value)
    var worst: Float = 0
    for x in 0..<16 {
      for y in 0..<16 { worst = max(worst, abs(coarse[0, x, y, 0] - fine[0, 4 * x, 4 * y, 0])) }
    }
    #expect(worst < 1e-4 * max(1, coarse.maximumMagnitude()))
  }
}
