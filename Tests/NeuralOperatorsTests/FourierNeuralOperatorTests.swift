import Longwave
import TestSupport
import Testing

/// Fourier neural operators: every option runs, has gradients and keeps its shape.
@Suite struct FourierNeuralOperatorTests {
  static func model(
    _ options: FourierNeuralOperatorOptions, seed: UInt64 = 2
  ) -> FourierNeuralOperator {
    var random = RandomSource(seed: seed)
    return FourierNeuralOperator(options: options, using: &random)
  }

  static func field(_ shape: Shape, seed: UInt64 = 9) -> Tensor {
    var random = RandomSource(seed: seed)
    return Tensor(normal: shape, using: &random)
  }

  /// The defaults with one thing changed, by the name of the change.
  static let changes:
    [(name: String, change: @Sendable (inout FourierNeuralOperatorOptions) -> Void)] = [
      ("defaults", { _ in }),
      ("instance", { $0.block.normalization = .instance }),
      (
        "groups",
        {
          $0.block.normalization = .group
          $0.block.normalizationGroups = 2
        }
      ),
      ("batch", { $0.block.normalization = .batch }),
      (
        "adaptive",
        {
          $0.block.normalization = .adaptive
          $0.block.embeddingFeatures = 3
        }
      ),
      (
        "preactivated",
        {
          $0.block.isPreactivated = true
          $0.block.normalization = .instance
        }
      ),
      ("stabilised", { $0.block.isStabilized = true }),
      ("identity", { $0.block.skip = .identity }),
      ("gated", { $0.block.skip = .softGating }),
      ("no skips", { ($0.block.skip, $0.block.channelSkip) = (nil, nil) }),
      ("local", { $0.block.skipKernel = 3 }),
      ("no perceptron", { $0.block.hasChannelPerceptron = false }),
      ("tanh", { $0.block.activation = .tanh }),
      ("padding", { $0.padding = DomainPadding([0.2, 0.1]) }),
      ("padding at the end", { $0.padding = DomainPadding([0.3], isSymmetric: false) }),
      ("scaled", { $0.scaling = [[2, 1.5], [0.5, 1]] }),
      (
        "scaled and padded",
        {
          $0.scaling = [[2, 2], [1, 1]]
          $0.padding = DomainPadding([0.2])
        }
      ),
      ("no coordinates", { $0.coordinates = nil }),
      ("separable", { $0.block.convolution.isSeparable = true }),
      (
        "Tucker",
        { $0.block.convolution.factorization = WeightFactorization(.tucker, rank: .fraction(0.5)) }
      ),
      ("complex", { $0.block.convolution.hasComplexData = true }),
      (
        "complex and normalised",
        {
          $0.block.convolution.hasComplexData = true
          $0.block.normalization = .instance
          $0.block.isStabilized = true
          $0.scaling = [[1, 1], [2, 1]]
        }
      ),
    ]

  @Test(arguments: changes.map(\.name)) func everyParameterHasItsGradient(name: String) throws {
    var options = FourierNeuralOperatorOptions(modes: [4, 4], inputs: 2, outputs: 1, channels: 4)
    options.layers = 2
    let change = try #require(Self.changes.first { $0.name == name })
    change.change(&options)
    var model = Self.model(options)
    if options.block.normalization == .adaptive { model.embedding = Self.field([3]) }
    expectEveryParameterVisited(model)
    let isComplex = options.block.convolution.hasComplexData
    let x = Self.field(isComplex ? [2, 8, 6, 2, 2] : [2, 8, 6, 2])
    let tape = Tape()
    let y = model(Variable(x, on: tape))
    let factors = (options.scaling ?? []).reduce([1.0, 1.0]) { [$0[0] * $1[0], $0[1] * $1[1]] }
    let grid = [Int(8 * factors[0]), Int(6 * factors[1])]
    #expect(y.shape == Shape([2] + grid + (isComplex ? [1, 2] : [1])))
    let gradients = tape.gradients(of: y, seed: Self.field(y.shape, seed: 4))
    for (name, parameter) in model.parameters where parameter.options.isTrainable {
      #expect(gradients[parameter.id] != nil, "no gradient of \(name)")
    }
    // The thousands of parameters behind an embedding make steps along all of them long.
    let tolerance = options.block.normalization == .adaptive ? 2e-2 : 5e-3
    #expect(parameterGradientError(of: model) { $0(Variable(x, on: $1)) } < tolerance)
  }

  @Test(arguments: [1, 2, 3]) func oneToThreeAxes(axes: Int) {
    let options = FourierNeuralOperatorOptions(
      modes: Array(repeating: 4, count: axes), inputs: 1, outputs: 2, channels: 4)
    let grid = Array([7, 6, 5].prefix(axes))
    let y = Self.model(options)(Variable(Self.field(Shape([2] + grid + [1]))))
    #expect(y.shape == Shape([2] + grid + [2]))
    let wanted = Shape(grid.map { 2 * $0 })
    let fine = Self.model(options)(
      Variable(Self.field(Shape([2] + grid + [1]))), outputGrid: wanted)
    #expect(fine.shape == Shape([2] + wanted.sizes + [2]))
  }

  /// The fused primitive of a block against the same block in separate steps.
  @Test(arguments: [Activation.identity, .gelu]) func fusedLayersAreTheSum(activation: Activation) {
    var random = RandomSource(seed: 12)
    var options = FourierBlockOptions(modes: [5, 4])
    options.hasChannelPerceptron = false
    options.activation = activation
    let block = FourierBlock(inputs: 3, outputs: 5, options: options, isLast: true, using: &random)
    let x = Tensor(normal: [2, 30, 20, 3], using: &random)
    let seed = Tensor(normal: [2, 30, 20, 5], using: &random)
    func gradients(_ body: (Variable) -> Variable) -> (Tensor, [Tensor?]) {
      let tape = Tape()
      let input = tape.variable(x)
      let y = body(input)
      let gradients = tape.gradients(of: y, seed: seed)
      return (y.value, [gradients[input]] + block.parameters.map { gradients[$0.parameter.id] })
    }
    let fused = gradients { block($0) }
    let separate = gradients { x in block.skip.map { block.convolution(x) + $0(x) { $0($1) } } ?? x
    }
    #expect((fused.0 - separate.0).maximumMagnitude() < 1e-5)
    for (a, b) in zip(fused.1, separate.1) {
      guard let a, let b else {
        Issue.record("a gradient is missing")
        continue
      }
      #expect((a - b).maximumMagnitude() < 1e-5 * max(1, b.maximumMagnitude()))
    }
  }

  @Test func sizesOfThePublishedNets() {
    let nets: [(PublishedFourierNeuralOperatorOptions, Int)] = [
      (.burgers, 549_569), (.darcy, 2_368_001),
      // Without the 160 parameters of batch normalisations that the scripts do not use.
      (.navierStokesStep, 926_517 - 160), (.navierStokes, 6_558_537 - 160),
    ]
    for (options, count) in nets {
      var random = RandomSource(seed: 1)
      let net = PublishedFourierNeuralOperator(options: options, using: &random)
      #expect(net.parameterCount == count)
    }
  }

  @Test func publishedNetsHaveGradients() {
    for (frequencies, padding, grid) in [
      ([3], [2], [9]), ([2, 3], [0, 3], [8, 7]), ([2, 1, 2], [0, 1, 2], [5, 4, 4]),
    ] {
      var options = PublishedFourierNeuralOperatorOptions(
        inputs: 2, frequencies: frequencies, width: 4)
      options.padding = padding
      options.projection = 6
      options.layers = 2
      var random = RandomSource(seed: 3)
      var net = PublishedFourierNeuralOperator(options: options, using: &random)
      expectEveryParameterVisited(net)
      net.forEachParameter { _, parameter in
        parameter.value = Tensor(normal: parameter.value.shape, deviation: 0.4, using: &random)
      }
      let x = Self.field(Shape([2] + grid + [2]))
      // Without a tape the nonlinearities work in place.
      let (y, taped) = (net(Variable(x)).value, net(Tape().variable(x)).value)
      #expect(y.shape == Shape([2] + grid + [1]) && y == taped)
      #expect(parameterGradientError(of: net) { $0(Variable(x, on: $1)) } < 5e-3)
    }
  }

  /// The scripts' corner blocks land at the frequencies that they are for.
  @Test func cornerBlocksBecomeOneArray() throws {
    var options = PublishedFourierNeuralOperatorOptions(
      inputs: 1, frequencies: [2, 3, 2], width: 2)
    options.layers = 1
    var random = RandomSource(seed: 4)
    var net = PublishedFourierNeuralOperator(options: options, using: &random)
    var tensors = net.referenceTensors { $0.value }
    tensors["conv0.weights"] = nil
    for block in 0..<4 {
      tensors["conv0.weights\(block + 1)"] = Tensor(
        (0..<2 * 2 * 12 * 2).map { Float(block * 1000 + $0) }, shape: [2, 2, 2, 3, 2, 2])
    }
    tensors["bn0.weight"] = Tensor(zeros: [2])
    try net.load(ReferenceWeights(tensors, place: "test").joiningCornerBlocks(axes: 3))
    guard case .dense(let weight) = net.convolutions[0].weight else { return }
    #expect(weight.value.shape == [4, 6, 2, 2, 2, 2])
    // Frequency (-2, 1, 1) is the first of block 2 along x, the second along y and z.
    let inBlock = Float(((0 * 3 + 1) * 2 + 1) * 2)
    #expect(weight.value[0, 3 + 1, 1, 0, 0, 0] == 1000 + inBlock)
    // Frequency (1, -1, 0), from input 1 to output 0, imaginary part, is of block 3.
    let second = Float((((1 * 2 + 0) * 2 + 1) * 3 + 2) * 2 * 2 + 1)
    #expect(weight.value[2 + 1, 2, 0, 1, 0, 1] == 2000 + second)
  }

  @Test func growingModesLeavesTheMaximum() {
    var options = FourierNeuralOperatorOptions(modes: [2, 2], inputs: 1, outputs: 1, channels: 4)
    options.block.convolution.maximumModes = [8, 5]
    var model = Self.model(options)
    let x = Variable(Self.field([1, 16, 16, 1]))
    let before = model(x).value
    let count = model.parameterCount
    model.growModes(to: [6, 6])
    #expect(model.options.block.convolution.modes == [6, 6])
    #expect(model.options.block.convolution.maximumModes == [8, 5])
    #expect(model.parameterCount == count)
    #expect((model(x).value - before).maximumMagnitude() > 1e-4)
    model.growModes(to: [2, 2])
    #expect(model(x).value == before)
  }

  @Test func paddingIsRemovedAgain() {
    let padding = DomainPadding([0.2])
    #expect(padding == DomainPadding([0.2], isSymmetric: true))
    var options = FourierNeuralOperatorOptions(modes: [4], inputs: 1, outputs: 1, channels: 2)
    options.padding = padding
    #expect(Self.model(options)(Variable(Self.field([1, 10, 1]))).shape == [1, 10, 1])
  }
}
