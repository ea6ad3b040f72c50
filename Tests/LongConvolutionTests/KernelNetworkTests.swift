import Longwave
import TestSupport
import Testing

/// Every network that makes a kernel, against its original's formula under its names.
@Suite struct KernelNetworkTests {
  struct Case: Sendable, CustomStringConvertible {
    var options: FlexConvOptions
    var description: String {
      "\(options.variant) \(options.generator) \(options.normalization) \(options.activation)"
    }

    init(
      _ variant: FlexConvOptions.Variant, _ generator: FlexConvOptions.Generator,
      _ change: (inout FlexConvOptions) -> Void = { _ in }
    ) {
      options = FlexConvOptions()
      (options.variant, options.generator) = (variant, generator)
      (options.hiddenChannels, options.layers, options.kernelLength) = (6, 4, 17)
      (options.hasMask, options.frequency, options.inputScale) = (false, 1.5, 3)
      change(&options)
    }
  }

  static let cases = [
    Case(.flexconv, .gabor), Case(.flexconv, .isotropicGabor), Case(.flexconv, .sine),
    Case(.flexconv, .fourier), Case(.flexconv, .fourier) { $0.hasBias = false },
    Case(.flexconv, .sine) { ($0.normalizesWeights, $0.learnsFrequency) = (true, true) },
    Case(.flexconv, .phasedSine), Case(.flexconv, .phasedSine) { $0.hasBias = false },
    Case(.flexconv, .perceptron) { $0.layers = 2 },
    Case(.flexconv, .perceptron) { ($0.activation, $0.normalization) = (.leakyReLU, .layer) },
    Case(.flexconv, .perceptron) {
      ($0.activation, $0.normalization, $0.normalizesWeights) = (.swish, .batch, true)
    },
    Case(.ccnn, .gabor), Case(.ccnn, .isotropicGabor), Case(.ccnn, .fourier),
    Case(.ccnn, .sine) { $0.hasBias = false },
    Case(.ccnn, .randomFourier) { ($0.activation, $0.normalization) = (.gelu, .batch) },
    Case(.ccnn, .randomFourier) { ($0.activation, $0.hasBias) = (.softplus, false) },
    Case(.ccnn, .randomFourier) { ($0.activation, $0.layers) = (.elu, 2) },
  ]

  /// A filter all of whose values, running statistics too, are far from their start.
  static func filter(_ options: FlexConvOptions) -> FlexConvFilter {
    var random = RandomSource(seed: 3)
    var filter = FlexConvFilter(channels: 5, options: options, inputs: 1, using: &random)
    filter.forEachParameter { name, parameter in
      let noise = Tensor(uniform: parameter.value.shape, from: 0.05, to: 0.3, using: &random)
      parameter.value = parameter.value + noise
    }
    return filter
  }

  static func oracle(_ filter: FlexConvFilter, _ positions: [Double]) -> [[Double]] {
    let options = filter.options
    let oracle = KernelOracle(tensors: filter.referenceTensors { $0.value })
    let x = positions.map { [$0] }
    let (count, isFirst) = (options.layers, options.variant == .flexconv)
    switch options.generator {
    case .gabor, .isotropicGabor, .fourier:
      return oracle.multiplicative(x, layers: count, name: isFirst ? "linear" : "linears")
    case .sine, .phasedSine:
      let layers = (0..<count).map {
        $0 == count - 1 && !isFirst ? "output_linear" : "kernel_net.\(2 * $0)"
      }
      return oracle.sines(x, layers: layers, scalesBias: options.generator == .sine)
    case .perceptron:
      return oracle.perceptron(
        x, layers: (0..<count).map { "kernel_net.\(3 * $0)" },
        norms: (0..<count - 1).map { "kernel_net.\(3 * $0 + 1)" },
        activation: options.activation)
    case .randomFourier:
      return oracle.perceptron(
        oracle.features("input_layers.linear", x),
        layers: (0..<count - 2).map { "hidden_layers.\(3 * $0)" } + ["output_linear"],
        norms: (0..<count - 2).map { "hidden_layers.\(3 * $0 + 1)" },
        activation: options.activation)
    }
  }

  @Test(arguments: cases) func valuesAreTheOriginals(_ test: Case) {
    let filter = Self.filter(test.options)
    expectEveryParameterVisited(filter)
    let taps = filter.kernel(length: 17, on: nil).value
    #expect(taps.shape == [17, 5])
    let expected = Self.oracle(filter, (0..<17).map { 1 - Double($0) / 8 }).flatMap { $0 }
    let size = expected.reduce(0) { max($0, abs($1)) }
    let error = zip(taps.elements, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    #expect(error < 3e-6 * max(1, size), "\(error) of \(size)")
  }

  @Test(arguments: cases) func gradients(_ test: Case) {
    var options = test.options
    // A difference across a kink is no slope.
    if options.activation == .leakyReLU { options.activation = .gelu }
    var filter = Self.filter(options)
    filter.freezeStatistics()
    expectParameterGradients(of: filter, tolerance: 2e-2) { $0.kernel(length: 17, on: $1) }
  }

  @Test func ckconvOfRandomFeaturesAndNormalizations() {
    var random = RandomSource(seed: 5)
    for normalization in KernelNormalizationKind.allCases {
      for usesFeatures in [false, true] {
        var options = CKConvOptions()
        (options.hiddenChannels, options.frequency, options.trainLength) = (6, 1, 9)
        (options.activation, options.normalization) = (.swish, normalization)
        options.usesRandomFeatures = usesFeatures
        var filter = CKConvFilter(channels: 4, options: options, using: &random)
        filter.forEachParameter { _, parameter in
          let noise = Tensor(uniform: parameter.value.shape, from: 0.05, to: 0.3, using: &random)
          parameter.value = parameter.value + noise
        }
        expectEveryParameterVisited(filter)
        let oracle = KernelOracle(tensors: filter.referenceTensors { $0.value })
        let x = (0..<9).map { [1 - Double($0) / 4] }
        let expected =
          usesFeatures
          ? oracle.perceptron(
            oracle.features("kernel_net.0", x), layers: ["kernel_net.1", "kernel_net.3"],
            norms: [], activation: .relu)
          : oracle.perceptron(
            x, layers: ["kernel_net.0", "kernel_net.4", "kernel_net.8"],
            norms: ["kernel_net.2", "kernel_net.6"], activation: .swish)
        let taps = filter.kernel(length: 9, on: nil).value
        let error = zip(taps.elements, expected.flatMap { $0 }).reduce(0) {
          max($0, abs(Double($1.0) - $1.1))
        }
        #expect(error < 5e-6, "\(normalization), features \(usesFeatures): \(error)")
      }
    }
  }

  /// A mask that only crops leaves the network's values as they are.
  @Test func maskThatOnlyCrops() {
    var options = Case(.flexconv, .gabor).options
    (options.hasMask, options.masksKernel, options.maskWidth) = (true, false, 0.3)
    let cropped = Self.filter(options).kernel(length: 17, on: nil).value
    let whole = Self.oracle(Self.filter(options), (0..<17).map { 1 - Double($0) / 8 })
    #expect(cropped.shape[0] < 17 && cropped.shape[0] > 2)
    for n in 0..<cropped.shape[0] {
      for c in 0..<5 { #expect(abs(Double(cropped[n, c]) - whole[n][c]) < 3e-6, "\(n)") }
    }
  }
}
