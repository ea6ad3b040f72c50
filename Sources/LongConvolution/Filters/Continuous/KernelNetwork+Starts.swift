import Differentiation
import SequenceTensor

/// The networks of CKConv's code of 2021.
extension KernelNetwork {
  /// The three weight-normalised layers of CKConv's `KernelNet`.
  ///
  /// Weights start uniform in ±1/√inputs: the authors overwrite them afterwards (for SIREN uniform in
  /// ±1, then ±√(6/n)/ω), but what they overwrite is made anew from direction and length at the first
  /// use, so only their biases count: U(±1) for the sine, else such that the hidden units of the
  /// overwritten weights (deviation 0.01) would switch at positions spread over -1...1.
  static func ckconv(
    hidden: Int, outputs: Int, activation: KernelActivation,
    normalization: KernelNormalizationKind, frequency: Float, bias: Bool,
    using random: inout RandomSource
  ) -> KernelNetwork {
    let sizes = [(1, hidden), (hidden, hidden), (hidden, outputs)]
    let isSine = activation == .sine
    let biases =
      isSine
      ? sizes.map { Tensor(uniform: [$0.1], from: -1, to: 1, using: &random) }
      : spreadBiases(hidden: hidden, outputs: outputs, using: &random)
    let layers = zip(sizes, biases).map { size, values in
      let bound = 1 / Float(size.0).squareRoot()
      let weight = Tensor(uniform: [size.1, size.0], from: -bound, to: bound, using: &random)
      return KernelLayer(weight: weight, bias: bias ? values : nil, isNormalized: true)
    }
    var names = Names()
    names.layers = (0..<3).map { "kernel_net.\(4 * $0)" }
    names.normalizations = (0..<2).map { "kernel_net.\(4 * $0 + 2)" }
    return KernelNetwork(
      layers: layers,
      // The original leaves it out between sines.
      normalizations: isSine
        ? [] : (0..<2).compactMap { _ in KernelNormalization(normalization, units: hidden) },
      frequencies: isSine ? sines(2, frequency, isLearned: false) : [], activation: activation,
      names: names)
  }

  private static func spreadBiases(
    hidden: Int, outputs: Int, using random: inout RandomSource
  ) -> [Tensor] {
    let spread = Tensor(
      evenlySpaced(from: -1, to: 1, count: hidden).map { Float($0) }, shape: [hidden])
    let first = Tensor(normal: [hidden], deviation: 0.01, using: &random)
    let second = Tensor(normal: [hidden, hidden], deviation: 0.01, using: &random)
    let bias = (spread * first) * -1
    let step = hidden > 1 ? 2 / Float(hidden - 1) : 0
    let response = (spread + step) * first + bias
    return [
      bias, Tensor.matmul(second, response.reshaped(hidden, 1)).reshaped(hidden) * -1,
      Tensor(zeros: [outputs]),
    ]
  }

  /// CKConv's `RFNet`: features with V ~ N(0, (2πω)²), then max(0, ·) between two layers.
  static func ckconvFourier(
    hidden: Int, outputs: Int, frequency: Float, bias: Bool, using random: inout RandomSource
  ) -> KernelNetwork {
    var names = Names()
    names.embedding = "kernel_net.0"
    names.layers = ["kernel_net.1", "kernel_net.3"]
    return KernelNetwork(
      embedding: features(hidden, frequency, bias: true, using: &random),
      layers: [hidden, outputs].map { .standard($0, hidden, bias: bias, using: &random) },
      activation: .relu, names: names)
  }

  static func features(
    _ width: Int, _ frequency: Float, bias: Bool, using random: inout RandomSource
  ) -> KernelLayer {
    let weight = Tensor(normal: [width / 2, 1], deviation: 2 * .pi * frequency, using: &random)
    let phase = Tensor(uniform: [width / 2], from: -1, to: 1, using: &random)
    return KernelLayer(weight: weight, bias: bias ? phase : nil, isNormalized: false)
  }

  static func sines(_ count: Int, _ frequency: Float, isLearned: Bool) -> [Parameter] {
    (0..<count).map { _ in
      Parameter(Tensor([frequency]), isLearned ? ParameterOptions(weightDecay: 0) : .buffer)
    }
  }
}

/// The networks of FlexConv's and CCNN's code.
extension KernelNetwork {
  /// SIREN and nSIREN: the first weight U(±1), hidden ones U(±√(6/n)/ω).
  ///
  /// The last one as the hidden ones with FlexConv's biases U(±1/√inputs) (`kernel_bias_init` left
  /// out); CCNN's last weight is U(±√(3/n)), and its biases are zero.
  static func siren(
    _ options: FlexConvOptions, outputs: Int, using random: inout RandomSource
  ) -> KernelNetwork {
    let (count, hidden, isFirst) = (
      options.layers, options.hiddenChannels, options.variant == .flexconv
    )
    let layers = (0..<count).map { index in
      let isLast = index == count - 1
      let (inputs, width) = (index == 0 ? 1 : hidden, isLast ? outputs : hidden)
      let fan = Float(inputs)
      let bound: Float =
        index == 0
        ? 1
        : isLast && !isFirst
          ? (3 / fan).squareRoot() : (6 / fan).squareRoot() / max(options.frequency, 1e-6)
      let biasBound = isFirst ? 1 / fan.squareRoot() : 0
      return KernelLayer(
        weight: Tensor(uniform: [width, inputs], from: -bound, to: bound, using: &random),
        bias: options.hasBias
          ? Tensor(uniform: [width], from: -biasBound, to: biasBound, using: &random) : nil,
        isNormalized: options.normalizesWeights)
    }
    var names = Names()
    names.layers = (0..<count).map { index in
      index == count - 1 && !isFirst ? "output_linear" : "kernel_net.\(2 * index)"
    }
    names.frequencies = (0..<count - 1).map { "kernel_net.\(2 * $0).omega_0" }
    return KernelNetwork(
      layers: layers,
      frequencies: sines(count - 1, options.frequency, isLearned: options.learnsFrequency),
      activation: .sine, scalesBias: options.generator == .sine, names: names)
  }

  /// FlexConv's `MLP`: weights U(±1/√inputs), biases zero.
  static func perceptron(
    _ options: FlexConvOptions, outputs: Int, using random: inout RandomSource
  ) -> KernelNetwork {
    let (count, hidden) = (options.layers, options.hiddenChannels)
    let layers = (0..<count).map { index in
      KernelLayer.standard(
        index == count - 1 ? outputs : hidden, index == 0 ? 1 : hidden, bias: options.hasBias,
        startsAtZero: true, isNormalized: options.normalizesWeights, using: &random)
    }
    var names = Names()
    names.layers = (0..<count).map { "kernel_net.\(3 * $0)" }
    names.normalizations = (0..<count - 1).map { "kernel_net.\(3 * $0 + 1)" }
    return KernelNetwork(
      layers: layers,
      normalizations: (0..<count - 1).compactMap { _ in
        KernelNormalization(options.normalization, units: hidden)
      }, activation: options.activation, names: names)
  }

  /// CCNN's `RFNet`: features, hidden layers U(±√(3/n)·gain) with the nonlinearity's gain, biases zero.
  static func randomFourier(
    _ options: FlexConvOptions, outputs: Int, using random: inout RandomSource
  ) -> KernelNetwork {
    let (count, hidden) = (options.layers - 2, options.hiddenChannels)
    let gain: Float =
      switch options.activation {
      case .relu: 2
      case .leakyReLU: 2 / (1 + 1e-4)
      default: 1
      }
    let layers = (0...count).map { index in
      let bound = (3 * (index == count ? 1 : gain) / Float(hidden)).squareRoot()
      let width = index == count ? outputs : hidden
      return KernelLayer(
        weight: Tensor(uniform: [width, hidden], from: -bound, to: bound, using: &random),
        bias: options.hasBias ? Tensor(zeros: [width]) : nil, isNormalized: false)
    }
    var names = Names()
    names.embedding = "input_layers.linear"
    names.layers = (0..<count).map { "hidden_layers.\(3 * $0)" } + ["output_linear"]
    names.normalizations = (0..<count).map { "hidden_layers.\(3 * $0 + 1)" }
    return KernelNetwork(
      embedding: features(hidden, options.frequency, bias: options.hasBias, using: &random),
      layers: layers,
      normalizations: (0..<count).compactMap { _ in
        KernelNormalization(options.normalization, units: hidden)
      }, activation: options.activation, names: names)
  }
}
