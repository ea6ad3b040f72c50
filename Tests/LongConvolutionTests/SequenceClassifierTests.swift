import Differentiation
import Layers
import LongConvolution
import SequenceTensor
import TestSupport
import Testing

/// The classifier: what it holds, and what may reach what.
@Suite struct SequenceClassifierTests {
  typealias Classifier = SequenceClassifier<LongConvolution<SGConvFilter>>

  static func classifier(
    _ options: ClassifierOptions = small(), mixing: LongConvolutionOptions = .init(),
    _ change: (inout SGConvOptions) -> Void = { _ in }
  ) -> Classifier {
    var filter = SGConvOptions()
    (filter.kernelSize, filter.maximumLength) = (4, 24)
    change(&filter)
    var random = RandomSource(seed: 1)
    return Classifier(
      vocabulary: 7, classes: 3, options: options, mixing: mixing, using: &random
    ) { SGConvFilter(channels: options.channels, options: filter, using: &$0) }
  }

  static func small(_ change: (inout ClassifierOptions) -> Void = { _ in }) -> ClassifierOptions {
    var options = ClassifierOptions()
    (options.channels, options.layers) = (6, 2)
    change(&options)
    return options
  }

  static let tokens: [Int32] = (0..<20).map { Int32(1 + $0 * $0 % 6) }

  @Test(arguments: NormalizationKind.allCases, NormalizationPlacement.allCases)
  func everyParameterIsVisited(kind: NormalizationKind, placement: NormalizationPlacement) {
    let options = Self.small {
      $0.normalization = kind
      $0.placement = placement
    }
    for mode in SGConvFilterTests.modes {
      for isBidirectional in [false, true] {
        for copies in [1, 2] {
          var model = Self.classifier(options) {
            $0.mode = mode
            $0.isBidirectional = isBidirectional
            $0.copies = copies
          }
          expectEveryParameterVisited(model)
          // Two models share no parameter, and a step reaches all that is trained.
          let tape = Tape()
          let mask = SequenceMask(lengths: [20], length: 20)
          let loss = model(Self.tokens, mask: mask, on: tape).softmaxCrossEntropy(labels: [1])
          let gradients = tape.gradients(of: loss)
          for (name, parameter) in model.parameters {
            #expect(
              (gradients[parameter.id] != nil) == parameter.options.isTrainable, "\(name)")
          }
          model.apply(tape.updates)
          #expect(model.stack.blocks[1].mixer.filter.normIsCaptured.value.scalar == 1)
        }
      }
    }
    var linear = LongConvolutionOptions()
    linear.isLinear = true
    expectEveryParameterVisited(Self.classifier(mixing: linear))
  }

  /// The names are those of every checkpoint that people have.
  @Test func namesAreStable() {
    var filter = SGConvOptions()
    (filter.kernelSize, filter.maximumLength) = (32, 128)
    var random = RandomSource(seed: 1)
    let model = Classifier(vocabulary: 18, classes: 10, using: &random) {
      SGConvFilter(channels: 64, options: filter, using: &$0)
    }
    let block = [
      "norm.weight", "norm.bias", "mixer.filter.kernel.0", "mixer.filter.kernel.1",
      "mixer.filter.kernel.2", "mixer.filter.multiplier", "mixer.filter.kernel_norm",
      "mixer.filter.kernel_norm_initialized", "mixer.D", "mixer.output.weight",
      "mixer.output.bias",
    ]
    #expect(
      model.parameters.map(\.name)
        == ["embedding.weight"] + (0..<4).flatMap { i in block.map { "blocks.\(i).\($0)" } }
        + ["norm.weight", "norm.bias", "head.weight", "head.bias"])
    let perBlock = 2 * 64 + 3 * 32 * 64 + 64 + 64 * 128 + 128
    #expect(model.parameterCount == 18 * 64 + 4 * perBlock + 2 * 64 + 64 * 10 + 10)
    var rich = SGConvOptions()
    (rich.kernelSize, rich.maximumLength, rich.isBidirectional) = (4, 8, true)
    rich.mode.decay = .learnable
    let both = SGConvFilter(channels: 2, options: rich, using: &random)
    #expect(
      both.parameters.map(\.name) == [
        "kernel.0", "kernel.1", "future_kernel.0", "future_kernel.1", "decay", "multiplier",
        "kernel_norm", "future_kernel_norm", "kernel_norm_initialized",
      ])
  }

  /// Changing what comes later never changes what comes before, in the whole stack of blocks.
  @Test func theCausalNetDoesNotSeeTheFuture() {
    let model = Self.classifier()
    let mask = SequenceMask(lengths: [20], length: 20)
    func outputs(_ tokens: [Int32]) -> Tensor {
      var x = model.embedding(tokens, shape: [1, 20], on: nil)
      for block in model.stack.blocks { x = block(x, mask: mask) }
      return x.value
    }
    let before = outputs(Self.tokens)
    for t in [0, 7, 18] {
      let changed = Self.tokens.enumerated().map { $0 > t ? $1 % 6 + 1 : $1 }
      let after = outputs(changed)
      let past = (after - before).sliced(axis: 1, 0..<t + 1).maximumMagnitude()
      #expect(past < 1e-5, "position \(t)")
      #expect((after - before).sliced(axis: 1, t + 1..<t + 2).maximumMagnitude() > 1e-2)
    }
    // A bidirectional net does see it.
    let both = Self.classifier { $0.isBidirectional = true }
    let x = both.embedding(Self.tokens, shape: [1, 20], on: nil)
    let other = both.embedding(
      Self.tokens.dropLast() + [6 - Self.tokens[19] + 1], shape: [1, 20], on: nil)
    let change =
      both.stack.blocks[0](x, mask: mask).value - both.stack.blocks[0](other, mask: mask).value
    #expect(change.sliced(axis: 1, 0..<1).maximumMagnitude() > 1e-4)
  }

  @Test(arguments: NormalizationKind.allCases, SequencePooling.allCases)
  func paddingChangesNothing(kind: NormalizationKind, pooling: SequencePooling) {
    for isBidirectional in [false, true] {
      for placement in NormalizationPlacement.allCases {
        let options = Self.small {
          ($0.normalization, $0.pooling, $0.placement) = (kind, pooling, placement)
        }
        let model = Self.classifier(options) { $0.isBidirectional = isBidirectional }
        func logits(length: Int, neighbour: Int?) -> Tensor {
          let padding = [Int32](repeating: 0, count: length - 20)
          var (tokens, lengths) = (Self.tokens + padding, [20])
          if let neighbour {
            tokens += [Int32](repeating: 5, count: neighbour)
            tokens += [Int32](repeating: 0, count: length - neighbour)
            lengths.append(neighbour)
          }
          let mask = SequenceMask(lengths: lengths, length: length)
          return model(tokens, mask: mask, on: nil).value.sliced(axis: 0, 0..<1)
        }
        let alone = logits(length: 20, neighbour: nil)
        for (length, neighbour) in [(21, nil), (37, nil), (64, nil), (20, 3), (50, 50), (33, 1)] {
          let found = logits(length: length, neighbour: neighbour)
          #expect(
            (found - alone).maximumMagnitude() < 1e-5 * max(1, alone.maximumMagnitude()),
            "\(isBidirectional), \(placement), padded to \(length)")
        }
      }
    }
  }

  /// A filter of one's own: it needs taps, channels, a direction and its parameters.
  struct DecayingFilter: LongFilter {
    var gain = Parameter(Tensor([1, 0.5, -1]))
    let isBidirectional: Bool
    var lengthSemantics: LengthSemantics { .extrapolate }
    var channels: Int { 3 }

    func taps(length: Int, on tape: Tape?) -> Variable {
      let decay = (0..<length).map { 1 / Float(1 << min($0, 30)) }
      let past = Variable(Tensor(decay, shape: [length, 1])) * gain(on: tape)
      guard isBidirectional, length > 1 else { return past }
      return .concatenated([past.flipped(axis: 0), past.sliced(axis: 0, 1..<length)], axis: 0)
    }

    mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
      body("gain", &gain)
    }
  }

  @Test(arguments: [false, true]) func anyFilterWillDo(isBidirectional: Bool) {
    var random = RandomSource(seed: 1)
    var model = SequenceClassifier(
      vocabulary: 7, classes: 3, options: Self.small { $0.channels = 3 }, using: &random
    ) { _ in DecayingFilter(isBidirectional: isBidirectional) }
    expectEveryParameterVisited(model)
    let mask = SequenceMask(lengths: [20, 12], length: 20)
    func loss(_ tape: Tape?) -> Variable {
      model(Self.tokens + Self.tokens, mask: mask, on: tape).softmaxCrossEntropy(labels: [0, 2])
    }
    let before = loss(nil).value.scalar
    for _ in 0..<20 {
      let tape = Tape()
      let gradients = tape.gradients(of: loss(tape))
      model.forEachParameter { _, parameter in
        if let gradient = gradients[parameter.id] {
          parameter.value = parameter.value - gradient * 0.1
        }
      }
    }
    #expect(loss(nil).value.scalar < before)
  }
}
