public import Differentiation
public import Layers
public import SequenceTensor

/// Sequences of values to one vector each: a linear encoder, residual blocks, pooling, linear head.
///
/// For regression, and with logits as outputs for the classification of what is no text: pixels,
/// sounds, measurements.
public struct SequenceRegressor<Mixer: SequenceMixer>: Module {
  /// Values to channels.
  public var encoder: Linear
  /// The residual blocks and the normalisation after them.
  public var stack: ResidualStack<Mixer>
  /// Channels to outputs.
  public var head: Linear

  /// Creates a model.
  ///
  /// - Parameters:
  ///   - inputs: values at each position.
  ///   - outputs: values for a sequence.
  ///   - options: the shape of the net.
  ///   - random: where the initial weights come from.
  ///   - makeMixer: makes the mixer of each block.
  public init(
    inputs: Int, outputs: Int, options: ClassifierOptions = ClassifierOptions(),
    using random: inout RandomSource, makeMixer: (inout RandomSource) -> Mixer
  ) {
    require(inputs > 0 && outputs > 0, "SequenceRegressor: \(inputs) inputs, \(outputs) outputs")
    encoder = Linear(inputs: inputs, outputs: options.channels, using: &random)
    stack = ResidualStack(options, using: &random, makeMixer: makeMixer)
    head = Linear(inputs: options.channels, outputs: outputs, using: &random)
  }

  /// The outputs for a batch of sequences.
  ///
  /// - Parameters:
  ///   - x: `[batch, length, inputs]`, padded on the right.
  ///   - mask: the true lengths; `nil` if nothing is padded.
  ///   - recomputesBlocks: whether the backward pass computes blocks again to save memory.
  /// - Returns: `[batch, outputs]`.
  public func callAsFunction(
    _ x: Variable, mask: SequenceMask? = nil, recomputesBlocks: Bool = false
  ) -> Variable {
    let y = stack(encoder(x), mask: mask, recomputesBlocks: recomputesBlocks)
    return head(y.pooled(stack.options.pooling, mask: mask))
  }

  /// Visits `encoder`, `blocks`, `norm`, `head`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("encoder", &encoder, body)
    stack.forEachParameter(body)
    visit("head", &head, body)
  }
}

/// The values that come next: from each sequence a forecast of some positions.
///
/// A `SequenceRegressor` that pools the last position and whose head gives all positions of the
/// forecast at once, as in S4's and Informer's forecasting experiments. Each sequence is normalised
/// by its own mean and deviation, and the forecast is scaled back, so that level and scale need not
/// be learned (Kim et al., "Reversible instance normalization", 2022, without its affine part).
///
/// One regressor reads all values of a position together, or, with independent channels, each value's
/// own past alone: fewer weights and as many more sequences, which foretells better where channels are
/// few and noisy (Nie et al., "A time series is worth 64 words", 2023, section 3.1).
public struct SequenceForecaster<Mixer: SequenceMixer>: Module {
  /// From normalised values, or those of one channel, to their normalised forecast.
  public var regressor: SequenceRegressor<Mixer>
  /// Values at each position.
  public let inputs: Int
  /// Positions of a forecast.
  public let horizon: Int
  /// Whether each value is foretold from its own past alone, by one regressor for all.
  public let hasIndependentChannels: Bool

  /// Creates a model.
  ///
  /// - Parameters:
  ///   - inputs: values at each position.
  ///   - horizon: how many positions are foretold.
  ///   - hasIndependentChannels: whether each value is foretold from its own past alone.
  ///   - options: the shape of the net; its pooling is `.last`.
  ///   - random: where the initial weights come from.
  ///   - makeMixer: makes the mixer of each block.
  public init(
    inputs: Int, horizon: Int, hasIndependentChannels: Bool = false,
    options: ClassifierOptions = ClassifierOptions(), using random: inout RandomSource,
    makeMixer: (inout RandomSource) -> Mixer
  ) {
    require(inputs > 0 && horizon > 0, "SequenceForecaster: \(inputs) inputs, horizon \(horizon)")
    var options = options
    options.pooling = .last
    self.inputs = inputs
    self.horizon = horizon
    self.hasIndependentChannels = hasIndependentChannels
    let together = hasIndependentChannels ? 1 : inputs
    regressor = SequenceRegressor(
      inputs: together, outputs: horizon * together, options: options, using: &random,
      makeMixer: makeMixer)
  }

  /// The forecasts of a batch of sequences of one length.
  ///
  /// - Parameters:
  ///   - x: `[batch, length, inputs]`.
  ///   - tape: where the computation is recorded; `nil` for inference.
  /// - Returns: `[batch, horizon, inputs]`.
  public func callAsFunction(_ x: Tensor, on tape: Tape?) -> Variable {
    require(
      x.shape.rank == 3 && x.shape[2] == inputs && x.shape[1] > 0,
      "SequenceForecaster: \(x.shape) is not [batch, length, \(inputs)]")
    let length = Float(x.shape[1])
    let each: Shape = [x.shape[0], 1, inputs]
    let mean = (x.sum(axis: 1) * (1 / length)).reshaped(to: each)
    let centred = x - mean
    let variance = (centred * centred).sum(axis: 1) * (1 / length)
    let deviation = Tensor(
      variance.elements.map { ($0 + 1e-5).squareRoot() }, shape: each)
    return forecast(centred / deviation, on: tape) * Variable(deviation, on: tape)
      + Variable(mean, on: tape)
  }

  /// `[batch, horizon, inputs]` from normalised `[batch, length, inputs]`.
  private func forecast(_ x: Tensor, on tape: Tape?) -> Variable {
    let (batch, length) = (x.shape[0], x.shape[1])
    guard hasIndependentChannels else {
      return regressor(Variable(x, on: tape)).reshaped(batch, horizon, inputs)
    }
    let series = x.transposed().reshaped(to: [batch * inputs, length, 1])
    return regressor(Variable(series, on: tape)).reshaped(batch, inputs, horizon).transposed()
  }

  /// Visits the regressor's parts.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    regressor.forEachParameter(body)
  }
}
