import Foundation
import Longwave
import TestSupport
import Testing

/// Taps of diagonal state spaces against sums in double precision, and their gradients.
@Suite struct S4DFilterTests {
  static func options(
    _ parameterization: StateSpaceOptions.Parameterization = .stateSpaces,
    _ discretization: Discretization = .zeroOrderHold,
    _ change: (inout StateSpaceOptions) -> Void = { _ in }
  ) -> StateSpaceOptions {
    var options = StateSpaceOptions()
    options.parameterization = parameterization
    options.discretization = discretization
    options.initialization = .linear
    options.stateSize = 6
    change(&options)
    return options
  }

  /// A filter whose parameters are all off their starting values.
  static func filter(
    channels: Int = 4, _ options: StateSpaceOptions, seed: UInt64 = 1
  ) -> S4DFilter {
    var random = RandomSource(seed: seed)
    var filter = S4DFilter(channels: channels, options: options, using: &random)
    filter.forEachParameter { _, parameter in
      let noise = Tensor(normal: parameter.value.shape, deviation: 0.2, using: &random)
      parameter.value = parameter.value + noise
    }
    return filter
  }

  static let kinds: [StateSpaceOptions] = [
    options(.minimal), options(.safari, .bilinear), options(.stateSpaces, .softmax),
    options { $0.copies = 2 },
    options(.stateSpaces, .bilinear) { $0.independentSystems = 2 },
    options { $0.isBidirectional = true }, options { $0.tiesSteps = false },
    options { $0.isReal = true }, options(.safari, .bilinear) { $0.hasRealPoles = true },
    options { o in
      o.stepTransform = .softplus
      o.realTransform = .softplus
      o.imaginaryTransform = .softplus
    },
    options { o in
      o.usesFastSteps = true
      o.realTransform = .sigmoid
      o.bandLimit = 0.3
    },
    options(.stateSpaces, .softmax) { $0.realTransform = .relu },
    // Poles that grow.
    options(.stateSpaces, .softmax) { $0.realTransform = .none },
  ]

  @Test(arguments: kinds) func tapsAreSumsOfPowers(_ options: StateSpaceOptions) {
    var filter = Self.filter(options)
    if options.realTransform == .none { filter.real.value = filter.real.value * -1 }
    for length in [1, 2, 7, 33, 64, 65, 131] {
      let taps = filter.taps(length: length, on: nil).value
      #expect(
        taps.shape.sizes == [options.isBidirectional ? 2 * length - 1 : length, 4 * options.copies])
      let expected = S4DReference(filter).taps(
        filter.parameters.map { $0.parameter.value.elements.map { Double($0) } }, length: length)
      let scale = expected.reduce(1e-30) { max($0, abs($1)) }
      let error = zip(taps.elements, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
      #expect(error < 2e-6 * scale, "\(length): \(error / scale)")
    }
  }

  @Test(arguments: kinds) func gradients(_ options: StateSpaceOptions) {
    var filter = Self.filter(options)
    if options.realTransform == .none { filter.real.value = filter.real.value * -1 }
    for length in [1, 9, 40] {
      let reference = S4DReference(filter)
      let error = parameterGradientError(
        of: filter, reference: { reference.taps($0, length: length) }
      ) { $0.taps(length: length, on: $1) }
      #expect(error < 1e-5, "\(length): \(error)")
    }
  }

  @Test func maximumLengthCrops() {
    for isBidirectional in [false, true] {
      let free = Self.filter(Self.options { $0.isBidirectional = isBidirectional })
      let cropped = Self.filter(
        Self.options { o in
          o.isBidirectional = isBidirectional
          o.maximumLength = 5
        })
      #expect(free.lengthSemantics == .extrapolate && cropped.lengthSemantics == .crop)
      let (long, short) = (
        free.taps(length: 9, on: nil).value, cropped.taps(length: 9, on: nil).value
      )
      for row in 0..<long.shape[0] {
        let lag = isBidirectional ? row - 8 : row
        for channel in 0..<4 {
          // The future's tap of index 4 is lag -5.
          let isKept = lag < 5 && lag >= -5
          let difference = abs(short[row, channel] - (isKept ? long[row, channel] : 0))
          #expect(difference < 1e-6, "lag \(lag)")
        }
      }
    }
  }

  /// Late taps of a fast state keep their phase: λ has 10 turns a position for 20000 positions.
  @Test func phasesOfLateTaps() {
    var random = RandomSource(seed: 5)
    var filter = S4DFilter(
      channels: 1, options: Self.options(.minimal) { $0.stateSize = 2 }, using: &random)
    filter.step.value = Tensor(zeros: [1, 1])
    filter.real.value = Tensor(repeating: -14, shape: [1, 1])
    filter.imaginary?.value = Tensor(repeating: 62.84, shape: [1, 1])
    filter.output.value = Tensor([1, 0], shape: [1, 1, 1, 2])
    let taps = filter.taps(length: 20_000, on: nil).value
    let expected = S4DReference(filter).taps(
      filter.parameters.map { $0.parameter.value.elements.map { Double($0) } }, length: 20_000)
    let scale = expected.reduce(0) { max($0, abs($1)) }
    for l in 19_000..<20_000 {
      #expect(abs(Double(taps[l, 0]) - expected[l]) < 1e-6 * scale)
    }
  }

  @Test func parametersAndTheirOptions() {
    for options in Self.kinds { expectEveryParameterVisited(Self.filter(options)) }
    let filter = Self.filter(Self.options())
    for (name, parameter) in filter.parameters {
      #expect(parameter.options.learningRate == 1e-3)
      #expect(parameter.options.weightDecay == (name == "C" ? nil : 0), "\(name)")
    }
    let frozen = Self.filter(Self.options { $0.learningRate = 0 })
    #expect(frozen.parameterCount == 0)
  }

  @Test func startingValues() {
    var random = RandomSource(seed: 2)
    let filter = S4DFilter(channels: 64, options: .minimal, using: &random)
    #expect(filter.step.value.elements.allSatisfy { exp($0) > 0.000999 && exp($0) < 0.1001 })
    #expect(filter.real.value.elements.allSatisfy { abs($0 - log(0.5)) < 1e-6 })
    for n in 0..<32 {
      #expect(abs((filter.imaginary?.value[3, n] ?? 0) - Float(Double.pi * Double(n))) < 1e-4)
    }
    let variance = filter.output.value.sumOfSquares() / Double(64 * 32)
    #expect(abs(variance - 1) < 0.1)
    // The original has a floor of 10⁻⁴ for what a transform starts from.
    let other = S4DFilter(channels: 2, options: Self.options(), using: &random)
    #expect(other.imaginary?.value[0, 0] == 1e-4)
  }
}

/// The formulas, tap by tap, in double precision.
struct S4DReference {
  let options: StateSpaceOptions
  let shapes: [String: Shape]
  let names: [String]
  let channels: Int

  init(_ filter: S4DFilter) {
    options = filter.options
    channels = filter.inputChannels
    names = filter.parameters.map(\.name)
    shapes = Dictionary(
      uniqueKeysWithValues: filter.parameters.map { ($0.name, $0.parameter.value.shape) })
  }

  /// Row-major taps of the filter from the elements of its parameters in order.
  func taps(_ parameters: [[Double]], length: Int) -> [Double] {
    let values = Dictionary(uniqueKeysWithValues: zip(names, parameters))
    func named(_ options: [String]) -> [Double] {
      options.lazy.compactMap { values[$0] }.first ?? []
    }
    let steps = named(["inv_dt", "log_dt"])
    let reals = named(["A_real", "log_A_real", "inv_A_real"])
    let imaginaries = named(["A_imag"])
    let systems = shapes[names[1]]?[0] ?? 0
    let modes = shapes[names[1]]?[1] ?? 0
    func complex(_ x: [Double], _ index: Int) -> ComplexNumber {
      options.isReal
        ? ComplexNumber(x[index]) : ComplexNumber(x[2 * index], x[2 * index + 1])
    }
    let directions = options.copies * (options.isBidirectional ? 2 : 1)
    var rows = Array(
      repeating: [Double](repeating: 0, count: length), count: directions * channels)
    for row in rows.indices {
      let h = row % channels
      for n in 0..<modes {
        let raw = steps[steps.count == channels ? h : h * modes + n]
        let step = options.stepTransform.value(options.usesFastSteps ? sinh(raw) : raw)
        let at = h % systems * modes + n
        var pole = ComplexNumber(-options.realTransform.value(reals[at]))
        if !imaginaries.isEmpty && !options.hasRealPoles {
          pole.imaginary =
            options.parameterization == .stateSpaces
            ? -options.imaginaryTransform.value(imaginaries[at]) : imaginaries[at]
        }
        if let limit = options.bandLimit, step * abs(pole.imaginary) / (2 * .pi) >= limit / 2 {
          continue
        }
        let b = values["B"].map { complex($0, at) } ?? .one
        let weight = complex(named(["C"]), row * modes + n) * b
        let z = pole * step
        for l in 0..<length {
          rows[row][l] += (weight * state(z, pole, step, l, length)).real
        }
      }
    }
    let past = options.copies * channels
    var taps: [Double] = []
    if options.isBidirectional {
      for lag in stride(from: length - 1, to: 0, by: -1) {
        taps += (past..<2 * past).map { rows[$0][lag - 1] }
      }
    }
    for l in 0..<length { taps += (0..<past).map { rows[$0][l] } }
    return taps
  }

  /// A state's impulse response at l, with the factor for its conjugate.
  private func state(
    _ z: ComplexNumber, _ pole: ComplexNumber, _ step: Double, _ l: Int, _ length: Int
  ) -> ComplexNumber {
    switch options.discretization {
    case .zeroOrderHold:
      return .exponential(z * Double(l)) * .exponentialMinusOne(z) / pole * 2
    case .bilinear:
      var power = ComplexNumber(2 * step) / (.one - z * 0.5)
      let ratio = (ComplexNumber.one + z * 0.5) / (.one - z * 0.5)
      for _ in 0..<l { power = power * ratio }
      return power
    case .softmax:
      let grows = pole.real > 0
      let w = grows ? -z : z
      let x = (ComplexNumber.exponential(w * Double(length)) - .one) * pole
      let inverse = x.conjugate * (1 / (x.squaredMagnitude + 1e-7))
      let position = grows ? l - (length - 1) : l
      return .exponential(z * Double(position)) * (.exponential(w) - .one) * inverse
    }
  }
}
