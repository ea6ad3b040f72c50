import Differentiation
import Foundation
import LongConvolution
import SequenceTensor
import TestSupport
import Testing

/// The implicit filter: its grid, its lengths, its normalisations, its gradients.
@Suite struct HyenaFilterTests {
  static func filter(
    channels: Int = 3, seed: UInt64 = 1, _ change: (inout HyenaFilterOptions) -> Void = { _ in }
  ) -> HyenaFilter {
    var options = HyenaFilterOptions()
    (options.maximumLength, options.embeddingChannels, options.width) = (11, 5, 6)
    options.frequency = 2
    change(&options)
    var random = RandomSource(seed: seed)
    return HyenaFilter(channels: channels, options: options, using: &random)
  }

  func taps(_ filter: HyenaFilter, _ length: Int) -> Tensor {
    filter.taps(length: length, on: nil).value
  }

  @Test func gridAndDecay() {
    let filter = Self.filter()
    let z = filter.embedding.value
    #expect(z.shape == [11, 5])
    for n in 0..<11 {
      let omega = 2 * Double.pi * Double(n) / 11
      let expected = [
        Double(n) / 10, cos(1e-4 * omega), cos(omega), -sin(1e-4 * omega), -sin(omega),
      ]
      for (c, value) in expected.enumerated() { #expect(abs(Double(z[n, c]) - value) < 1e-6) }
      #expect(filter.times.value[n, 0] == z[n, 0])
    }
    // ln(0.01)/1.5, the mean, ln(0.01)/0.3.
    for (found, expected) in zip(filter.decay.value.elements, [-3.070113, -9.210340, -15.350567]) {
      #expect(abs(Double(found) - expected) < 1e-5)
    }
    // One point and one channel.
    let least = Self.filter(channels: 1) { ($0.maximumLength, $0.embeddingChannels) = (1, 3) }
    #expect(least.embedding.value.elements == [0, 1, 0])
    #expect(taps(least, 1).shape == [1, 1])
  }

  /// The decay multiplies what the network makes.
  @Test func modulation() {
    let plain = Self.filter { $0.isModulated = false }
    let modulated = Self.filter { $0.shift = 0.25 }
    let (h, y) = (taps(plain, 11), taps(modulated, 11))
    for n in 0..<11 {
      for c in 0..<3 {
        let rate = abs(Double(modulated.decay.value.elements[c]))
        let expected = Double(h[n, c]) * (exp(-Double(n) / 10 * rate) + 0.25)
        #expect(abs(Double(y[n, c]) - expected) < 1e-6)
      }
    }
  }

  @Test(arguments: HyenaNormalization.allCases) func normalizations(_ kind: HyenaNormalization) {
    let filter = Self.filter { $0.normalization = kind }
    let h = taps(filter, 11)
    let rates = filter.decay.value.elements.map { abs(Double($0)) }
    let sums = (0..<11).map { n in
      (0..<3).reduce(0.0) { sum, c in
        let decay = kind == .beforeModulation ? exp(-Double(n) / 10 * rates[c]) : 1
        return sum + abs(Double(h[n, c])) / decay
      }
    }
    #expect(sums.allSatisfy { abs($0 - 1) < 1e-5 } == (kind != .none))
  }

  /// The first taps of the grid, and zeros beyond it.
  @Test(arguments: [false, true]) func lengths(isBidirectional: Bool) {
    let filter = Self.filter { $0.isBidirectional = isBidirectional }
    #expect(filter.lengthSemantics == .crop)
    let whole = taps(filter, 11)
    for length in [1, 2, 5, 10, 11, 12, 29] {
      let h = taps(filter, length)
      #expect(h.shape == [isBidirectional ? 2 * length - 1 : length, 3])
      let reach = isBidirectional ? length - 1 : 0
      for lag in -reach..<length {
        for c in 0..<3 {
          // Lag -11 is in the grid, but not among the lags of 11 positions.
          if lag == -11 { continue }
          let expected = -11..<11 ~= lag ? whole[lag + (isBidirectional ? 10 : 0), c] : 0
          #expect(abs(h[lag + reach, c] - expected) < 1e-6, "length \(length), lag \(lag)")
        }
      }
    }
  }

  /// With the same network twice, lag -(j + 1) has the tap of lag j.
  @Test func futureBeginsAtMinusOne() {
    var filter = Self.filter { $0.isBidirectional = true }
    filter.futureNetwork = filter.network
    let h = taps(filter, 11)
    for j in 0..<10 {
      for c in 0..<3 { #expect(h[9 - j, c] == h[10 + j, c]) }
    }
  }

  @Test(arguments: [false, true]) func parameters(isBidirectional: Bool) {
    let filter = Self.filter {
      $0.isBidirectional = isBidirectional
      $0.weightDecay = 0.1
    }
    expectEveryParameterVisited(filter)
    let options = Dictionary(
      uniqueKeysWithValues: filter.parameters.map { ($0.name, $0.parameter.options) })
    #expect(options["embedding"] == ParameterOptions(learningRate: 1e-5, weightDecay: 0))
    #expect(options["frequency"] == ParameterOptions(learningRate: 1e-3, weightDecay: 0.1))
    #expect(
      options["network.hidden.0.bias"] == ParameterOptions(learningRate: 1e-3, weightDecay: 0.1))
    #expect(options["decay"]?.isTrainable == false)
    #expect(options["times"]?.isTrainable == false)
    let fixed = Self.filter {
      $0.embeddingLearningRate = 0
      $0.modulationLearningRate = 1e-3
    }
    #expect(!fixed.embedding.options.isTrainable && fixed.decay.options.isTrainable)
  }

  @Test(arguments: HyenaNormalization.allCases) func gradients(_ kind: HyenaNormalization) {
    let filter = Self.filter {
      $0.normalization = kind
      $0.isBidirectional = true
      $0.modulationLearningRate = 1e-3
      $0.frequencyFactor = 1.5
      $0.shift = 0.1
    }
    for length in [7, 11, 13] {
      expectParameterGradients(of: filter) { $0.taps(length: length, on: $1) }
    }
  }

  /// The factor multiplies ω without being trained.
  @Test func frequencyFactor() {
    let doubled = Self.filter { ($0.frequency, $0.frequencyFactor) = (2, 2) }
    let fast = Self.filter { $0.frequency = 4 }
    #expect(taps(doubled, 11) == taps(fast, 11))
    #expect(doubled.frequency.value.elements.allSatisfy { $0 == 2 })
  }
}
