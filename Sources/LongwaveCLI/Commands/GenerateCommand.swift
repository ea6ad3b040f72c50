import ArgumentParser
import Foundation
import Longwave

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Write text with a trained language model.",
    discussion: """
      Takes the best checkpoint of a run of text-file or dna, or one checkpoint file. The prompt is \
      read at once; then token after token is drawn and printed. State-space models, multiresolution \
      convolutions and distilled models go on by recurrences of constant cost, other long \
      convolutions by exact online convolution; with the same seed every method writes the same text, \
      up to rounding.

      Example:
        longwave generate runs/shakespeare --prompt 'ROMEO:' --tokens 500 --temperature 0.8 --seed 1
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("The folder of a run, or a checkpoint.", valueName: "run"))
  var source: String

  @Option(help: "What the text begins with.")
  var prompt: String?

  @Option(name: .customLong("prompt-file"), help: "A file with what the text begins with.")
  var promptFile: String?

  @Option(help: "How many tokens are drawn.")
  var tokens = 256

  @Option(help: "Below 1 the probable becomes more probable; 0 takes the most probable token.")
  var temperature = 1.0

  @Option(name: .customLong("top-k"), help: "Draw from this many of the most probable tokens.")
  var topK: Int?

  @Option(name: .customLong("top-p"), help: "Draw from the most probable tokens that sum to this.")
  var topP = 1.0

  @Option(help: "Determines what is drawn.")
  var seed: UInt64 = 0

  @Option(
    help: "\(NamedChoice.names(GenerationMethod.self)). (default: the first that the model allows)",
    transform: { try NamedChoice.named($0, for: "--method") })
  var method: GenerationMethod?

  @Flag(name: .customLong("no-prompt"), help: "Leave the prompt out of the output.")
  var hidesPrompt = false

  @Flag(help: "Do not tell method and speed on standard error.")
  var quiet = false

  private var sampling: SamplingOptions {
    var options = SamplingOptions()
    (options.temperature, options.topK, options.topP) = (temperature, topK, topP)
    return options
  }

  func validate() throws {
    guard tokens > 0 else {
      throw ValidationError("--tokens: expected at least 1, got \(tokens)")
    }
    guard (prompt == nil) != (promptFile == nil) else {
      throw ValidationError("expected one of --prompt and --prompt-file")
    }
    do {
      try sampling.validate()
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func run() throws {
    common.apply()
    guard try CheckpointKind.isSequenceModel(source) else {
      let task = try ClassifierCheckpoint(runOrFile: source).configuration.task.rawValue
      throw RunError(
        place: source,
        expected: "a language model of a text or a genome: a run of text-file or dna",
        got: "one of \(task)")
    }
    let text = try TextGenerator(SequenceCheckpoint(runOrFile: source), place: source)
    let beginning = try promptBytes()
    let read = try text.tokens(ofPrompt: beginning, place: promptFile ?? "--prompt")
    var generator = try LanguageGenerator(text.model, method: method, length: read.count + tokens)
    Interrupt.install()
    if !hidesPrompt { try Self.write(beginning) }
    var sampler = TokenSampler(sampling, excluding: text.excluded, seed: seed)
    let clock = ContinuousClock()
    let start = clock.now
    var logits = generator.read(read)
    let prefilled = clock.now
    var count = 0
    while count < tokens, !Interrupt.isRequested {
      guard logits.contains(where: \.isFinite) else {
        throw RunError(
          place: "token \(count + 1)", expected: "finite logits", got: "none; the run has diverged")
      }
      let token = sampler.next(logits)
      try Self.write(text.bytes(of: token))
      count += 1
      if count < tokens { logits = generator.read([token]) }
    }
    try Self.write([UInt8(ascii: "\n")])
    let seconds = (clock.now - prefilled) / .seconds(1)
    let speed = seconds > 0 ? Double(count) / seconds : 0
    TaskNote.write(
      "\(generator.method.rawValue): \(read.count) tokens read in"
        + " \(NumberFormat.significant((prefilled - start) / .seconds(1), digits: 3)) s, \(count)"
        + " written, \(NumberFormat.significant(speed, digits: 3)) tokens/s", isQuiet: quiet)
  }

  private func promptBytes() throws -> [UInt8] {
    if let prompt { return Array(prompt.utf8) }
    guard let promptFile, let data = FileManager.default.contents(atPath: promptFile) else {
      throw RunError(
        place: promptFile ?? "--prompt-file", expected: "a readable file", got: "none")
    }
    return Array(data)
  }

  /// Writes at once, so that text appears as it is drawn.
  private static func write(_ bytes: [UInt8]) throws {
    try FileHandle.standardOutput.write(contentsOf: Data(bytes))
  }
}
