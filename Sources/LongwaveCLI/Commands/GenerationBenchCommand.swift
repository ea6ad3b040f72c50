import ArgumentParser
import Longwave

struct GenerationBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Time generation by recurrence, by online convolution and by whole passes.",
    discussion: """
      Tokens a second of one sequence, behind contexts of several lengths. The filters are recurrences \
      of a known order; the other ways see their taps, one for each position of the context.

      The case "generate" is what the ways differ in: the long convolutions of all layers. The case \
      "generate_model" is a whole Hyena language model, with the projections, gates, perceptrons and \
      the head that are the same in each.

      Example:
        longwave bench generate --json
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: "Seconds for each measurement.")
  var seconds = 1.0

  @Option(help: "Channels of the long convolutions.")
  var channels = 256

  @Option(name: .customLong("model-channels"), help: "Channels of the whole model.")
  var modelChannels = 64

  @Option(help: "Blocks of the model.")
  var layers = 4

  @Option(help: "The order of the recurrences.")
  var order = 16

  @Option(name: .customLong("context"), help: "A context instead of the standard ones; repeatable.")
  var contexts: [Int] = []

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func validate() throws {
    guard seconds.isFinite, seconds >= 0 else {
      throw ValidationError("--seconds: expected a number of at least 0, got \(seconds)")
    }
    for (name, value) in [
      ("--channels", channels), ("--layers", layers), ("--order", order),
      ("--model-channels", modelChannels),
    ] {
      guard value > 0 else { throw ValidationError("\(name): expected at least 1, got \(value)") }
    }
    if let wrong = contexts.first(where: { $0 <= 0 }) {
      throw ValidationError("--context: expected at least 1, got \(wrong)")
    }
  }

  func run() throws {
    common.apply()
    let mixing = GenerationContest(channels: channels, layers: layers, order: order)
    let model = GenerationContest(channels: modelChannels, layers: layers, order: order)
      .makeModel()
    let timing = GenerationTiming(seconds: seconds, tokens: 3...2048)
    if !json {
      LongwaveCLI.show("          case    context       method    tokens/s    state (bytes)")
    }
    let contexts = contexts.isEmpty ? GenerationContest.contexts : contexts
    for method in GenerationMethod.allCases {
      for speed in mixing.mixing(method, contexts: contexts, seconds: seconds) {
        show("generate", speed)
      }
    }
    for context in contexts {
      for method in GenerationMethod.allCases {
        show("generate_model", try timing.speed(of: model, method: method, context: context))
      }
    }
  }

  private func show(_ name: String, _ speed: GenerationSpeed) {
    let (method, bytes) = (speed.method.rawValue, speed.stateBytes.map { "\($0)" })
    guard !json else {
      let rate = (speed.tokensPerSecond * 1000).rounded() / 1000
      LongwaveCLI.show(
        "{\"case\": \"\(name)\", \"method\": \"\(method)\", \"context\": \(speed.context),"
          + " \"tokens_per_s\": \(rate), \"state_bytes\": \(bytes ?? "null")}")
      return
    }
    LongwaveCLI.show(
      BenchText.pad(name, 14) + BenchText.pad(speed.context, 11) + BenchText.pad(method, 13)
        + BenchText.pad(BenchText.number(speed.tokensPerSecond), 12)
        + BenchText.pad(bytes ?? "-", 17))
  }
}
