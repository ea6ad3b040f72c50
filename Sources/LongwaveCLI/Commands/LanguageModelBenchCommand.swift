import ArgumentParser
import Longwave

struct LanguageModelBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hyena-lm",
    abstract: "Time a Hyena language model: a step of training, and the forward pass.",
    discussion: """
      Times are the minimum of repeats after a warm-up, in milliseconds. A step is forward and \
      backward pass of the next-token loss and AdamW.

      Example:
        longwave bench hyena-lm --json --threads 2
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var measurement: MeasurementOptions

  @Option(
    name: .customLong("shape"),
    help: "A shape BATCHxCHANNELSxLENGTH of 4 layers instead of the standard ones; repeatable.")
  var shapes: [BenchShape] = []

  func run() throws {
    common.apply()
    let contests =
      shapes.isEmpty
      ? LanguageModelContest.standard
      : shapes.map {
        LanguageModelContest(batch: $0.batch, length: $0.length, channels: $0.channels, layers: 4)
      }
    if !measurement.json {
      show(BenchText.shapeHead + "          step       forward  tokens/s (ms)")
    }
    for contest in contests {
      let shape = BenchShape(contest.batch, contest.channels, contest.length)
      let (step, forward) = contest.run(measurement.stopwatch)
      let tokens = Double(contest.batch * contest.length) / step * 1e3
      if measurement.json {
        let line = { (name: String) in
          JSONLine(case: name, shape).adding("layers", count: contest.layers)
        }
        show(
          line("hyena_lm_step").adding([("ms", step), ("tokens_per_s", tokens)]).text)
        show(line("hyena_lm_forward").adding([("ms", forward)]).text)
      } else {
        show(
          BenchText.columns(shape) + BenchText.pad(BenchText.number(step), 14)
            + BenchText.pad(BenchText.number(forward), 14)
            + BenchText.pad(BenchText.number(tokens), 10))
      }
    }
  }
}
