#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How a continuous state x′ = ax + bu becomes a recurrence xₖ = e^μ·xₖ₋₁ + κb·uₖ.
///
/// With λ = Δ·a for a step Δ:
///
/// - `zeroOrderHold`: μ = λ, κ = (e^λ - 1)/a.
/// - `bilinear`: e^μ = (1 + λ/2)/(1 - λ/2), κ = Δ/(1 - λ/2).
/// - `softmax`, of DSS: μ = λ, κ = (e^λ - 1)/(a(e^{λL} - 1)) for a length L, where 1/x is taken as
///   x̄/(|x|² + 10⁻⁷); for Re a > 0 the same from the sequence's other end. Sums of its states
///   are not doubled for their conjugates.
///
/// Gu, Gupta, Goel and Ré, "On the parameterization and initialization of diagonal state space
/// models", 2022, section 3; Gupta, Gu and Berant, "Diagonal state spaces are as effective as
/// structured state spaces", 2022, proposition 1; `SSMKernelDiag` of `models/s4/s4.py` in
/// state-spaces/s4. Unlike there, the gradient of `softmax` for Re a > 0 is that of the value.
public enum Discretization: String, Sendable, Hashable, Codable, CaseIterable {
  /// The input is constant over each step.
  case zeroOrderHold = "zoh"
  /// The trapezoidal rule.
  case bilinear
  /// Weights of a softmax over the positions of a sequence.
  case softmax = "dss"

  /// What a sum over states is multiplied by for the conjugate states that are not stored.
  var conjugateFactor: Double { self == .softmax ? 1 : 2 }

  /// μ and κ.
  ///
  /// - Parameters:
  ///   - step: Δ.
  ///   - pole: a.
  ///   - length: L, for `softmax`.
  func callAsFunction(
    step: Double, pole: ComplexNumber, length: Int
  ) -> (exponent: ComplexNumber, gain: ComplexNumber) {
    let z = pole * step
    switch self {
    case .zeroOrderHold: return (z, step * Self.quotient(z).value)
    case .bilinear:
      let (above, below) = (.one + z * 0.5, .one - z * 0.5)
      return (.logarithm(above / below), ComplexNumber(step) / below)
    case .softmax: return (z, SoftmaxGain(step: step, pole: pole, length: length).value)
    }
  }

  /// The gradients of Δ and a from those of μ and κ.
  func pullback(
    step: Double, pole: ComplexNumber, length: Int, exponent: ComplexNumber, gain: ComplexNumber
  ) -> (step: Double, pole: ComplexNumber) {
    let z = pole * step
    var (stepGradient, poleGradient) = (0.0, ComplexNumber.zero)
    var inner = exponent
    switch self {
    case .zeroOrderHold:
      let quotient = Self.quotient(z)
      inner += gain * (step * quotient.slope).conjugate
      stepGradient = (gain * quotient.value.conjugate).real
    case .bilinear:
      let (above, below) = (.one + z * 0.5, .one - z * 0.5)
      inner = exponent / (above * below).conjugate
      inner += gain * (ComplexNumber(0.5 * step) / (below * below)).conjugate
      stepGradient = (gain / below.conjugate).real
    case .softmax:
      let parts = SoftmaxGain(step: step, pole: pole, length: length).pullback(gain)
      inner += parts.exponent
      poleGradient = parts.pole
    }
    return (stepGradient + (inner * pole.conjugate).real, poleGradient + inner * step)
  }

  /// φ(z) = (eᶻ - 1)/z and its derivative, by their series near zero.
  static func quotient(_ z: ComplexNumber) -> (value: ComplexNumber, slope: ComplexNumber) {
    guard z.squaredMagnitude < 0.25 else {
      let value = ComplexNumber.exponentialMinusOne(z) / z
      return (value, (.exponential(z) - value) / z)
    }
    // Σ zᵏ/(k + 1)! and Σ (k + 1)zᵏ/(k + 2)!
    var (value, slope, term) = (ComplexNumber.zero, ComplexNumber.zero, ComplexNumber.one)
    for k in 0..<15 {
      value += term
      slope += term * (Double(k + 1) / Double(k + 2))
      term = term * z * (1 / Double(k + 2))
    }
    return (value, slope)
  }
}

/// κ of DSS and its gradients.
private struct SoftmaxGain {
  let pole: ComplexNumber
  let length: Double
  /// -1 where the pole grows, and positions are counted from the other end.
  let sign: Double
  let power: ComplexNumber
  let numerator: ComplexNumber
  let fullNumerator: ComplexNumber
  let denominator: ComplexNumber
  let size: Double
  let shift: ComplexNumber

  static let epsilon = 1e-7

  init(step: Double, pole: ComplexNumber, length: Int) {
    self.pole = pole
    self.length = Double(length)
    sign = pole.real > 0 ? -1 : 1
    let z = pole * (step * sign)
    power = .exponential(z)
    numerator = .exponentialMinusOne(z)
    fullNumerator = .exponentialMinusOne(z * self.length)
    denominator = fullNumerator * pole
    size = denominator.squaredMagnitude + Self.epsilon
    shift = sign < 0 ? .exponential(z * (self.length - 1)) : .one
  }

  var reciprocal: ComplexNumber { denominator.conjugate * (1 / size) }

  var value: ComplexNumber { numerator * reciprocal * shift }

  /// The gradients of λ and, besides that, of a.
  func pullback(_ gradient: ComplexNumber) -> (exponent: ComplexNumber, pole: ComplexNumber) {
    let ofNumerator = gradient * (reciprocal * shift).conjugate
    let ofReciprocal = gradient * (numerator * shift).conjugate
    let ofShift = gradient * (numerator * reciprocal).conjugate
    // x̄/(|x|² + ε) depends on x and on x̄.
    let direct = -(denominator.conjugate * denominator.conjugate) * (1 / (size * size))
    let mirrored = Self.epsilon / (size * size)
    let ofDenominator = ofReciprocal * direct.conjugate + ofReciprocal.conjugate * mirrored
    var inner = ofNumerator * power.conjugate
    inner += ofDenominator * (length * (fullNumerator + .one) * pole).conjugate
    if sign < 0 { inner += ofShift * ((length - 1) * shift).conjugate }
    return (inner * sign, ofDenominator * fullNumerator.conjugate)
  }
}
