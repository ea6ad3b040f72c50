import Longwave

/// A language model to generate with in every way, whose filters are recurrences of known order: online
/// convolution and whole passes see the same filters by their taps.
struct GenerationContest {
  var channels: Int
  var layers: Int
  /// The order of the recurrences: twice as many real states as pairs of poles.
  var order: Int

  /// The vocabulary of bytes.
  static let vocabulary = 256
  /// The contexts of the comparison.
  static let contexts = [256, 1024, 4096, 16384, 65536]

  /// The model with random weights.
  func makeModel() -> LanguageModel<AnySequenceMixer> {
    var random = RandomSource(seed: 0)
    var options = LanguageModelOptions()
    (options.channels, options.layers) = (channels, layers)
    return LanguageModel(vocabulary: Self.vocabulary, options: options, using: &random) { random in
      AnySequenceMixer(
        HyenaOperator(channels: channels, using: &random) { columns, random in
          makeFilter(columns, &random)
        })
    }
  }

  /// The speeds of the long convolutions alone, those of all layers one after the other, behind every
  /// context.
  func mixing(
    _ method: GenerationMethod, contexts: [Int], seconds: Double
  ) -> [GenerationSpeed] {
    var random = RandomSource(seed: 0)
    let filters = (0..<layers).map { _ in makeFilter(channels, &random) }
    switch method {
    case .recurrence:
      // Contexts take turns, so that what slows the machine for a while slows all of them.
      let steppers = contexts.map { Stepper(filters, context: $0) }
      let times = Stopwatch(seconds: seconds, repeats: 3).shortest(
        steppers.map { stepper in { stepper.run(positions: 64) } })
      return zip(steppers, times).map { $0.speed(method, milliseconds: $1 / 64) }
    case .online:
      return contexts.map { context in
        let stepper = Stepper(
          filters.map { StreamedFilter($0, length: context) }, context: context)
        // The first position makes the tables; lumps of work come at most every 512 positions but
        // for some of thousands, and their mean counts.
        stepper.run(positions: 512)
        let clock = ContinuousClock()
        var (all, count) = (Duration.zero, 0)
        while count < 1024 || all < .seconds(seconds) {
          all += clock.measure { stepper.run(positions: 512) }
          count += 512
        }
        return stepper.speed(method, milliseconds: all / count / .milliseconds(1))
      }
    case .recompute: return contexts.map { whole(filters, context: $0, seconds: seconds) }
    }
  }

  /// The convolutions of a whole context.
  private func whole(
    _ filters: [ModalFilter], context: Int, seconds: Double
  ) -> GenerationSpeed {
    var random = RandomSource(seed: 1)
    let x = Tensor(normal: [1, context, channels], using: &random)
    // The spectra of the filters are known already: recomputing at its best.
    let prepared = filters.map {
      FilterSpectrumCache().convolution(
        with: $0.taps(length: context, on: nil).value, length: context)
    }
    let milliseconds = Stopwatch(seconds: seconds / 4, repeats: 2).shortest([
      { for convolution in prepared { _ = convolution(ConvolutionOperands(input: x)) } }
    ])[0]
    return GenerationSpeed(
      method: .recompute, context: context, tokensPerSecond: 1000 / milliseconds,
      stateBytes: 4 * x.count)
  }

  /// Slow and fast decays, and all frequencies.
  private func makeFilter(_ columns: Int, _ random: inout RandomSource) -> ModalFilter {
    ModalFilter(
      (0..<columns).map { _ in
        let poles = (0..<max(1, order / 2)).map { _ in
          ComplexNumber.exponential(
            ComplexNumber(
              -random.uniform(from: 0.0005, to: 0.05), random.uniform(from: 0.01, to: 3.1)))
        }
        return ModalRecurrence(
          head: [random.normal()], poles: poles,
          residues: poles.map { _ in ComplexNumber(0.1 * random.normal(), 0.1 * random.normal()) })
      })
  }
}

/// Filters one after the other, position by position behind a context.
private final class Stepper<Filter: RecurrentFilter> where Filter.State: MeasuredState {
  private let filters: [Filter]
  private var states: [Filter.State]
  private let start: Tensor
  private let context: Int

  init(_ filters: [Filter], context: Int) {
    var random = RandomSource(seed: 1)
    self.filters = filters
    self.context = context
    states = filters.map { $0.initialState(batch: 1) }
    start = Tensor(normal: [1, 1, filters[0].channels], using: &random)
    for index in filters.indices {
      _ = filters[index].chunk(
        Tensor(normal: [1, context, filters[index].channels], using: &random), &states[index])
    }
  }

  func run(positions: Int) {
    for _ in 0..<positions {
      var x = start
      for index in filters.indices { x = filters[index].chunk(x, &states[index]) }
    }
  }

  func speed(_ method: GenerationMethod, milliseconds: Double) -> GenerationSpeed {
    GenerationSpeed(
      method: method, context: context, tokensPerSecond: 1000 / milliseconds,
      stateBytes: states.reduce(0) { $0 + $1.byteCount })
  }
}
