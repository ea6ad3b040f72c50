import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the next token is drawn.
public struct SamplingOptions: Sendable, Hashable, Codable {
  /// What logits are divided by: below 1 the probable becomes more probable; 0 takes the most
  /// probable token.
  public var temperature = 1.0
  /// How many of the most probable tokens are drawn from; `nil` for all.
  public var topK: Int?
  /// The least number of most probable tokens is drawn from whose probabilities sum to this; 1 for
  /// all (nucleus sampling: Holtzman and others, "The curious case of neural text degeneration",
  /// 2020).
  public var topP = 1.0

  /// All tokens with their probabilities.
  public init() {}

  /// Checks the ranges.
  ///
  /// - Throws: `GenerationError` with the name of the option of `longwave generate`.
  public func validate() throws(GenerationError) {
    guard temperature.isFinite, temperature >= 0 else {
      throw GenerationError(
        place: "--temperature", expected: "a number of at least 0", got: "\(temperature)")
    }
    guard topK ?? 1 > 0 else {
      throw GenerationError(place: "--top-k", expected: "at least 1", got: "\(topK ?? 0)")
    }
    guard topP > 0, topP <= 1 else {
      throw GenerationError(place: "--top-p", expected: "above 0 and at most 1", got: "\(topP)")
    }
  }
}

/// Draws tokens from logits; the same seed and logits give the same tokens.
public struct TokenSampler: Sendable {
  /// How.
  public let options: SamplingOptions
  /// Tokens that are never drawn.
  public let excluded: Set<Int32>
  private var random: RandomSource

  /// Creates a sampler.
  ///
  /// - Precondition: the options are valid.
  public init(_ options: SamplingOptions, excluding excluded: Set<Int32> = [], seed: UInt64) {
    require((try? options.validate()) != nil, "TokenSampler: \(options)")
    self.options = options
    self.excluded = excluded
    random = RandomSource(seed: seed)
  }

  /// The tokens that are drawn from with their probabilities, the most probable first; of equal ones
  /// the lowest first.
  ///
  /// First the temperature is applied, then the most probable `topK` are kept, then of their
  /// probabilities those that reach `topP`.
  public func candidates(_ logits: [Float]) -> [(token: Int32, probability: Double)] {
    let allowed = logits.indices.filter { !excluded.contains(Int32($0)) && !logits[$0].isNaN }
    let order = allowed.sorted { (logits[$0], $1) > (logits[$1], $0) }
    guard let first = order.first else { return [] }
    guard options.temperature > 0 else { return [(Int32(first), 1)] }
    let kept = order.prefix(options.topK ?? order.count)
    let largest = Double(logits[first])
    let weights = kept.map { exp((Double(logits[$0]) - largest) / options.temperature) }
    let total = weights.reduce(0, +)
    var result: [(token: Int32, probability: Double)] = []
    var sum = 0.0
    for (token, weight) in zip(kept, weights) {
      result.append((Int32(token), weight / total))
      sum += weight / total
      if sum >= options.topP { break }
    }
    return result.map { ($0.token, $0.probability / sum) }
  }

  /// The next token.
  ///
  /// - Precondition: a token is not excluded and its logit is a number.
  public mutating func next(_ logits: [Float]) -> Int32 {
    let candidates = candidates(logits)
    // One number a token, whatever the options: texts of other options stay comparable.
    let place = random.uniform()
    var sum = 0.0
    for (token, probability) in candidates {
      sum += probability
      if place < sum { return token }
    }
    require(!candidates.isEmpty, "TokenSampler.next: no token of \(logits.count) to draw from")
    return candidates.last?.token ?? 0
  }
}
