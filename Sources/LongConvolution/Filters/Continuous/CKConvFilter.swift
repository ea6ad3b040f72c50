public import Differentiation
public import Layers
public import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The settings of a `CKConvFilter`.
public struct CKConvOptions: Sendable, Hashable, Codable {
  /// The hidden units of the kernel network ("hidden_channels", 32 in the authors' experiments).
  public var hiddenChannels = 32
  /// Whether it sees random Fourier features of the position ("activation_function" =
  /// "RandomFourier"): then it has one layer less, max(0, x) between them and plain weights.
  public var usesRandomFeatures = false
  /// Its nonlinearity otherwise ("activation_function").
  public var activation: KernelActivation = .sine
  /// Its normalisation where the nonlinearity is no sine ("norm_type").
  public var normalization: KernelNormalizationKind = .none
  /// ω of the sine and of random features ("omega_0"), tuned for each of the authors' tasks between 1 and 71.
  public var frequency: Float = 30
  /// Whether the network's layers have biases ("bias").
  public var hasBias = true
  /// Dropout of taps ("weight_dropout").
  public var dropout: Float = 0
  /// The length that positions -1...1 stand for ("train_length", there that of the first input).
  public var trainLength = 1024
  /// Whether another length is another sampling rate of the same duration, as in the original.
  ///
  /// If not, lags keep their positions, and those beyond the training length go on below -1: what
  /// batches of many lengths need, since padding must not change the taps.
  public var resamples = true

  /// The defaults.
  public init() {}
}

/// A kernel that is a function of a relative position, by a small network.
///
/// Romero et al., "CKConv: Continuous kernel convolution for sequential data", 2022, as in
/// `ckconv/nn/ckconv.py` of the authors' code. The lag 0 lies at the last position, so that for the
/// training length the taps of lags 0, 1, … are the network's values at 1, …, -1. Another length is
/// taken for another sampling rate: with r = round(trainLength/length), or 1/round(length/trainLength),
/// positions are r times as far apart and taps are multiplied by r; if r < 1 the interior of the
/// kernel is smoothed with a Gaussian of deviation 0.5 over 2/r + 1 taps.
///
/// Depthwise as it is; in a `DenseConvolution` the original's layer. Weight normalisation discards the
/// authors' initial weights, see `KernelNetwork`.
public struct CKConvFilter: ContinuousFilter, ReferenceCompatible {
  /// The settings.
  public let options: CKConvOptions
  /// The number of channels of the taps.
  public let channels: Int
  /// The network from positions to taps.
  public var network: KernelNetwork

  /// Creates a filter with a random network.
  ///
  /// - Precondition: sizes are positive, and the hidden units of random features even.
  public init(
    channels: Int, options: CKConvOptions = CKConvOptions(), using random: inout RandomSource
  ) {
    require(
      channels > 0 && options.hiddenChannels > 0 && options.trainLength > 0
        && (!options.usesRandomFeatures || options.hiddenChannels.isMultiple(of: 2)),
      "CKConvFilter: \(channels) channels, \(options)")
    self.channels = channels
    self.options = options
    network =
      options.usesRandomFeatures
      ? .ckconvFourier(
        hidden: options.hiddenChannels, outputs: channels, frequency: options.frequency,
        bias: options.hasBias, using: &random)
      : .ckconv(
        hidden: options.hiddenChannels, outputs: channels, activation: options.activation,
        normalization: options.normalization, frequency: options.frequency,
        bias: options.hasBias, using: &random)
  }

  /// Lets the running statistics of the network's batch normalisations count on a tape too.
  public mutating func freezeStatistics() { network.freezeStatistics() }

  /// The past only.
  public var isBidirectional: Bool { false }

  /// Samples of a function, at another rate for another length; or its values for all lags.
  public var lengthSemantics: LengthSemantics { options.resamples ? .resample : .extrapolate }

  /// r: how many steps of the training's one step for a length is.
  func rate(length: Int) -> Double {
    guard options.resamples else { return 1 }
    let (train, current) = (Double(options.trainLength), Double(length))
    return train > current
      ? (train / current).rounded(.toNearestOrEven)
      : 1 / (current / train).rounded(.toNearestOrEven)
  }

  /// The positions of the last lag to lag 0, as the original passes them to its network.
  public func positions(length: Int) -> [Double] {
    let rate = rate(length: length)
    let step = 2 / Double(max(1, options.trainLength - 1))
    guard options.resamples else {
      return evenlySpaced(from: 1 - Double(length - 1) * step, to: 1, count: length)
    }
    let last =
      rate > 1
      ? 1 - Double(options.trainLength - 1).truncatingRemainder(dividingBy: rate) * step
      : 1 + Double(length - 1).truncatingRemainder(dividingBy: 1 / rate) * step * rate
    return evenlySpaced(from: -1, to: last, count: length)
  }

  /// `[length, channels]`.
  public func kernel(length: Int, on tape: Tape?) -> Variable {
    let rate = rate(length: length)
    var taps = network(positions(length: length).reversed(), on: tape)
      .dropout(options.dropout)
    if rate < 1 { taps = taps.smoothed(over: 2 * Int(1 / rate) + 1, deviation: 0.5) }
    return rate == 1 ? taps : taps * Float(rate)
  }

  /// Visits the network's layers.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("network", &network, body)
  }

  /// The authors' `Kernel.kernel_net.0`, `.4` and `.8`, or `.0`, `.1` and `.3` of random features.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    network.forEachReference(body)
  }
}

extension Variable {
  /// Rows averaged with their neighbours by samples of a Gaussian, which add up to 1.014 for the
  /// deviation 0.5 and are not normalised; the rows at the ends, which lack neighbours, stay.
  fileprivate func smoothed(over count: Int, deviation: Double) -> Variable {
    let (rows, half) = (shape[0], count / 2)
    guard rows > 2 * half else { return self }
    let scale = 1 / (deviation * (2 * Double.pi).squareRoot())
    let weights = (-half...half).map { offset in
      Float(scale * exp(-Double(offset * offset) / (2 * deviation * deviation)))
    }
    let parts = weights.enumerated().map { offset, weight in
      sliced(axis: 0, offset..<offset + rows - 2 * half) * weight
    }
    let interior = parts.dropFirst().reduce(parts[0], +)
    return .concatenated(
      [sliced(axis: 0, 0..<half), interior, sliced(axis: 0, rows - half..<rows)], axis: 0)
  }
}
