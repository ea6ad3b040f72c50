public import Differentiation
public import SequenceTensor

/// How an operator is applied to its own predictions.
public struct RolloutOptions: Sendable, Hashable, Codable {
  /// The number of frames that the operator sees, 1 for a Markov operator.
  public var historyFrames = 1
  /// Whether the operator predicts the change since the last frame and not the next frame.
  public var predictsDifference = false
  /// The standard deviation of normal noise that is added to the given frames while a tape
  /// records; the authors of F-FNO use 0.01.
  public var inputNoise: Float = 0
  /// The number of first steps without gradients, so that the operator learns to go on from what
  /// it makes itself without a sweep through all steps: the push-forward trick of Brandstetter et
  /// al., "Message passing neural PDE solvers" (2022).
  public var pushForwardSteps = 0
  /// The fraction of the frequencies of each prediction that stays; nil for all.
  ///
  /// See `Variable.lowPassed(fraction:)`; 2/3 removes aliases of products.
  public var keptFrequencies: Double?
  /// What brings frames back that grow too large.
  public var dissipation: Dissipation?

  /// Creates options for a Markov operator without any of it.
  public init() {}
}

/// The autoregressive application of an operator.
///
/// The operator sees the last `historyFrames` frames, oldest first, as channels, behind them what
/// does not change (coefficients, coordinates), and gives the next frame:
///
///     u_(t+1) = G([u_(t-h+1), …, u_t, constants]),     or u_t + G(…).
///
/// Gradients go through all steps but the push-forward ones, as in the scripts of Li et al. (2021;
/// `fourier_2d_time.py`), which back-propagate through the whole roll-out.
public struct Rollout: Sendable, Hashable, Codable {
  /// How.
  public var options: RolloutOptions

  /// Creates a roll-out.
  public init(_ options: RolloutOptions = RolloutOptions()) { self.options = options }

  /// The predicted frames.
  ///
  /// - Parameters:
  ///   - model: the operator; its input channels are `historyFrames` times those of a frame and
  ///     those of the constants.
  ///   - history: the given frames, `[batch, x, (y, (z,)) historyFrames·channels]`, oldest first.
  ///   - constants: what else the operator sees, `[batch, x, (y, (z,)) channels]`.
  ///   - steps: the number of frames.
  /// - Returns: `steps` frames `[batch, x, (y, (z,)) channels]`.
  /// - Precondition: the channels of the history divide into frames, and the operator gives one.
  public func callAsFunction(
    _ model: some NeuralOperator, history: Variable, constants: Variable? = nil, steps: Int
  ) -> [Variable] {
    let frames = options.historyFrames
    require(
      frames > 0 && history.shape.rank >= 3 && history.shape.last % frames == 0 && steps >= 0,
      "Rollout: history \(history.shape) of \(frames) frames, \(steps) steps")
    let channels = history.shape.last / frames
    var window = noisy(history)
    return (0..<steps).map { step in
      let isPushed = step < options.pushForwardSteps
      let seen = isPushed ? Variable(window.value) : window
      let fixed = isPushed ? constants.map { Variable($0.value) } : constants
      let next = self.step(model, window: seen, constants: fixed, channels: channels)
      let frame = isPushed ? Variable(next.value, on: history.tape) : next
      window =
        frames == 1
        ? frame
        : .concatenated([window.sliced(axis: -1, channels..<frames * channels), frame], axis: -1)
      return frame
    }
  }

  /// The mean over the steps, push-forward ones left out, of a loss of each predicted frame.
  ///
  /// - Parameters:
  ///   - targets: the true frames, `[batch, steps, x, (y, (z,)) channels]`.
  ///   - loss: of one frame.
  /// - Precondition: there are more steps than push-forward ones.
  public func loss(
    _ model: some NeuralOperator, history: Variable, constants: Variable? = nil, targets: Tensor,
    loss: some FieldLoss
  ) -> Variable {
    let steps = targets.shape.rank >= 4 ? targets.shape[1] : 0
    let counted = options.pushForwardSteps..<max(options.pushForwardSteps, steps)
    require(
      !counted.isEmpty && options.pushForwardSteps >= 0,
      "Rollout.loss: targets \(targets.shape) [batch, steps, x, …, channels] after"
        + " \(options.pushForwardSteps) push-forward steps")
    let frames = self(model, history: history, constants: constants, steps: steps)
    let losses = counted.map { loss(frames[$0], Variable(targets.frame($0))) }
    return losses.dropFirst().reduce(losses[0]) { $0 + $1 } * (1 / Float(counted.count))
  }

  private func step(
    _ model: some NeuralOperator, window: Variable, constants: Variable?, channels: Int
  ) -> Variable {
    let input = constants.map { .concatenated([window, $0], axis: -1) } ?? window
    let width = window.shape.last
    let last = width == channels ? window : window.sliced(axis: -1, width - channels..<width)
    var frame = model(input)
    require(
      frame.shape == last.shape,
      "Rollout: the operator made \(frame.shape) of \(input.shape), not a frame \(last.shape)")
    if options.predictsDifference { frame = last + frame }
    if let fraction = options.keptFrequencies { frame = frame.lowPassed(fraction: fraction) }
    return options.dissipation?.applied(to: frame, frame: last) ?? frame
  }

  private func noisy(_ history: Variable) -> Variable {
    guard let tape = history.tape, options.inputNoise > 0 else { return history }
    let noise = Tensor(
      normal: history.shape, deviation: options.inputNoise, using: &tape.random)
    return history + Variable(noise)
  }
}

extension Tensor {
  /// One time of `[batch, time, x, …, channels]`.
  func frame(_ time: Int) -> Tensor {
    sliced(axis: 1, time..<time + 1).reshaped(to: Shape([shape[0]] + shape.sizes[2...]))
  }
}
