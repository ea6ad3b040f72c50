public import Differentiation
public import Layers
public import SequenceTensor

/// The state space of S5: one diagonal system with many inputs and many outputs.
///
/// xₗ = Λ̄xₗ₋₁ + B̄uₗ and yₗ = 2 Re(C·xₗ) + D·uₗ, with Λ̄ = e^μ and B̄ = κB as `Discretization` says
/// for each state's step; without the factor 2 if all states are stored. A bidirectional one reads
/// the states of the reversed recurrence as well.
///
/// Smith, Warrington and Linderman, "Simplified state space layers for sequence modeling", 2023;
/// `S5SSM` of `s5/ssm.py` in lindermanlab/S5. There the scan is in single precision; here poles,
/// steps and carried states are in double precision.
///
/// Initial values: Λ the eigenvalues of J HiPPO-LegS matrices of P/J states without their low-rank
/// part; B = V*B₀ with B₀ truncated normal of variance 1/P; C = C₀V, with C₀ complex, its parts
/// truncated normal of variance 1/P (1/(PH) for `lecunNormal`); Δ log-uniform in [0.001, 0.1]; D
/// N(0, 1).
///
/// Cost: O(length·P·H) for B and C, O(length·P) for the scan.
public struct S5: RecurrentMixer {
  /// The settings.
  public let options: S5Options
  /// H, the number of channels.
  public let channels: Int
  /// Re Λ, `[P]`; P counts stored states.
  public var real: Parameter
  /// Im Λ, `[P]`.
  public var imaginary: Parameter
  /// B, `[P, H, 2]`.
  public var input: Parameter
  /// C, `[H, P, 2]`, or `[H, 2P, 2]` if the reversed recurrence is read as well.
  public var output: Parameter
  /// D, `[H]`.
  public var skip: Parameter
  /// log Δ, `[P]`.
  public var logStep: Parameter

  private var modes: Int { options.storedStates }

  private var states: DiagonalStates {
    DiagonalStates(
      real: real.value, imaginary: imaginary.value, logStep: logStep.value, options: options)
  }

  /// Applies the state space to `[batch, length, channels]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    require(
      x.shape.rank == 3 && x.shape[2] == channels,
      "S5: \(x.shape) is not [batch, length, \(channels)]")
    let u = options.isBidirectional ? x.masked(mask) : x
    let driven = u.linear(weight: discreteInput(on: x.tape))
    var read = scanned(driven, isReversed: false)
    if options.isBidirectional {
      read = .concatenated([read, scanned(driven, isReversed: true)], axis: -1)
    }
    return read.linear(weight: outputWeight(on: x.tape)) + u * skip(on: x.tape)
  }

  /// B̄ by parts, `[2P, H]`: rows Re and Im of each state.
  private func discreteInput(on tape: Tape?) -> Variable {
    let states = states
    let b = [ComplexNumber](input.value)
    let (modes, width) = (modes, channels)
    let discrete = Tensor(
      b.indices.map { b[$0] * states.gains[$0 / width] }, shape: input.value.shape)
    let variables = [real, imaginary, logStep, input].map { $0(on: tape) }
    let result = Variable.primitive(variables, value: discrete) { dy in
      let gradient = [ComplexNumber](dy)
      var ofGains = [ComplexNumber](repeating: .zero, count: modes)
      for index in b.indices { ofGains[index / width] += gradient[index] * b[index].conjugate }
      let ofInput = b.indices.map { gradient[$0] * states.gains[$0 / width].conjugate }
      return states.gradients(exponents: ofGains.map { _ in .zero }, gains: ofGains)
        + [Tensor(ofInput, shape: dy.shape)]
    }
    return result.transposed().reshaped(2 * modes, width)
  }

  /// The weights of Re x and Im x in 2 Re(C·x), `[H, 2P]`.
  private func outputWeight(on tape: Tape?) -> Variable {
    let factor: Float = options.isConjugateSymmetric ? 2 : 1
    let signs = Variable(Tensor([factor, -factor]))
    return (output(on: tape) * signs).reshaped(channels, -1)
  }

  /// The states driven by `[batch, length, 2P]`.
  private func scanned(_ driven: Variable, isReversed: Bool) -> Variable {
    let states = states
    let scan = DiagonalScan(transition: states.transition)
    var values = driven.value
    var carried = zeros(batch: driven.shape[0])
    scan(&values, isReversed: isReversed, state: &carried)
    let variables = [driven] + [real, imaginary, logStep].map { $0(on: driven.tape) }
    return .primitive(variables, value: values) { dy in
      let (ofDriven, ofExponents) = scan.pullback(dy, states: values, isReversed: isReversed)
      return [ofDriven]
        + states.gradients(exponents: ofExponents, gains: ofExponents.map { _ in .zero })
    }
  }

  private func zeros(batch: Int) -> [ComplexNumber] {
    Array(repeating: .zero, count: batch * modes)
  }

  /// Visits the parameters under the original's names.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("Lambda_re", &real)
    body("Lambda_im", &imaginary)
    body("B", &input)
    body("C", &output)
    body("D", &skip)
    body("log_step", &logStep)
  }

  /// The states of every sequence, and the recurrence.
  public struct State: Sendable {
    let scan: DiagonalScan
    /// B̄, `[2P, H]`.
    let input: Tensor
    /// `[H, 2P]`.
    let output: Tensor
    /// x, `[batch, P]`.
    package var values: [ComplexNumber]
  }

  /// The state before the first position: zero.
  ///
  /// - Precondition: the state space is causal.
  public func initialState(batch: Int) -> State {
    require(
      !options.isBidirectional, "S5.initialState: a bidirectional state space is no recurrence")
    return State(
      scan: DiagonalScan(transition: states.transition), input: discreteInput(on: nil).value,
      output: outputWeight(on: nil).value, values: zeros(batch: batch))
  }

  /// The output at the next position.
  public func step(_ x: Tensor, _ state: inout State) -> Tensor {
    chunk(x.reshaped(x.shape[0], 1, x.shape[1]), &state).reshaped(x.shape[0], channels)
  }

  /// The outputs at the next positions.
  public func chunk(_ x: Tensor, _ state: inout State) -> Tensor {
    require(
      x.shape.rank == 3 && x.shape[2] == channels && state.values.count == x.shape[0] * modes,
      "S5.chunk: \(x.shape) [batch, length, \(channels)] for a state of"
        + " \(state.values.count / modes) sequences")
    var values = Tensor.product(x, .stored, state.input, .transposed)
    state.scan(&values, state: &state.values)
    return Tensor.product(values, .stored, state.output, .transposed) + x * skip.value
  }
}
