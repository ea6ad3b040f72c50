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
    case gabor(GaborNetwork)
    case sine(KernelNetwork)

    mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
      switch self {
      case .gabor(var network):
        network.forEachParameter(body)
        self = .gabor(network)
      case .sine(var network):
        network.forEachParameter(body)
        self = .sine(network)
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
  /// - Precondition: sizes are positive; SIREN and two-sided kernels are CCNN's.
  public init(
    channels: Int, options: FlexConvOptions = FlexConvOptions(), inputs: Int = 1,
    using random: inout RandomSource
  ) {
    let isFirst = options.variant == .flexconv
    require(
      channels > 0 && options.hiddenChannels > 0 && options.kernelLength > 0 && inputs > 0
        && (!isFirst || options.isCausal && options.generator == .gabor),
      "FlexConvFilter: \(channels) channels, \(inputs) inputs, \(options)")
    self.channels = channels
    self.options = options
    switch options.generator {
    case .sine:
      network = .sine(
        .siren(
          hidden: options.hiddenChannels, outputs: channels, layers: options.layers,
          frequency: options.frequency, using: &random))
    case .gabor:
      let extent = options.hasMask ? options.maskWidth * 1.667 : 1
      network = .gabor(
        GaborNetwork(
          hidden: options.hiddenChannels, outputs: channels, layers: options.layers,
          extent: isFirst ? min(1, extent) : extent,
          style: isFirst
            ? .flexconv(inputScale: options.inputScale)
            : .ccnn(frequency: options.frequency, isCausal: options.isCausal),
          using: &random))
    }
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

  private mutating func scaleOutput(by factor: Float) {
    switch network {
    case .gabor(var gabor):
      gabor.output.weight.value = gabor.output.weight.value * factor
      network = .gabor(gabor)
    case .sine(var sine):
      let last = sine.layers.count - 1
      sine.layers[last].weight.value = sine.layers[last].weight.value * factor
      network = .sine(sine)
    }
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
    var taps =
      switch network {
      case .gabor(let network): network(positions, on: tape)
      case .sine(let network): network(positions, on: tape)
      }
    if let mask { taps = taps * mask(positions, on: tape) }
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
    switch network {
    case .gabor(var gabor):
      gabor.forEachReference(body)
      network = .gabor(gabor)
    case .sine(var sine):
      sine.forEachReference(body)
      network = .sine(sine)
    }
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
