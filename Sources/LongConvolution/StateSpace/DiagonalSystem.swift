import Differentiation
import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The parameters of diagonal systems in double precision, and gradients back to them.
///
/// H channels, S independent systems (channel h has system h mod S), N stored states.
struct DiagonalSystem {
  let options: StateSpaceOptions
  let channels: Int
  let systems: Int
  let modes: Int
  /// Δ, `[H, 1 or N]`, and its derivative by the parameter.
  private var steps: [Double] = []
  private var stepSlopes: [Double] = []
  /// a, `[S, N]`, and the derivatives of its parts.
  private var poles: [ComplexNumber] = []
  private var realSlopes: [Double] = []
  private var imaginarySlopes: [Double] = []
  /// B, `[S, N]`; empty means 1.
  private var inputs: [ComplexNumber] = []
  /// C, `[rows, N]` with rows of H channels each; zero for states beyond the band limit.
  private(set) var outputs: [ComplexNumber] = []

  /// Reads the parameters of a filter; the tensors have the filter's shapes.
  init(
    options: StateSpaceOptions, channels: Int, step: Tensor, real: Tensor, imaginary: Tensor?,
    input: Tensor?, output: Tensor
  ) {
    self.options = options
    self.channels = channels
    (systems, modes) = (real.shape[0], real.shape[1])
    for p in step.elements.map({ Double($0) }) {
      let inner = options.usesFastSteps ? sinh(p) : p
      steps.append(options.stepTransform.value(inner))
      stepSlopes.append(
        options.stepTransform.slope(inner) * (options.usesFastSteps ? cosh(p) : 1))
    }
    let reals = real.elements.map { Double($0) }
    realSlopes = reals.map { -options.realTransform.slope($0) }
    let imaginaries = imaginary?.elements.map { Double($0) }
    let signed = options.parameterization == .stateSpaces
    for (index, p) in reals.enumerated() {
      var pole = ComplexNumber(-options.realTransform.value(p))
      if let q = imaginaries?[index] {
        let factor = options.hasRealPoles ? 0.0 : 1
        pole.imaginary = factor * (signed ? -options.imaginaryTransform.value(q) : q)
        imaginarySlopes.append(
          factor * (signed ? -options.imaginaryTransform.slope(q) : 1))
      }
      poles.append(pole)
    }
    inputs = input.map(complexNumbers) ?? []
    outputs = complexNumbers(output)
    if options.bandLimit != nil {
      for index in outputs.indices where !isKept(index / modes % channels, index % modes) {
        outputs[index] = .zero
      }
    }
  }

  private func complexNumbers(_ tensor: Tensor) -> [ComplexNumber] {
    options.isReal
      ? tensor.elements.map { ComplexNumber(Double($0)) } : [ComplexNumber](tensor)
  }

  /// Δ of a state.
  func step(_ channel: Int, _ mode: Int) -> Double {
    steps.count == channels ? steps[channel] : steps[channel * modes + mode]
  }

  /// a of a state.
  func pole(_ channel: Int, _ mode: Int) -> ComplexNumber {
    poles[channel % systems * modes + mode]
  }

  /// B of a state.
  func input(_ channel: Int, _ mode: Int) -> ComplexNumber {
    inputs.isEmpty ? .one : inputs[channel % systems * modes + mode]
  }

  private func isKept(_ channel: Int, _ mode: Int) -> Bool {
    guard let limit = options.bandLimit else { return true }
    return step(channel, mode) * abs(pole(channel, mode).imaginary) / (2 * .pi) < limit / 2
  }

  /// μ and κ of every state, `[H, N]`.
  func discretized(
    length: Int
  ) -> (exponents: [ComplexNumber], gains: [ComplexNumber]) {
    var exponents = [ComplexNumber](repeating: .zero, count: channels * modes)
    var gains = exponents
    exponents.withUnsafeMutableBufferPointer { exponents in
      gains.withUnsafeMutableBufferPointer { gains in
        nonisolated(unsafe) let (exponents, gains) = (exponents, gains)
        Parallel.forEach(tasks: channels) { h, _ in
          for n in 0..<modes {
            (exponents[h * modes + n], gains[h * modes + n]) = options.discretization(
              step: step(h, n), pole: pole(h, n), length: length)
          }
        }
      }
    }
    return (exponents, gains)
  }

  /// The factor times BCκ, `[rows, N]`: what the powers of each state are summed with.
  func weights(gains: [ComplexNumber]) -> [ComplexNumber] {
    let factor = options.discretization.conjugateFactor
    return outputs.indices.map { index in
      let (h, n) = (index / modes % channels, index % modes)
      return outputs[index] * input(h, n) * gains[h * modes + n] * factor
    }
  }

  /// The gradients of the parameters, in the order step, real, imaginary, B, C.
  ///
  /// - Parameters:
  ///   - length: the length that the system was discretised for.
  ///   - weightGradients: of `weights`, `[rows, N]`.
  ///   - exponentGradients: of `exponents`, `[H, N]`.
  ///   - gains: those of `discretized(length:)`.
  ///   - shapes: of the parameters that there are, in order.
  func gradients(
    length: Int, weightGradients: [ComplexNumber], exponentGradients: [ComplexNumber],
    gains: [ComplexNumber], shapes: [Shape]
  ) -> [Tensor] {
    let factor = options.discretization.conjugateFactor
    let rows = outputs.count / modes
    let zeros = [ComplexNumber](repeating: .zero, count: channels * modes)
    var (ofSteps, ofPoles, ofInputs) = (zeros.map(\.real), zeros, zeros)
    var ofOutputs = [ComplexNumber](repeating: .zero, count: outputs.count)
    ofSteps.withUnsafeMutableBufferPointer { ofSteps in
      ofPoles.withUnsafeMutableBufferPointer { ofPoles in
        ofInputs.withUnsafeMutableBufferPointer { ofInputs in
          ofOutputs.withUnsafeMutableBufferPointer { ofOutputs in
            // Tasks write to the states of their channel alone.
            nonisolated(unsafe) let places = (ofSteps, ofPoles, ofInputs, ofOutputs)
            Parallel.forEach(tasks: channels) { h, _ in
              for n in 0..<modes {
                let state = h * modes + n
                let scaled = input(h, n) * gains[state] * factor
                var ofProduct = ComplexNumber.zero
                for row in stride(from: h, to: rows, by: channels) {
                  let gradient = weightGradients[row * modes + n]
                  places.3[row * modes + n] = gradient * scaled.conjugate
                  ofProduct += gradient * outputs[row * modes + n].conjugate
                }
                ofProduct = ofProduct * factor
                places.2[state] = ofProduct * gains[state].conjugate
                (places.0[state], places.1[state]) = options.discretization.pullback(
                  step: step(h, n), pole: pole(h, n), length: length,
                  exponent: exponentGradients[state],
                  gain: ofProduct * input(h, n).conjugate)
              }
            }
          }
        }
      }
    }
    return gradients(
      steps: ofSteps, poles: ofPoles, inputs: ofInputs, outputs: ofOutputs, shapes: shapes)
  }

  /// The gradients of the parameters from those of Δ, a and B of every state, `[H, N]`, and of C.
  func gradients(
    steps ofSteps: [Double], poles ofPoles: [ComplexNumber], inputs ofInputs: [ComplexNumber],
    outputs ofOutputs: [ComplexNumber], shapes: [Shape]
  ) -> [Tensor] {
    var stepSums = steps.map { _ in 0.0 }
    var poleSums = poles.map { _ in ComplexNumber.zero }
    var inputSums = inputs.map { _ in ComplexNumber.zero }
    for h in 0..<channels {
      for n in 0..<modes {
        let system = h % systems * modes + n
        stepSums[steps.count == channels ? h : h * modes + n] += ofSteps[h * modes + n]
        poleSums[system] += ofPoles[h * modes + n]
        if !inputs.isEmpty { inputSums[system] += ofInputs[h * modes + n] }
      }
    }
    var results = [
      Tensor(zip(stepSums, stepSlopes).map { $0 * $1 }, shape: shapes[0]),
      Tensor(zip(poleSums, realSlopes).map { $0.real * $1 }, shape: shapes[1]),
    ]
    if !imaginarySlopes.isEmpty {
      results.append(
        Tensor(zip(poleSums, imaginarySlopes).map { $0.imaginary * $1 }, shape: shapes[2]))
    }
    if !inputs.isEmpty { results.append(tensor(inputSums, shapes[results.count])) }
    let kept = ofOutputs.enumerated().map { index, gradient in
      isKept(index / modes % channels, index % modes) ? gradient : .zero
    }
    results.append(tensor(kept, shapes[results.count]))
    return results
  }

  private func tensor(_ numbers: [ComplexNumber], _ shape: Shape) -> Tensor {
    options.isReal
      ? Tensor(numbers.map(\.real), shape: shape) : Tensor(numbers, shape: shape)
  }
}
