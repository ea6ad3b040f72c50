import Differentiation
import Layers
import LongConvolution
import SequenceTensor
import TestSupport
import Testing

/// The models beside the classifier: shapes, parameters, and what must not matter.
@Suite struct ModelTests {
  private static let options = SequenceClassifierTests.small()

  private static func mixer(_ random: inout RandomSource) -> LongConvolution<SGConvFilter> {
    var filter = SGConvOptions()
    (filter.kernelSize, filter.maximumLength) = (4, 8)
    return LongConvolution(
      SGConvFilter(channels: options.channels, options: filter, using: &random),
      channels: options.channels, using: &random)
  }

  /// Expects that a step reaches all that is trained.
  private func expectAllTrained(
    _ model: some Module, _ loss: (Tape) -> Variable,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectEveryParameterVisited(model, sourceLocation: sourceLocation)
    let tape = Tape()
    let gradients = tape.gradients(of: loss(tape))
    for (name, parameter) in model.parameters where parameter.options.isTrainable {
      let reaches = (gradients[parameter.id]?.maximumMagnitude() ?? 0) > 0
      #expect(reaches, "\(name)", sourceLocation: sourceLocation)
    }
  }

  @Test func pairs() {
    var random = RandomSource(seed: 3)
    let model = SequencePairClassifier(
      vocabulary: 9, classes: 2, options: Self.options, using: &random, makeMixer: Self.mixer)
    let tokens: [Int32] = (0..<40).map { Int32(1 + $0 * $0 % 7) }
    let mask = SequenceMask(lengths: [10, 7, 4, 9], length: 10)
    expectAllTrained(model) {
      model(tokens, mask: mask, on: $0).softmaxCrossEntropy(labels: [0, 1])
    }
    let logits = model(tokens, mask: mask, on: nil).value
    #expect(logits.shape == [2, 2])
    // The second pair alone: its neighbours and their padding do not matter.
    let second = Array(tokens[10..<17]) + [0, 0] + Array(tokens[30..<39])
    let alone = model(second, mask: SequenceMask(lengths: [7, 9], length: 9), on: nil).value
    #expect((alone - logits.sliced(axis: 0, 1..<2)).maximumMagnitude() < 1e-5)
    // The order within a pair does.
    let turned = Array(second[9...]) + Array(second[..<9])
    let other = model(turned, mask: SequenceMask(lengths: [9, 7], length: 9), on: nil).value
    #expect((other - alone).maximumMagnitude() > 1e-4)
  }

  @Test func values() {
    var random = RandomSource(seed: 3)
    let model = SequenceRegressor(
      inputs: 3, outputs: 5, options: Self.options, using: &random, makeMixer: Self.mixer)
    let x = Tensor(normal: [2, 11, 3], using: &random)
    let mask = SequenceMask(lengths: [11, 6], length: 11)
    let weights = Tensor(normal: [2, 5], using: &random)
    expectAllTrained(model) {
      (model(Variable(x, on: $0), mask: mask) * Variable(weights)).sum()
    }
    let y = model(Variable(x), mask: mask).value
    let short = model(Variable(x.sliced(axis: 0, 1..<2).sliced(axis: 1, 0..<6))).value
    #expect(y.shape == [2, 5] && (y.sliced(axis: 0, 1..<2) - short).maximumMagnitude() < 1e-5)
  }

  @Test func forecasts() {
    var random = RandomSource(seed: 3)
    let model = SequenceForecaster(
      inputs: 2, horizon: 4, options: Self.options, using: &random, makeMixer: Self.mixer)
    let x = Tensor(normal: [3, 12, 2], using: &random)
    let weights = Tensor(normal: [3, 4, 2], using: &random)
    expectAllTrained(model) { (model(x, on: $0) * Variable(weights)).sum() }
    let y = model(x, on: nil).value
    #expect(y.shape == [3, 4, 2])
    // A forecast moves and stretches with its sequence.
    let moved = model(x * 3 + Tensor([5, -7]), on: nil).value
    #expect((moved - (y * 3 + Tensor([5, -7]))).maximumMagnitude() < 1e-3)
  }

  @Test func independentChannels() {
    var random = RandomSource(seed: 3)
    let model = SequenceForecaster(
      inputs: 2, horizon: 4, hasIndependentChannels: true, options: Self.options, using: &random,
      makeMixer: Self.mixer)
    let x = Tensor(normal: [3, 12, 2], using: &random)
    let weights = Tensor(normal: [3, 4, 2], using: &random)
    expectAllTrained(model) { (model(x, on: $0) * Variable(weights)).sum() }
    let y = model(x, on: nil).value
    // Each column's forecast is that of the column alone, whatever the other one is.
    let swapped = Tensor.concatenated(
      [x.sliced(axis: 2, 1..<2), x.sliced(axis: 2, 0..<1) * 5], axis: 2)
    let z = model(swapped, on: nil).value
    #expect((y.sliced(axis: 2, 1..<2) - z.sliced(axis: 2, 0..<1)).maximumMagnitude() < 1e-5)
    #expect((y.sliced(axis: 2, 0..<1) * 5 - z.sliced(axis: 2, 1..<2)).maximumMagnitude() < 1e-3)
  }

  @Test func anyMixerIsTheMixerInside() {
    var random = RandomSource(seed: 3)
    let mixer = Self.mixer(&random)
    let any = AnySequenceMixer(mixer)
    let x = Variable(Tensor(normal: [2, 9, 6], using: &random))
    #expect(any(x, mask: nil).value == mixer(x, mask: nil).value)
    #expect(any.parameters.map(\.name) == mixer.parameters.map(\.name))
    var changed = any
    changed.forEachParameter { _, parameter in parameter.value = parameter.value * 2 }
    #expect(changed(x, mask: nil).value != mixer(x, mask: nil).value)
    #expect(any(x, mask: nil).value == mixer(x, mask: nil).value)
  }
}
