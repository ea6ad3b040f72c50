public import Differentiation
public import Layers
public import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A filter whose taps are parameters: the simple long convolution.
///
/// Fu, Epstein, Nguyen, Thomas, Zhang, Dao, Rudra and Ré, "Simple hardware-efficient long
/// convolutions for sequence modeling", 2023, sections 3.1 and 3.2, as `LongConvKernel` in the
/// authors' `long_conv_kernel.py` and the layers around it (`long_conv.py`,
/// `standalone_long_convs.py`): h = dropout(squash(smooth(taps))) with
///
///     squash(k) = sign(k)·max(0, |k| - λ),
///
/// which has no gradient where |k| ≤ λ. Used as `LongConvolution<FreeFilter>`.
///
/// **Lengths.** A shorter sequence sees the taps of the lags that it has, a longer one zeros beyond
/// l_max; see `FreeFilterOptions.wrapsAround` for what the original does instead.
///
/// The learned transforms of the authors' `block_fft_conv` are not here.
///
/// - Complexity: O(rows·channels), with smoothing in frequency O(rows·log(rows)·channels).
public struct FreeFilter: LongFilter, ReferenceCompatible {
  /// The settings.
  public let options: FreeFilterOptions
  /// The number of input channels.
  public let inputChannels: Int
  /// The taps, `[rows, channels]`.
  ///
  /// Of a bidirectional filter they are `[rows, 2·channels]`, the second half
  /// of the channels for lags -1, -2, …
  public var kernel: Parameter

  /// Creates a filter with random taps.
  ///
  /// - Precondition: sizes are positive; a window of smoothing in time is odd.
  public init(
    channels inputChannels: Int, options: FreeFilterOptions = FreeFilterOptions(),
    using random: inout RandomSource
  ) {
    require(
      inputChannels > 0 && options.copies > 0 && options.maximumLength > 0
        && options.smoothingWindow > 0
        && (options.smoothing != .time || options.smoothingWindow % 2 == 1)
        && (options.smoothing != .frequency || options.rows > 1)
        && options.dropout >= 0 && options.dropout < 1,
      "FreeFilter: \(inputChannels) channels, \(options)")
    self.options = options
    self.inputChannels = inputChannels
    let columns = inputChannels * options.copies * (options.support == .bidirectional ? 2 : 1)
    let deviation: Float = options.initialization == .normal ? 0.002 : 0.02
    var taps = Tensor(normal: [options.rows, columns], deviation: deviation, using: &random)
    if options.initialization == .doubleExponential {
      taps = taps * Self.doubleExponential(options.rows, inputChannels, columns)
    }
    kernel = Parameter(
      taps, ParameterOptions(learningRate: options.learningRate, weightDecay: options.weightDecay))
  }

  /// exp(-(j/rows)·⌊H/2⌋^(i/H)) in row j and the columns of channel i.
  private static func doubleExponential(_ rows: Int, _ channels: Int, _ columns: Int) -> Tensor {
    let half = Double(channels / 2)
    let rates = (0..<channels).map { i in
      // 0 to the power 0 is 1.
      half > 0 ? pow(half, Double(i) / Double(channels)) : i == 0 ? 1 : 0
    }
    func value(_ row: Int, _ column: Int) -> Float {
      let position = Double(row) / Double(rows)
      return Float(exp(-position * rates[column % channels]))
    }
    return Tensor(
      (0..<rows).flatMap { row in (0..<columns).map { value(row, $0) } }, shape: [rows, columns])
  }

  /// The number of channels of the taps.
  public var channels: Int { inputChannels * options.copies }

  /// Whether there are taps for the future.
  public var isBidirectional: Bool { options.support != .causal || options.wrapsAround }

  /// Zeros beyond l_max.
  public var lengthSemantics: LengthSemantics { .crop }

  /// The taps of all lags, smoothed, squashed and, on a tape, dropped out, in the layout of
  /// `kernel`; smoothing in frequency makes an odd number of rows even by leaving one out.
  public func regularizedKernel(on tape: Tape?) -> Variable {
    var taps = kernel(on: tape)
    switch options.smoothing {
    case .none: break
    case .time: taps = taps.smoothedInTime(window: options.smoothingWindow)
    case .frequency: taps = taps.smoothedInFrequency(window: options.smoothingWindow)
    }
    return taps.squashed(options.squash).dropout(options.dropout)
  }

  /// The taps for a sequence of a length.
  public func taps(length: Int, on tape: Tape?) -> Variable {
    let kernel = regularizedKernel(on: tape)
    guard isBidirectional else { return kernel.rows(0..<length) }
    let ring = options.wrapsAround ? wrapped(kernel, length: length) : unwrapped(kernel, length)
    let size = options.wrapsAround ? length + min(length, options.maximumLength) : ring.shape[0]
    let past = ring.rows(0..<length)
    guard length > 1 else { return past }
    // Lag -d is row size - d of the ring.
    return .concatenated([ring.rows(size - length + 1..<size), past], axis: 0)
  }

  /// A ring with room for all lags of a sequence, where each tap stands at its own.
  private func unwrapped(_ kernel: Variable, _ length: Int) -> Variable {
    let reach = max(length, options.maximumLength)
    if options.support == .bidirectional {
      let (past, future) = halves(kernel)
      let ahead = future.flipped(axis: 0).padded(axis: 0, before: reach - future.shape[0])
      return .concatenated([past.rows(0..<reach), ahead], axis: 0)
    }
    let past = kernel.rows(0..<options.maximumLength).rows(0..<reach)
    let future = kernel.rows(options.maximumLength..<2 * options.maximumLength)
    return .concatenated(
      [past, future.padded(axis: 0, before: reach - options.maximumLength)], axis: 0)
  }

  /// The rows that the original hands to its transform of length + min(length, l_max) points.
  private func wrapped(_ kernel: Variable, length: Int) -> Variable {
    let size = length + min(length, options.maximumLength)
    guard options.support == .bidirectional else { return kernel.rows(0..<size) }
    let (past, future) = halves(kernel)
    let sum =
      past.padded(axis: 0, after: length)
      + future.flipped(axis: 0).padded(axis: 0, before: length)
    return sum.rows(0..<size)
  }

  private func halves(_ kernel: Variable) -> (past: Variable, future: Variable) {
    (
      kernel.sliced(axis: 1, 0..<channels), kernel.sliced(axis: 1, channels..<2 * channels)
    )
  }

  /// Visits `kernel`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("kernel", &kernel)
  }

  /// The name of safari's `LongConvKernel`: `kernel`, `[sets·copies, input channels, rows]`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    let (rows, columns) = (kernel.value.shape[0], kernel.value.shape[1])
    let shape: Shape = [columns / inputChannels, inputChannels, rows]
    body(
      ReferenceTensor(
        "kernel", shape: shape, toOurs: { $0.reshaped(columns, rows).transposed() },
        toTheirs: { $0.transposed().reshaped(to: shape) }), &kernel)
  }
}

extension Variable {
  /// The rows of a range; those beyond the last are zero.
  fileprivate func rows(_ range: Range<Int>) -> Variable {
    let known = range.clamped(to: 0..<shape[0])
    let part = known == 0..<shape[0] ? self : sliced(axis: 0, known)
    let missing = range.count - known.count
    return missing > 0 ? part.padded(axis: 0, after: missing) : part
  }
}
