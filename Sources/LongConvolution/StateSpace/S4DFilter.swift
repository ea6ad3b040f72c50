public import Differentiation
public import Layers
public import SequenceTensor

/// The filter of diagonal state-space models: S4D, DSS and their relatives.
///
/// Tap l of channel h is K[l] = 2 Re Σₙ Cₙ·κₙBₙ·exp(l·μₙ), over the N/2 stored states, with μ and
/// κ as `Discretization` says for the step Δ of the channel and the poles a; without the factor 2
/// for `softmax`. The formula holds for all lags; a `maximumLength` crops it.
///
/// Gu, Gupta, Goel and Ré, "On the parameterization and initialization of diagonal state space
/// models", 2022; Gupta, Gu and Berant, "Diagonal state spaces are as effective as structured
/// state spaces", 2022. `StateSpaceOptions.Parameterization` names the three authors' codes that
/// the parameters follow.
///
/// Initial values: Δ log-uniform in [0.001, 0.1], a and B as `StateSpaceInitialization` says, C
/// complex normal with E|C|² = 1 (normal for real systems).
///
/// Cost: O(√length) exponentials and O(length) operations for each state and row of C.
public struct S4DFilter: RecurrentFilter, ReferenceCompatible {
  /// The settings.
  public let options: StateSpaceOptions
  /// H, the number of input channels.
  public let inputChannels: Int
  /// What Δ is made from, `[H, 1]` or, with steps of their own for states, `[H, N]`.
  public var step: Parameter
  /// What -Re a is made from, `[S, N]`.
  public var real: Parameter
  /// What Im a is made from, `[S, N]`; none for real systems.
  public var imaginary: Parameter?
  /// B, `[S, N, 2]`, or `[S, N]` for real systems; none for `minimal`, where it is 1.
  public var input: Parameter?
  /// C, `[copies, H, N, 2]`, or without the last axis for real systems; as many copies again for
  /// the future if the filter is bidirectional.
  public var output: Parameter

  /// Creates a filter with random steps and output weights.
  ///
  /// - Precondition: sizes are positive, and the number of independent systems divides the number
  ///   of channels.
  public init(
    channels: Int, options: StateSpaceOptions = .minimal, using random: inout RandomSource
  ) {
    self.options = options
    inputChannels = channels
    let start = StateSpaceStart(channels: channels, options: options, rank: 1, using: &random)
    step = start.step
    real = start.real
    imaginary = options.isReal ? nil : start.imaginary
    input = options.parameterization == .minimal ? nil : start.input
    output = start.output
  }

  /// H·copies.
  public var channels: Int { inputChannels * options.copies }

  /// Whether there are output weights for the future.
  public var isBidirectional: Bool { options.isBidirectional }

  /// The formula for all lags, or its beginning if there is a maximum length.
  public var lengthSemantics: LengthSemantics {
    options.maximumLength == nil ? .extrapolate : .crop
  }

  /// The taps for a sequence of a length.
  public func taps(length: Int, on tape: Tape?) -> Variable {
    let kept = min(length, options.maximumLength ?? length)
    return directions(length: kept, on: tape).filter(length: length, options)
  }

  /// The parameters' tensors, in the order in which they are visited but C last.
  private var stored: [Parameter] {
    [step, real] + [imaginary, input].compactMap { $0 } + [output]
  }

  var system: DiagonalSystem {
    DiagonalSystem(
      options: options, channels: inputChannels, step: step.value, real: real.value,
      imaginary: imaginary?.value, input: input?.value, output: output.value)
  }

  /// The taps of all copies and directions, `[length, rows]`: first all of the past, then those of the
  /// future.
  package func directions(length: Int, on tape: Tape?) -> Variable {
    let system = system
    let (exponents, gains) = system.discretized(length: length)
    let sums = ModalSum(length: length, groups: inputChannels, modes: system.modes)
    let weights = system.weights(gains: gains)
    let taps = sums(exponents: exponents, weights: weights)
    let variables = stored.map { $0(on: tape) }
    return .primitive(variables, value: taps) { [inputChannels] dy in
      let (zeroth, first) = sums.moments(exponents: exponents, of: dy)
      var ofExponents = [ComplexNumber](repeating: .zero, count: exponents.count)
      for index in weights.indices {
        let state = index % (inputChannels * system.modes)
        ofExponents[state] += (weights[index] * first[index]).conjugate
      }
      return system.gradients(
        length: length, weightGradients: zeroth.map(\.conjugate), exponentGradients: ofExponents,
        gains: gains, shapes: variables.map(\.shape))
    }
  }

  /// Visits Δ, the poles, B and C under the original's names.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    let names = S4DNames(options.parameterization)
    body(names.step, &step)
    body(names.real, &real)
    imaginary.forEachValue { body(names.imaginary, &$0) }
    input.forEachValue { body("B", &$0) }
    body("C", &output)
  }

  /// Visits the tensors as the original stores them.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    let (kind, channels) = (options.parameterization, inputChannels)
    let isSingle = options.directions == 1
    let names = S4DNames(kind)
    forEachParameter { name, parameter in
      let ours = parameter.value.shape
      var shape = ours
      switch name {
      case names.step where kind != .stateSpaces && ours[1] == 1: shape = [channels]
      case "C" where kind == .minimal && isSingle:
        shape = Shape(Array(ours.sizes.dropFirst()))
      case "B" where kind == .stateSpaces: shape = Shape([1] + ours.sizes)
      default: break
      }
      body(ReferenceTensor(name, shape: shape, ours: ours), &parameter)
    }
  }
}

/// What the originals call their parameters.
private struct S4DNames {
  let step: String
  let real: String
  let imaginary = "A_imag"

  init(_ kind: StateSpaceOptions.Parameterization) {
    switch kind {
    case .stateSpaces: (step, real) = ("inv_dt", "A_real")
    case .minimal: (step, real) = ("log_dt", "log_A_real")
    case .safari: (step, real) = ("log_dt", "inv_A_real")
    }
  }
}

extension Variable {
  /// Taps of all directions, `[kept, copies·H]`, as a filter for sequences of a length.
  ///
  /// Rows beyond are zero; tap j of the direction that looks ahead is lag -(j + 1).
  func filter(length: Int, _ options: StateSpaceOptions) -> Variable {
    let kept = shape[0]
    let channels = shape[1] * options.copies / options.directions
    let past = sliced(axis: 1, 0..<channels).padded(axis: 0, after: length - kept)
    guard options.isBidirectional else { return past }
    let reach = min(kept, length - 1)
    let future = sliced(axis: 1, channels..<2 * channels).sliced(axis: 0, 0..<reach)
      .flipped(axis: 0).padded(axis: 0, before: length - 1 - reach)
    return .concatenated([future, past], axis: 0)
  }
}
