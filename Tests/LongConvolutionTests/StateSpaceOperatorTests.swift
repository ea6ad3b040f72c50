import Foundation
import Longwave
import TestSupport
import Testing

/// H3 and S5: against plain recurrences, their gradients, causality and masks.
@Suite struct StateSpaceOperatorTests {
  static func s5(_ change: (inout S5Options) -> Void = { _ in }) -> S5 {
    var options = S5Options()
    options.stateSize = 8
    options.blocks = 2
    options.minimumStep = 0.05
    options.maximumStep = 0.3
    change(&options)
    var random = RandomSource(seed: 9)
    return S5(channels: 3, options: options, using: &random)
  }

  static let kinds: [S5] = [
    s5(), s5 { $0.discretization = .bilinear }, s5 { $0.isBidirectional = true },
    s5 { $0.isConjugateSymmetric = false },
    s5 { o in
      o.clipsPoles = true
      o.stepScale = 2
      o.outputInitialization = .complexNormal
    },
    s5 { o in
      o.outputInitialization = .lecunNormal
      o.isBidirectional = true
    },
  ]

  @Test(arguments: kinds.indices) func s5IsItsRecurrence(_ kind: Int) {
    var s5 = Self.kinds[kind]
    // A pole that a clipped system has to hold back.
    s5.real.value[1] = 0.02
    var random = RandomSource(seed: 2)
    for length in [1, 2, 33, 1100] {
      let x = Tensor(normal: [2, length, 3], using: &random)
      let y = s5(Variable(x), mask: nil).value
      let expected = s5Reference(
        s5, s5.parameters.map { $0.parameter.value.elements.map { Double($0) } }, x)
      let scale = expected.reduce(0) { max($0, abs($1)) }
      let error = zip(y.elements, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
      #expect(error < 3e-6 * scale, "\(length): \(error / scale)")
    }
  }

  @Test(arguments: kinds.indices) func s5Gradients(_ kind: Int) {
    let s5 = Self.kinds[kind]
    var random = RandomSource(seed: 2)
    let x = Tensor(normal: [2, 21, 3], using: &random)
    let error = parameterGradientError(of: s5, reference: { s5Reference(s5, $0, x) }) {
      $0(Variable(x, on: $1), mask: nil)
    }
    #expect(error < 1e-5, "\(error)")
    let inputError = GradientCheck.adjointError(
      of: { s5($0, mask: nil) }, at: x.shape, using: &random)
    #expect(inputError < 1e-6)
  }

  @Test func s5LayerGradients() {
    var random = RandomSource(seed: 2)
    let x = Tensor(normal: [2, 13, 3], using: &random)
    for gating in S5Options.Gating.allCases {
      var options = S5Options()
      options.stateSize = 4
      options.blocks = 1
      options.gating = gating
      let layer = S5Layer(channels: 3, options: options, using: &random)
      expectEveryParameterVisited(layer)
      let error = parameterGradientError(of: layer) { $0(Variable(x, on: $1), mask: nil) }
      #expect(error < 2e-3, "\(gating): \(error)")
    }
  }

  @Test func h3Gradients() {
    var random = RandomSource(seed: 2)
    let x = Tensor(normal: [2, 11, 6], using: &random)
    var options = StateSpaceOptions.safari
    options.stateSize = 4
    for headSize in [1, 2, 6] {
      let h3 = H3(channels: 6, headSize: headSize, options: options, using: &random)
      expectEveryParameterVisited(h3)
      let error = parameterGradientError(of: h3) { $0(Variable(x, on: $1), mask: nil) }
      #expect(error < 2e-3, "\(headSize): \(error)")
    }
  }

  /// What comes later, and padding, does not reach what comes before.
  @Test func causality() {
    var random = RandomSource(seed: 3)
    let layers: [(String, any SequenceMixer)] = [
      ("H3", H3(channels: 6, headSize: 3, using: &random)),
      ("S5", S5Layer(channels: 6, using: &random)),
      (
        "S4D",
        LongConvolution(
          S4DFilter(channels: 6, using: &random), channels: 6, using: &random)
      ),
    ]
    for (name, layer) in layers {
      let x = Tensor(normal: [1, 30, 6], using: &random)
      var changed = x
      for position in 17..<30 { changed[0, position, 2] += 5 }
      let (y, z) = (layer(Variable(x), mask: nil).value, layer(Variable(changed), mask: nil).value)
      let difference = y - z
      let scale = y.maximumMagnitude()
      #expect(
        difference.sliced(axis: 1, 0..<17).maximumMagnitude() < 2e-6 * scale, "\(name)")
      #expect(difference.sliced(axis: 1, 17..<30).maximumMagnitude() > 1e-2 * scale, "\(name)")
    }
  }

  @Test func bidirectionalStatesHeedTheMask() {
    let s5 = Self.s5 { $0.isBidirectional = true }
    var random = RandomSource(seed: 3)
    let x = Tensor(normal: [1, 20, 3], using: &random)
    let mask = SequenceMask(lengths: [12], length: 20)
    let alone = s5(Variable(x.sliced(axis: 1, 0..<12)), mask: nil).value
    let padded = s5(Variable(x), mask: mask).value.sliced(axis: 1, 0..<12)
    #expect((alone - padded).maximumMagnitude() < 2e-6 * alone.maximumMagnitude())
  }
}

/// S5 position by position in double precision, from the elements of its parameters.
private func s5Reference(_ s5: S5, _ parameters: [[Double]], _ x: Tensor) -> [Double] {
  let options = s5.options
  let modes = options.storedStates
  let (batch, length, width) = (x.shape[0], x.shape[1], x.shape[2])
  func complex(_ parameter: Int, _ index: Int) -> ComplexNumber {
    ComplexNumber(parameters[parameter][2 * index], parameters[parameter][2 * index + 1])
  }
  var y = [Double](repeating: 0, count: batch * length * width)
  let directions = options.isBidirectional ? 2 : 1
  for b in 0..<batch {
    for direction in 0..<directions {
      for n in 0..<modes {
        let real = options.clipsPoles ? min(parameters[0][n], -1e-4) : parameters[0][n]
        let pole = ComplexNumber(real, parameters[1][n])
        let step = options.stepScale * exp(parameters[5][n])
        let z = pole * step
        let isExact = options.discretization == .zeroOrderHold
        let transition =
          isExact ? ComplexNumber.exponential(z) : (.one + z * 0.5) / (.one - z * 0.5)
        let gain =
          isExact
          ? .exponentialMinusOne(z) / pole : ComplexNumber(step) / (.one - z * 0.5)
        var state = ComplexNumber.zero
        for position in 0..<length {
          let l = direction == 0 ? position : length - 1 - position
          state = transition * state
          for h in 0..<width {
            state += gain * complex(2, n * width + h) * Double(x[b, l, h])
          }
          for h in 0..<width {
            let weight = complex(3, (h * directions + direction) * modes + n)
            let factor = options.isConjugateSymmetric ? 2.0 : 1
            y[(b * length + l) * width + h] += factor * (weight * state).real
          }
        }
      }
    }
    for l in 0..<length {
      for h in 0..<width {
        y[(b * length + l) * width + h] += parameters[4][h] * Double(x[b, l, h])
      }
    }
  }
  return y
}
