import Differentiation
public import Layers
public import LongConvolution
import SequenceTensor

/// Times how fast a language model generates behind a context.
public struct GenerationTiming: Sendable {
  /// Seconds for each measurement.
  public var seconds: Double
  /// How many tokens are generated at least, and at most.
  public var tokens: ClosedRange<Int>

  /// Measurements of half a second and 4 to 4096 tokens.
  public init(seconds: Double = 0.5, tokens: ClosedRange<Int> = 4...4096) {
    (self.seconds, self.tokens) = (seconds, tokens)
  }

  /// Positions that are timed together: the work of an online convolution comes in lumps.
  private static let piece = 64

  /// The speed behind a context of random tokens.
  ///
  /// Recurrences do the same at every position, so that the fastest piece of 64 tokens counts; the
  /// others do more at some positions than at others, and the mean of all counts. Filters that are no
  /// recurrences are taken with a tap for each position of the context.
  ///
  /// - Throws: `GenerationError` if the model does not allow the method.
  public func speed(
    of model: LanguageModel<AnySequenceMixer>, method: GenerationMethod, context: Int
  ) throws(GenerationError) -> GenerationSpeed {
    var generator = try LanguageGenerator(
      model, method: method, length: context)
    let vocabulary = Int32(model.embedding.weight.value.shape[0])
    let clock = ContinuousClock()
    var logits = generator.read((0..<Int32(context)).map { $0 &* 7919 % vocabulary })
    let bytes = generator.stateBytes
    func step() {
      // The next token depends on the logits, as it does when texts are written.
      let token = (logits.first ?? 0) > 0 ? 1 : 0
      logits = generator.read([Int32(token) % vocabulary])
    }
    var fastest = Duration.seconds(1_000_000)
    var all = Duration.zero
    var count = 0
    // An online convolution makes its tables at the first position after a prompt.
    if method != .recompute { for _ in 0..<Self.piece { step() } }
    while count < tokens.lowerBound
      || (count < tokens.upperBound && all < .seconds(seconds))
    {
      let some = method == .recompute ? 1 : Self.piece
      let duration = clock.measure { for _ in 0..<some { step() } }
      fastest = min(fastest, duration / some)
      all += duration
      count += some
    }
    let each = method == .online ? all / count : fastest
    return GenerationSpeed(
      method: method, context: context, tokensPerSecond: 1 / (each / .seconds(1)),
      stateBytes: bytes)
  }
}

extension GenerationTiming {
  /// The contexts of a report.
  private static let contexts = [256, 1024, 4096, 16384]

  /// The speeds of a model with long filters, by online convolution and computed anew, and of the
  /// distilled one by recurrence.
  ///
  /// A method that a model does not allow is left out.
  public static func speeds(
    original: LanguageModel<AnySequenceMixer>, _ distilled: LanguageModel<AnySequenceMixer>
  ) -> [GenerationSpeed] {
    let timing = GenerationTiming(seconds: 0.2, tokens: 2...1024)
    return contexts.flatMap { context in
      [(distilled, GenerationMethod.recurrence), (original, .online), (original, .recompute)]
        .compactMap { model, method in
          try? timing.speed(of: model, method: method, context: context)
        }
    }
  }
}
