public import Differentiation
import LaneKernels
public import SequenceTensor

/// Adam with decoupled weight decay, Loshchilov and Hutter, 2019, in PyTorch's form.
///
/// A parameter's own learning rate and weight decay (`ParameterOptions`) take the place of the
/// optimiser's; the schedule's factor multiplies either.
public struct AdamW: Sendable {
  /// The learning rate of parameters without their own.
  public var learningRate: Float
  /// The decay of parameters without their own.
  public var weightDecay: Float
  /// The decay of the running mean of gradients, β₁.
  public var beta1: Float
  /// The decay of the running mean of squares, β₂.
  public var beta2: Float
  /// Added to the root of the mean of squares.
  public var epsilon: Float
  /// How many steps have been taken.
  public var step = 0
  /// The running means, by parameter.
  public var moments: [ParameterID: Moments] = [:]

  /// The running means of one parameter.
  public struct Moments: Sendable {
    /// Of the gradients, of the parameter's shape.
    public var first: Tensor
    /// Of their squares, of the parameter's shape.
    public var second: Tensor

    /// Creates the running means.
    public init(first: Tensor, second: Tensor) {
      self.first = first
      self.second = second
    }
  }

  /// Creates an optimiser with PyTorch's defaults.
  public init(
    learningRate: Float = 1e-3, weightDecay: Float = 1e-2, beta1: Float = 0.9,
    beta2: Float = 0.999, epsilon: Float = 1e-8
  ) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }

  /// Takes one step on every trained parameter that has a gradient.
  ///
  /// - Parameters:
  ///   - model: what is trained.
  ///   - gradients: the gradients of its parameters.
  ///   - factor: the schedule's factor of the learning rates.
  ///   - gradientScale: multiplies the gradients, for clipping.
  public mutating func update(
    _ model: inout some Module, with gradients: Gradients, factor: Float = 1,
    gradientScale: Float = 1
  ) {
    step += 1
    // In double precision: 1 - β₂ᵗ is small at first.
    let correction1 = Float(1 - power(Double(beta1), step))
    let correction2 = Float(1 - power(Double(beta2), step))
    var moments = moments
    self.moments = [:]
    model.forEachParameter { name, parameter in
      guard parameter.options.isTrainable, let gradient = gradients[parameter.id] else { return }
      require(
        gradient.shape == parameter.value.shape,
        "AdamW: gradient \(gradient.shape) for \(name) \(parameter.value.shape)")
      var state =
        moments.removeValue(forKey: parameter.id)
        ?? Moments(
          first: Tensor(zeros: gradient.shape), second: Tensor(zeros: gradient.shape))
      let rate = (parameter.options.learningRate ?? learningRate) * factor
      let decay = parameter.options.weightDecay ?? weightDecay
      let value = parameter.value.mutablePointer()
      let (first, second) = (state.first.mutablePointer(), state.second.mutablePointer())
      Parallel.forEachRange(gradient.count, grain: Parallel.elementGrain) { range in
        let at = range.lowerBound
        lanes.adamw(
          value + at, first + at, second + at, gradient.pointer + at, rate, beta1, beta2,
          epsilon, decay, correction1, correction2, gradientScale, range.count)
      }
      self.moments[parameter.id] = state
    }
    // Parameters without a gradient this time keep what they had.
    self.moments.merge(moments) { new, _ in new }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
