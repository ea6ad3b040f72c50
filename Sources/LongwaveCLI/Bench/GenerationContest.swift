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

  /// The speed of the long convolutions alone: those of all layers, one after the other.
  func mixing(
    _ method: GenerationMethod, context: Int, seconds: Double
  ) throws -> GenerationSpeed {
    var random = RandomSource(seed: 0)
    let filters = (0..<layers).map { _ in makeFilter(channels, &random) }
    switch method {
    case .recurrence: return stepping(filters, method, context, seconds)
    case .online:
      let streamed = filters.map { StreamedFilter($0, length: context) }
      return stepping(streamed, method, context, seconds)
    case .recompute:
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
        method: method, context: context, tokensPerSecond: 1000 / milliseconds,
        stateBytes: 4 * x.count)
    }
  }

  /// Prefills every filter and steps through all of them in turn.
  private func stepping<Filter: RecurrentFilter>(
    _ filters: [Filter], _ method: GenerationMethod, _ context: Int, _ seconds: Double
  ) -> GenerationSpeed where Filter.State: MeasuredState {
    var random = RandomSource(seed: 1)
    var states = filters.map { $0.initialState(batch: 1) }
    for index in filters.indices {
      _ = filters[index].chunk(
        Tensor(normal: [1, context, channels], using: &random), &states[index])
    }
    let start = Tensor(normal: [1, 1, channels], using: &random)
    let piece = method == .recurrence ? 64 : 512
    let clock = ContinuousClock()
    var (fastest, all, count) = (Duration.seconds(1_000_000), Duration.zero, 0)
    func run() {
      for _ in 0..<piece {
        var x = start
        for index in filters.indices { x = filters[index].chunk(x, &states[index]) }
      }
    }
    run()
    while count < 2 * piece || all < .seconds(seconds) {
      let duration = clock.measure(run)
      fastest = min(fastest, duration / piece)
      all += duration
      count += piece
    }
    // The work of an online convolution comes in lumps, so that its mean counts.
    let each = method == .online ? all / count : fastest
    return GenerationSpeed(
      method: method, context: context, tokensPerSecond: 1 / (each / .seconds(1)),
      stateBytes: states.reduce(0) { $0 + $1.byteCount })
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
