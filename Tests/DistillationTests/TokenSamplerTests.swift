import Longwave
import Testing

/// Tokens are drawn as temperature, top-k and top-p say.
@Suite struct TokenSamplerTests {
  static func options(_ change: (inout SamplingOptions) -> Void) -> SamplingOptions {
    var options = SamplingOptions()
    change(&options)
    return options
  }

  /// Logits of the probabilities 0.1, 0.4, 0.2, 0.3.
  static let logits: [Float] = [0.1, 0.4, 0.2, 0.3].map { Float(logarithm($0)) }

  static func logarithm(_ x: Double) -> Double { ComplexNumber.logarithm(ComplexNumber(x)).real }

  @Test func theMostProbableComeFirst() {
    let all = TokenSampler(SamplingOptions(), seed: 1).candidates(Self.logits)
    #expect(all.map(\.token) == [1, 3, 2, 0])
    for (found, expected) in zip(all.map(\.probability), [0.4, 0.3, 0.2, 0.1]) {
      #expect(abs(found - expected) < 1e-6)
    }
    let two = TokenSampler(Self.options { $0.topK = 2 }, seed: 1).candidates(Self.logits)
    #expect(two.map(\.token) == [1, 3] && abs(two[0].probability - 4.0 / 7) < 1e-6)
    // 0.4 + 0.3 is below 0.75, with 0.2 it is above.
    let nucleus = TokenSampler(Self.options { $0.topP = 0.75 }, seed: 1).candidates(Self.logits)
    #expect(nucleus.map(\.token) == [1, 3, 2])
    // p² over the sum of squares.
    let cold = TokenSampler(Self.options { $0.temperature = 0.5 }, seed: 1).candidates(Self.logits)
    #expect(abs(cold[0].probability - 0.16 / 0.3) < 1e-6)
    let greedy = TokenSampler(Self.options { $0.temperature = 0 }, seed: 1)
    #expect(greedy.candidates([1, 3, 3, 2]).map(\.token) == [1], "of equal ones the lowest")
    let without = TokenSampler(SamplingOptions(), excluding: [1], seed: 1)
    #expect(without.candidates(Self.logits).map(\.token) == [3, 2, 0])
  }

  @Test func frequenciesAreProbabilities() {
    var sampler = TokenSampler(SamplingOptions(), seed: 9)
    var same = TokenSampler(SamplingOptions(), seed: 9)
    var counts = [0, 0, 0, 0]
    for _ in 0..<4000 {
      let token = sampler.next(Self.logits)
      counts[Int(token)] += 1
      #expect(same.next(Self.logits) == token)
    }
    for (count, probability) in zip(counts, [0.1, 0.4, 0.2, 0.3]) {
      #expect(abs(Double(count) / 4000 - probability) < 0.03)
    }
  }

  @Test func refusesOtherRanges() {
    let wrong: [(SamplingOptions, String)] = [
      (Self.options { $0.temperature = -1 }, "--temperature"),
      (Self.options { $0.topK = 0 }, "--top-k"), (Self.options { $0.topP = 0 }, "--top-p"),
      (Self.options { $0.topP = 1.5 }, "--top-p"),
    ]
    for (options, place) in wrong {
      let problem = #expect(throws: GenerationError.self) { try options.validate() }
      #expect(problem?.place == place)
    }
  }
}
