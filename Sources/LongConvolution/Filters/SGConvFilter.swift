public import Differentiation
import Layers
public import SequenceTensor
import SpectralCore

/// The multiscale filter of SGConv.
///
/// Li, Cai, Zhang, Chen and Dey, "What makes convolutional models great on long sequence
/// modeling?", 2022, section 4; all modes of the authors' `GConv`. S pieces of d taps are
/// stretched to scales that double, weighted so that far scales are faint, and joined; the whole
/// is divided by its norm at first use, which is kept as a buffer. A sequence longer than the
/// filter sees zeros beyond it, a shorter one its beginning.
public struct SGConvFilter: LongFilter {
  /// The settings.
  public let options: SGConvOptions
  /// The number of input channels.
  public let inputChannels: Int
  /// The pieces for lags 0, 1, 2, …: S of `[d, channels]`.
  public var past: [Parameter]
  /// The pieces for lags -1, -2, …, if the filter is bidirectional.
  public var future: [Parameter]
  /// The per-channel constant of `Decay.multiplier`, `[channels]`, a buffer.
  public var multiplier: Parameter
  /// The per-channel rate of the other decays, `[input channels]`.
  public var decayRate: Parameter?
  /// The norm of the past taps at first use, `[channels]`, a buffer.
  public var pastNorm: Parameter
  /// The norm of the future taps at first use, `[channels]`, a buffer.
  public var futureNorm: Parameter?
  /// 1 once the norms have been captured, a buffer of one element.
  public var normIsCaptured: Parameter

  /// Creates a filter with random pieces.
  ///
  /// - Precondition: sizes are positive.
  public init(
    channels inputChannels: Int, options: SGConvOptions = SGConvOptions(),
    using random: inout RandomSource
  ) {
    require(
      inputChannels > 0 && options.kernelSize > 0 && options.copies > 0
        && options.maximumLength > 0 && options.scaleCount > 0 && options.initialScale >= 0,
      "SGConvFilter: \(inputChannels) channels, \(options)")
    self.options = options
    self.inputChannels = inputChannels
    let channels = inputChannels * options.copies
    let trained = ParameterOptions(
      learningRate: options.learningRate, weightDecay: options.weightDecay)
    func pieces(_ random: inout RandomSource) -> [Parameter] {
      (0..<options.scaleCount).map { _ in
        Parameter(Self.piece(inputChannels, options, &random), trained)
      }
    }
    past = pieces(&random)
    future = options.isBidirectional ? pieces(&random) : []
    let (low, high) = (options.minimumDecay, options.maximumDecay)
    let step = (high - low) / Float(max(1, inputChannels - 1))
    let perChannel = (0..<channels).map { low + step * Float($0 % inputChannels) }
    multiplier = Parameter(
      options.mode.decay == .multiplier
        ? Tensor(perChannel) : Tensor(repeating: 1, shape: [channels]), .buffer)
    if options.mode.decay != .multiplier {
      let rates = Tensor(uniform: [inputChannels], from: low, to: high, using: &random)
      decayRate = Parameter(rates, options.mode.decay == .fixed ? .buffer : trained)
    }
    let ones = Tensor(repeating: 1, shape: [channels])
    pastNorm = Parameter(ones, .buffer)
    futureNorm = options.isBidirectional ? Parameter(ones, .buffer) : nil
    normIsCaptured = Parameter(Tensor(zeros: [1]), .buffer)
  }

  /// `[d, channels]` at the start.
  private static func piece(
    _ inputChannels: Int, _ options: SGConvOptions, _ random: inout RandomSource
  ) -> Tensor {
    let (rows, channels) = (options.kernelSize, inputChannels * options.copies)
    guard options.mode.initialization == .cosine else {
      return Tensor(normal: [rows, channels], using: &random)
    }
    var turns = Array(0..<inputChannels)
    random.shuffle(&turns)
    return Tensor(
      (0..<rows).flatMap { row in
        (0..<channels).map { channel in
          // linspace(0, 2πi, d) has its last point at 2πi.
          cosine(row * turns[channel % inputChannels], over: max(1, rows - 1))
        }
      }, shape: [rows, channels])
  }

  /// The number of channels of the taps.
  public var channels: Int { inputChannels * options.copies }

  /// Whether there are future taps.
  public var isBidirectional: Bool { options.isBidirectional }

  /// Zeros beyond the scales.
  public var lengthSemantics: LengthSemantics { .crop }

  /// How many taps the scales make up.
  public var fullLength: Int {
    let last = options.scaleCount - 1
    switch options.mode.arrangement {
    case .concatenated: return (0...last).reduce(0) { $0 + options.kernelSize * factor($1) }
    case .summed: return options.kernelSize * factor(last)
    }
  }

  /// How far a scale is stretched.
  private func factor(_ scale: Int) -> Int {
    let doublings = options.mode.arrangement == .concatenated ? max(0, scale - 1) : scale
    return 1 << (doublings + options.initialScale)
  }

  /// The taps for a sequence of a length, divided by the norm at first use.
  public func taps(length: Int, on tape: Tape?) -> Variable {
    let isCaptured = normIsCaptured.value.scalar != 0
    let causal = direction(past, norm: pastNorm, isCaptured, length, tape)
    if !isCaptured { tape?.update(normIsCaptured, to: Tensor([1])) }
    guard let futureNorm else { return causal }
    guard length > 1 else {
      // Keeps the norm of the future pieces captured with that of the past ones.
      _ = direction(future, norm: futureNorm, isCaptured, length, tape)
      return causal
    }
    // Row j of the future pieces is lag -(j + 1); lag -length reaches nothing.
    let ahead = direction(future, norm: futureNorm, isCaptured, length - 1, tape)
    return .concatenated([ahead.flipped(axis: 0), causal], axis: 0)
  }

  private func direction(
    _ pieces: [Parameter], norm: Parameter, _ isCaptured: Bool, _ length: Int, _ tape: Tape?
  ) -> Variable {
    // The norm is that of the whole filter, so until it is captured the whole is needed.
    let rows = isCaptured ? min(length, fullLength) : fullLength
    var taps = Variable.multiscale(
      pieces.map { $0(on: tape) }, layout: layout, interpolation: options.mode.interpolation,
      rows: rows)
    if let decayRate {
      let rate = decayRate(on: tape)
      let copied = Variable.concatenated(
        Array(repeating: rate, count: options.copies), axis: 0)
      taps = taps * .powerDecay(rate: copied, rows: rows)
    }
    var value = norm.value
    if !isCaptured {
      let squares = (taps.value * taps.value).summedRows()
      value = Tensor(squares.elements.map { $0.squareRoot() })
      tape?.update(norm, to: value)
    }
    if rows > length { taps = taps.sliced(axis: 0, 0..<length) }
    taps = taps * Variable(Tensor(value.elements.map { 1 / $0 }))
    return length > rows ? taps.padded(axis: 0, after: length - rows) : taps
  }

  /// Where each piece lies, how far it is stretched and what it is weighted with.
  private var layout: [MultiscalePiece] {
    var start = 0
    return (0..<options.scaleCount).map { scale in
      let power = options.scaleCount - 1 - scale
      let gain = multiplier.value.elements.map { base in
        Float((0..<power).reduce(1.0) { product, _ in product * Double(base) })
      }
      let piece = MultiscalePiece(
        start: options.mode.arrangement == .concatenated ? start : 0, factor: factor(scale),
        gain: Tensor(gain))
      start += options.kernelSize * factor(scale)
      return piece
    }
  }

  /// Visits the pieces (`kernel.0`, …), the future ones, decay, multiplier and norms.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    for scale in past.indices { body("kernel.\(scale)", &past[scale]) }
    for scale in future.indices { body("future_kernel.\(scale)", &future[scale]) }
    decayRate.forEachValue { body("decay", &$0) }
    body("multiplier", &multiplier)
    body("kernel_norm", &pastNorm)
    futureNorm.forEachValue { body("future_kernel_norm", &$0) }
    body("kernel_norm_initialized", &normIsCaptured)
  }
}

/// cos(2π·numerator/denominator) for non-negative integers, the same on every platform.
private func cosine(_ numerator: Int, over denominator: Int) -> Float {
  Float(unitRoot(numerator % denominator, of: denominator).cosine)
}
