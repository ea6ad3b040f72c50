import ArgumentParser
import Longwave

struct StateSpaceBenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "s4d",
    abstract: "Time a training step of a classifier of S4D layers.",
    discussion: """
      The net embeds 20 tokens, has residual S4D layers with layer normalisation after each, and \
      reads 10 classes from the mean over the positions. A step is the forward and the backward \
      pass and AdamW's update; the time is the minimum of repeats after a warm-up.

      Example:
        longwave bench s4d --json --threads 2
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var measurement: MeasurementOptions

  @Option(help: "A shape BATCHxCHANNELSxLENGTH.")
  var shape: BenchShape = .classifier

  @Option(help: "How many S4D layers the net has.")
  var layers = 4

  @Option(name: .customLong("state-size"), help: "The states of each channel, an even number.")
  var stateSize = 64

  func validate() throws {
    guard layers > 0, layers <= 1000 else {
      throw ValidationError("--layers: expected 1...1000, got \(layers)")
    }
    guard stateSize > 1, stateSize % 2 == 0, stateSize <= 1 << 16 else {
      throw ValidationError(
        "--state-size: expected an even number within 2...\(1 << 16), got \(stateSize)")
    }
  }

  func run() throws {
    common.apply()
    var training = ClassifierTraining(shape, layers: layers, stateSize: stateSize)
    let milliseconds = measurement.stopwatch.shortest([{ training.step() }])[0]
    if measurement.json {
      show(
        JSONLine(case: "s4d_classifier_step", shape)
          .adding("layers", count: layers).adding([("ms", milliseconds)]).text)
    } else {
      show(BenchText.shapeHead + "   layers    step ms")
      show(
        BenchText.columns(shape) + BenchText.pad(layers, 9)
          + BenchText.pad(BenchText.number(milliseconds), 11))
    }
  }
}

extension BenchShape {
  /// The shape that other systems' scripts use for this case.
  static let classifier = BenchShape(8, 128, 2048)
}

/// A classifier, its optimiser and one batch of random tokens.
private struct ClassifierTraining {
  private var model: SequenceClassifier<LongConvolution<S4DFilter>>
  private var optimizer = AdamW(learningRate: 1e-3)
  private let tokens: [Int32]
  private let labels: [Int32]
  private let mask: SequenceMask

  init(_ shape: BenchShape, layers: Int, stateSize: Int) {
    var random = RandomSource(seed: 0)
    var options = ClassifierOptions()
    options.channels = shape.channels
    options.layers = layers
    options.placement = .post
    options.dropout = 0
    var filter = StateSpaceOptions.minimal
    filter.stateSize = stateSize
    model = SequenceClassifier(
      vocabulary: 20, classes: 10, options: options, using: &random
    ) { S4DFilter(channels: shape.channels, options: filter, using: &$0) }
    tokens = (0..<shape.batch * shape.length).map { _ in Int32(random.integer(below: 20)) }
    labels = (0..<shape.batch).map { _ in Int32(random.integer(below: 10)) }
    mask = SequenceMask(
      lengths: Array(repeating: shape.length, count: shape.batch), length: shape.length)
  }

  mutating func step() {
    let tape = Tape()
    let loss = model(tokens, mask: mask, on: tape).softmaxCrossEntropy(labels: labels)
    optimizer.update(&model, with: tape.gradients(of: loss))
  }
}
