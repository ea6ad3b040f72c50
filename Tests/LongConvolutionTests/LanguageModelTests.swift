import Differentiation
import Foundation
import Layers
import LongConvolution
import SequenceTensor
import TestSupport
import Testing

/// The language model: its loss, its head, who sees whom.
@Suite struct LanguageModelTests {
  typealias Model = LanguageModel<HyenaOperator<HyenaFilter>>

  static func model(_ change: (inout LanguageModelOptions) -> Void = { _ in }) -> Model {
    var options = LanguageModelOptions()
    (options.channels, options.layers, options.expansion) = (6, 2, 2)
    options.embeddingDeviation = 1
    change(&options)
    var filter = HyenaFilterOptions()
    (filter.maximumLength, filter.width) = (16, 4)
    var random = RandomSource(seed: 2)
    return LanguageModel(vocabulary: 5, options: options, using: &random) { random in
      HyenaOperator(channels: 6, using: &random) {
        HyenaFilter(channels: $0, options: filter, using: &$1)
      }
    }
  }

  static let tokens: [Int32] = [1, 4, 2, 0, 3, 3, 1, 2, 4, 0, 1, 1]

  @Test(arguments: [false, true]) func lossOfTheNextToken(tiesHead: Bool) {
    let model = Self.model { $0.tiesHead = tiesHead }
    #expect((model.head == nil) == tiesHead)
    expectEveryParameterVisited(model)
    // Two sequences of 6, the second with 4 true tokens.
    let mask = SequenceMask(lengths: [6, 4], length: 6)
    let inputs = Array(Self.tokens[0..<5] + Self.tokens[6..<11])
    let logits = model(inputs, mask: SequenceMask(lengths: [5, 3], length: 5), on: nil).value
    func expected(_ ignored: Int32?) -> Double {
      var (sum, count) = (0.0, 0.0)
      for (b, kept) in [6, 4].enumerated() {
        for n in 0..<kept - 1 {
          let target = Self.tokens[b * 6 + n + 1]
          if target == ignored { continue }
          let row = (0..<5).map { Double(logits[b, n, $0]) }
          sum += log(row.reduce(0) { $0 + exp($1) }) - row[Int(target)]
          count += 1
        }
      }
      return sum / count
    }
    for ignored in [nil, Int32(0), 4] {
      let tape = Tape()
      let loss = model.loss(of: Self.tokens, mask: mask, ignoring: ignored, on: tape)
      #expect(abs(Double(loss.value.scalar) - expected(ignored)) < 1e-5)
      // Every trained parameter gets a gradient.
      let gradients = tape.gradients(of: loss)
      for (name, parameter) in model.parameters where parameter.options.isTrainable {
        #expect(gradients[parameter.id] != nil, "\(name)")
      }
    }
  }

  @Test func recomputedBlocksGiveTheSameGradients() {
    let model = Self.model { $0.dropout = 0.2 }
    let mask = SequenceMask(lengths: [12], length: 12)
    func gradients(_ recomputes: Bool) -> Gradients {
      let tape = Tape(random: RandomSource(seed: 4))
      let loss = model.loss(of: Self.tokens, mask: mask, on: tape, recomputesBlocks: recomputes)
      return tape.gradients(of: loss)
    }
    let (kept, again) = (gradients(false), gradients(true))
    for (name, parameter) in model.parameters where parameter.options.isTrainable {
      #expect(kept[parameter.id] == again[parameter.id], "\(name)")
    }
  }

  @Test func doesNotSeeTheFuture() {
    let model = Self.model()
    let mask = SequenceMask(lengths: [12], length: 12)
    let before = model(Self.tokens, mask: mask, on: nil).value
    for t in [0, 5, 10] {
      let changed = Self.tokens.enumerated().map { $0 > t ? ($1 + 1) % 5 : $1 }
      let difference = model(changed, mask: mask, on: nil).value - before
      #expect(difference.sliced(axis: 1, 0..<t + 1).maximumMagnitude() < 1e-5)
      #expect(difference.sliced(axis: 1, t + 1..<t + 2).maximumMagnitude() > 1e-2)
    }
  }

  @Test func learns() {
    var model = Self.model()
    let mask = SequenceMask(lengths: [12], length: 12)
    func loss(_ tape: Tape?) -> Variable { model.loss(of: Self.tokens, mask: mask, on: tape) }
    let before = loss(nil).value.scalar
    for _ in 0..<60 {
      let tape = Tape()
      let gradients = tape.gradients(of: loss(tape))
      model.forEachParameter { _, parameter in
        if let gradient = gradients[parameter.id] {
          parameter.value = parameter.value - gradient * 0.1
        }
      }
    }
    #expect(loss(nil).value.scalar < before / 2)
  }
}
