public import Differentiation
public import Layers
public import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A kernel by a network of positions, under a Gaussian mask whose width is learned.
///
/// Romero, Bruintjes et al., "FlexConv: Continuous kernel convolutions with differentiable kernel
/// sizes", 2022, section 3.1, as in the authors' `ckconv/nn/ckconv.py`; and its successor in Knigge,
/// Romero et al., "Modelling long range dependencies in N-D: From task-specific to a general purpose
/// CNN", 2023 (CCNN), as in its `ckconv/nn/flexconv.py`. Taps at positions x in -1...1 are
/// mask(x)·network(x), and those where the mask is below its threshold are neither computed nor used.
///
/// Sequences longer than the kernel see zeros beyond it, shorter ones its newest taps. Depthwise as it
/// is ("separable"); in a `DenseConvolution` the original's full layer. A two-sided kernel of an even
/// number of taps, which the originals answer with a sequence one longer, has no tap at its last
/// future lag.
public struct FlexConvFilter: ContinuousFilter, ReferenceCompatible {
  enum Network: Module {
    case multiplicative(MultiplicativeNetwork)
    case perceptron(KernelNetwork)

    func callAsFunction(_ positions: [Double], on tape: Tape?) -> Variable {
      switch self {
      case .multiplicative(let network): network(positions, on: tape)
      case .perceptron(let network): network(positions, on: tape)
      }
    }

    /// Calls `body` with the last map.
    mutating func changeOutput(_ body: (inout KernelLayer) -> Void) {
      switch self {
      case .multiplicative(var network):
        body(&network.output)
        self = .multiplicative(network)
      case .perceptron(var network):
        body(&network.layers[network.layers.count - 1])
        self = .perceptron(network)
      }
    }

    mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
      switch self {
      case .multiplicative(var network):
        network.forEachParameter(body)
        self = .multiplicative(network)
      case .perceptron(var network):
        network.forEachParameter(body)
        self = .perceptron(network)
      }
    }

    mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
      switch self {
      case .multiplicative(var network):
        network.forEachReference(body)
        self = .multiplicative(network)
      case .perceptron(var network):
        network.forEachReference(body)
        self = .perceptron(network)
      }
    }
  }

  /// The settings.
  public let options: FlexConvOptions
  /// The number of channels of the taps.
  public let channels: Int
  var network: Network
  var mask: GaussianMask?

  /// Creates a filter.
  ///
  /// - Parameters:
  ///   - channels: the channels of the taps.
  ///   - options: the settings.
  ///   - inputs: how many input channels each output will add up: 1 if the filter is used depthwise.
  ///   - random: where the initial weights come from.
  /// - Precondition: sizes are positive; the code of the variant has the generator, and two-sided
  ///   kernels are CCNN's.
  public init(
    channels: Int, options: FlexConvOptions = FlexConvOptions(), inputs: Int = 1,
    using random: inout RandomSource
  ) {
    let isFirst = options.variant == .flexconv
    require(
      channels > 0 && options.hiddenChannels > 0 && options.kernelLength > 0 && inputs > 0
        && options.generator.exists(in: options.variant) && (!isFirst || options.isCausal)
        && options.layers >= options.fewestLayers
        && (options.generator != .randomFourier || options.hiddenChannels.isMultiple(of: 2)),
      "FlexConvFilter: \(channels) channels, \(inputs) inputs, \(options)")
    self.channels = channels
    self.options = options
    network = Self.network(options, channels: channels, using: &random)
    let mean: Float = options.isCausal ? 1 : 0
    if options.hasMask {
      mask =
        isFirst
        ? .joint(mean: mean, width: options.maskWidth)
        : .separate(
          mean: mean, width: options.maskWidth, learnsMean: options.learnsMaskMean)
    }
    if !isFirst, options.keepsVariance {
      scaleOutput(by: 1 / Float(inputs * usedPositions.count).squareRoot())
    }
  }

  private static func network(
    _ options: FlexConvOptions, channels: Int, using random: inout RandomSource
  ) -> Network {
    let isFirst = options.variant == .flexconv
    let functions: MultiplicativeNetwork.Functions
    switch options.generator {
    case .sine, .phasedSine:
      return .perceptron(.siren(options, outputs: channels, using: &random))
    case .perceptron:
      return .perceptron(.perceptron(options, outputs: channels, using: &random))
    case .randomFourier:
      return .perceptron(.randomFourier(options, outputs: channels, using: &random))
    case .gabor: functions = .anisotropicGabor
    case .isotropicGabor: functions = .isotropicGabor
    case .fourier: functions = .sine
    }
    let extent = options.hasMask ? options.maskWidth * 1.667 : 1
    // The authors hand their scale to Gabor functions only.
    let scale = functions == .sine ? 256 : options.inputScale
    return .multiplicative(
      MultiplicativeNetwork(
        functions, hidden: options.hiddenChannels, outputs: channels, layers: options.layers,
        extent: isFirst ? min(1, extent) : extent, bias: options.hasBias,
        style: isFirst
          ? .flexconv(inputScale: scale)
          : .ccnn(frequency: options.frequency, isCausal: options.isCausal),
        using: &random))
  }

  private mutating func scaleOutput(by factor: Float) {
    network.changeOutput { $0.weight.value = $0.weight.value * factor }
  }

  /// Lets the running statistics of the network's batch normalisations count on a tape too.
  public mutating func freezeStatistics() {
    guard case .perceptron(var perceptron) = network else { return }
    perceptron.freezeStatistics()
    network = .perceptron(perceptron)
  }

  /// Whether the kernel looks into the future.
  public var isBidirectional: Bool { !options.isCausal }

  /// A fixed number of taps.
  public var lengthSemantics: LengthSemantics { .crop }

  /// Of the positions of all taps those that the mask leaves.
  private var usedPositions: Range<Int> {
    let count = options.kernelLength
    guard let mask, options.cropsKernel, count > 1 else { return 0..<count }
    let roots = mask.roots(threshold: Double(options.maskThreshold))
    let step = 2 / Double(count - 1)
    guard options.isCausal else {
      let reach = max(abs(roots.low), abs(roots.high))
      guard reach < 1 else { return 0..<count }
      let index = Int((reach / step + 1e-8).rounded(.up))
      return max(0, count / 2 - (index - 1))..<min(count, count / 2 + index)
    }
    guard abs(roots.low) < 1 else { return 0..<count }
    switch options.variant {
    case .ccnn: return Int(((roots.low + 1) / step).rounded(.down))..<count
    case .flexconv:
      let positions = evenlySpaced(from: -1, to: 1, count: count)
      return (positions.firstIndex { $0 > roots.low } ?? count - 1)..<count
    }
  }

  /// The taps that the mask leaves.
  public func kernel(length: Int, on tape: Tape?) -> Variable {
    let used = usedPositions
    // The oldest tap comes first in the originals, the newest here.
    let positions = Array(
      evenlySpaced(from: -1, to: 1, count: options.kernelLength)[used].reversed())
    var taps = network(positions, on: tape)
    if let mask, options.masksKernel { taps = taps * mask(positions, on: tape) }
    if options.scale != 1 { taps = taps * options.scale }
    guard isBidirectional else { return taps }
    let centre = options.kernelLength / 2
    let (first, last) = (centre - used.upperBound + 1, centre - used.lowerBound)
    let reach = max(-first, last)
    return reach + first == 0 && reach == last
      ? taps : taps.padded(axis: 0, before: reach + first, after: reach - last)
  }

  /// Visits `network`, `mask`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("network", &network, body)
    visit("mask", &mask, body)
  }

  /// The authors' `Kernel.…` and `mask_params`, or `mask_mean_param` and `mask_width_param`.
  ///
  /// Their `train_length`, `mask_threshold`, `temperature` and `initialized` are settings here.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    network.forEachReference(body)
    guard var window = mask else { return }
    let isJoint = window.mean == nil
    body(
      isJoint
        ? ReferenceTensor("mask_params", shape: [1, 2], ours: [2])
        : ReferenceTensor("mask_width_param", shape: [1], ours: [1]), &window.width)
    window.mean.forEachValue {
      body(ReferenceTensor("mask_mean_param", shape: [1], ours: [1]), &$0)
    }
    mask = window
  }
}
