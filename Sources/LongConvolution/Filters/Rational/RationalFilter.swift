public import Differentiation
public import Layers
public import SequenceTensor

/// How the coefficients of a rational filter start.
public enum RationalInitialization: String, Sendable, Hashable, CaseIterable, Codable {
  /// Zeros: the filter is h_0 alone.
  case zeros
  /// Uniform in ±1/√N, which can be unstable.
  case xavier
  /// Uniform in ±1/N, so that Σ|a| ≤ 1 and by Montel's theorem all poles lie within the unit circle.
  case montel
}

/// The settings of a `RationalFilter`, with the defaults of its authors' code.
public struct RationalOptions: Sendable, Hashable, Codable {
  /// N, the order of both polynomials ("state_size").
  public var order = 64
  /// The longest sequence, and the period of the response ("trunc_len"); above N.
  public var maximumLength = 1024
  /// How many denominators there are, a divisor of the channels ("num_a"); `nil` one a channel.
  public var denominators: Int?
  /// Whether a second filter looks into the future ("bidirectional").
  public var isBidirectional = false
  /// How the coefficients start ("init").
  public var initialization: RationalInitialization = .zeros
  /// Whether a is divided by Σ|a| + |s| + 1e-6 with a learned s ("constraint" `l1_montel`), which
  /// keeps the poles within the unit circle.
  public var isConstrained = false
  /// Dropout of taps ("dropout").
  public var dropout: Float = 0
  /// The learning rate of the coefficients, that of the authors' experiments.
  public var learningRate: Float? = 1e-3
  /// Their weight decay.
  public var weightDecay: Float? = 0

  /// The defaults.
  public init() {}
}

/// The impulse response of a rational transfer function (RTF).
///
/// Parnichkun et al., "State-free inference of state-space models: The transfer function approach",
/// 2024 (arXiv 2405.06147), section 3, as in `rtf.py` of the authors' code: for a transform of n
/// points, n being the maximum length rounded up to an even number,
///
///     h = irfft(rfft([0, b, 0, …])/rfft([1, a, 0, …])) + h_0·δ,
///
/// which is the response of the recurrence with period n. h_0 ~ N(0, 1). A bidirectional filter has a
/// second set for lags -1, -2, …, as S4 has it. Sequences longer than the maximum see zeros beyond it.
///
/// Where the authors' convolution of an odd length of a bidirectional filter is inexact, and their
/// recovery of the recurrence solves with a matrix where its transpose is meant and forgets what wraps
/// around to lag 0, this one is exact.
public struct RationalFilter: LongFilter, ReferenceCompatible {
  /// The settings.
  public let options: RationalOptions
  /// The number of channels of the taps.
  public let channels: Int
  /// a, then b, `[N, directions·(denominators + channels)]`.
  public var coefficients: Parameter
  /// h_0, `[directions·channels]`.
  public var constant: Parameter
  /// s, `[directions·denominators]`, if the denominators are constrained; U(0, 1) at the start.
  public var slack: Parameter?

  /// Creates a filter.
  ///
  /// - Precondition: sizes are positive, the order is below the maximum length, and the denominators
  ///   divide the channels.
  public init(
    channels: Int, options: RationalOptions = RationalOptions(), using random: inout RandomSource
  ) {
    let denominators = options.denominators ?? channels
    require(
      channels > 0 && options.order > 0 && options.maximumLength > options.order
        && denominators > 0 && channels % denominators == 0,
      "RationalFilter: \(channels) channels, \(options)")
    self.channels = channels
    self.options = options
    let directions = options.isBidirectional ? 2 : 1
    let shape: Shape = [options.order, directions * (denominators + channels)]
    let bound: Float =
      switch options.initialization {
      case .zeros: 0
      case .xavier: 1 / Float(options.order).squareRoot()
      case .montel: 1 / Float(options.order)
      }
    let trained = ParameterOptions(
      learningRate: options.learningRate, weightDecay: options.weightDecay)
    let start =
      bound == 0
      ? Tensor(zeros: shape) : Tensor(uniform: shape, from: -bound, to: bound, using: &random)
    coefficients = Parameter(start, trained)
    constant = Parameter(Tensor(normal: [directions * channels], using: &random), trained)
    if options.isConstrained {
      slack = Parameter(Tensor(uniform: [directions * denominators], using: &random), trained)
    }
  }

  /// Whether there is a second filter for the future.
  public var isBidirectional: Bool { options.isBidirectional }

  /// Zeros beyond the maximum length.
  public var lengthSemantics: LengthSemantics { .crop }

  /// How many denominators a direction has.
  var denominators: Int { options.denominators ?? channels }
  /// n, the period of the response.
  var points: Int { options.maximumLength + options.maximumLength % 2 }

  /// a of all directions, `[N, directions·denominators]`.
  func denominator(on tape: Tape?) -> Variable {
    let directions = isBidirectional ? 2 : 1
    let a = coefficients(on: tape).sliced(axis: 1, 0..<directions * denominators)
    guard let slack else { return a }
    let magnitude = { (x: Variable) in
      x.mapped({ abs($0) }, derivative: { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 })
    }
    let total = magnitude(a).sum(axis: 0) + magnitude(slack(on: tape))
    return a / (total + Variable(Tensor([1e-6])))
  }

  /// b of all directions, `[N, directions·channels]`.
  func numerator(on tape: Tape?) -> Variable {
    let directions = isBidirectional ? 2 : 1
    return coefficients(on: tape).sliced(
      axis: 1, directions * denominators..<directions * (denominators + channels))
  }

  /// The response at lags 0, 1, … and, behind it, that of the future at lags -1, -2, ….
  public func taps(length: Int, on tape: Tape?) -> Variable {
    let rows = min(length, options.maximumLength)
    var response = Variable.rationalTaps(
      denominator: denominator(on: tape), numerator: numerator(on: tape),
      constant: constant(on: tape), points: points, rows: rows
    ).dropout(options.dropout)
    if rows < length { response = response.padded(axis: 0, after: length - rows) }
    guard isBidirectional else { return response }
    let past = response.sliced(axis: 1, 0..<channels)
    let future = response.sliced(axis: 1, channels..<2 * channels)
    return .concatenated([future.sliced(axis: 0, 0..<length - 1).flipped(axis: 0), past], axis: 0)
  }

  /// Visits `ab`, `h_0`, `scalar`, under the authors' names.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("ab", &coefficients)
    body("h_0", &constant)
    slack.forEachValue { body("scalar", &$0) }
  }

  /// The authors' tensors, coefficients last.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    forEachParameter { name, parameter in
      let shape = parameter.value.shape
      body(
        shape.rank == 2
          ? .channelsFirst(name, shape: [shape[1], shape[0]])
          : ReferenceTensor(name, shape: shape, ours: shape), &parameter)
    }
  }
}
