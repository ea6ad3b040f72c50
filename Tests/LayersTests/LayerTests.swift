import Differentiation
import Layers
import SequenceTensor
import TestSupport
import Testing

/// Layers by themselves: what they hold and what they compute.
@Suite struct LayerTests {
  static func normal(_ shape: Shape, seed: UInt64 = 1) -> Tensor {
    var random = RandomSource(seed: seed)
    return Tensor(normal: shape, using: &random)
  }

  /// A mixer that multiplies by 2, so that blocks can be computed by hand.
  struct Doubling: SequenceMixer {
    var factor = Parameter(Tensor([2]))
    func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
      x * factor(on: x.tape)
    }
    mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
      body("factor", &factor)
    }
  }

  @Test func everyParameterIsVisited() {
    var random = RandomSource(seed: 1)
    expectEveryParameterVisited(Linear(inputs: 3, outputs: 2, using: &random))
    expectEveryParameterVisited(Linear(inputs: 3, outputs: 2, bias: false, using: &random))
    expectEveryParameterVisited(Embedding(vocabulary: 5, channels: 3, using: &random))
    expectEveryParameterVisited(Dropout(0.5))
    for kind in NormalizationKind.allCases {
      let norm = Normalization(kind, channels: 3)
      expectEveryParameterVisited(norm)
      #expect(norm.parameters.count == [.layer: 2, .rms: 1, .batch: 4][kind])
      for placement in NormalizationPlacement.allCases {
        let block = ResidualBlock(Doubling(), normalization: norm, placement: placement)
        expectEveryParameterVisited(block)
        let other = ResidualBlock(Doubling(), normalization: Normalization(kind, channels: 3))
        expectEveryParameterVisited([block, other])
      }
    }
  }

  /// The lint itself must see what is forgotten, visited twice, or named twice.
  @Test func theLintFindsMistakes() {
    struct Mistaken: Module {
      var first = Parameter(Tensor([1]))
      var second: Parameter? = Parameter(Tensor([1]))
      var names: [String]
      mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
        for name in names { body(name, &first) }
        if names.isEmpty { second.forEachValue { body("second", &$0) } }
      }
    }
    for names in [[], ["first"], ["first", "again"], ["first", "first"]] {
      withKnownIssue { expectEveryParameterVisited(Mistaken(names: names)) }
    }
  }

  @Test func changesInAVisitReachTheModule() {
    var random = RandomSource(seed: 1)
    var block = ResidualBlock(
      Linear(inputs: 3, outputs: 3, using: &random).asMixer,
      normalization: Normalization(.batch, channels: 3))
    block.forEachParameter { _, parameter in
      parameter.value = Tensor(repeating: 7, shape: parameter.value.shape)
    }
    let values = block.parameters.flatMap { $0.parameter.value.elements }
    #expect(values.count == 12 + 9 + 3 && Set(values) == [7])
  }

  @Test func linearStartsAsInPyTorch() {
    var random = RandomSource(seed: 1)
    let layer = Linear(inputs: 16, outputs: 200, using: &random)
    for values in [layer.weight.value, layer.bias?.value].compactMap(\.self) {
      #expect(values.maximumMagnitude() <= 0.25 && values.maximumMagnitude() > 0.23)
      #expect(abs(values.mean()) < 0.05)
    }
    #expect(layer.bias?.options.weightDecay == 0)
    #expect(layer.weight.options.weightDecay == nil)
  }

  @Test func paddingRowStartsAtZeroAndStaysThere() throws {
    var random = RandomSource(seed: 1)
    let layer = Embedding(vocabulary: 5, channels: 3, paddingToken: 2, using: &random)
    let tape = Tape()
    let y = layer([2, 4, 2], shape: [1, 3], on: tape)
    #expect(y.shape == [1, 3, 3])
    #expect(y.value.sliced(axis: 1, 0..<1).elements == [0, 0, 0])
    #expect(
      y.value.sliced(axis: 1, 1..<2).elements
        == layer.weight.value.sliced(axis: 0, 4..<5).elements)
    let gradient = try #require(tape.gradients(of: y)[layer.weight.id])
    #expect(gradient.sliced(axis: 0, 2..<3).elements == [0, 0, 0])
    #expect(gradient.sliced(axis: 0, 4..<5).elements == [1, 1, 1])
    let plain = Embedding(vocabulary: 5, channels: 3, paddingToken: nil, using: &random)
    #expect(plain.weight.value.sliced(axis: 0, 0..<1).maximumMagnitude() > 0)
  }

  @Test func blocksNormaliseWhereTheySay() {
    let x = Variable(Self.normal([2, 4, 3]))
    let norm = Normalization(.layer, channels: 3)
    let pre = ResidualBlock(Doubling(), normalization: norm, placement: .pre)
    #expect(pre(x, mask: nil).value == (x + norm(x, mask: nil) * 2).value)
    let post = ResidualBlock(Doubling(), normalization: norm, placement: .post)
    #expect(post(x, mask: nil).value == norm(x + x * 2, mask: nil).value)
  }

  @Test func dropoutOfABlockLeavesTheResidual() {
    let tape = Tape()
    let x = Variable(Tensor(repeating: 1, shape: [1, 400, 3]), on: tape)
    let block = ResidualBlock(
      Doubling(), normalization: Normalization(.rms, channels: 3), dropout: Dropout(0.5))
    // 1 + 0 where the mixer was dropped, 1 + 2·2 where it was not.
    let values = block(x, mask: nil).value.elements.map { ($0 * 1000).rounded() / 1000 }
    #expect(Set(values) == [1, 5])
  }
}

extension Linear {
  /// A linear map as a mixer of every position by itself.
  fileprivate var asMixer: PositionwiseMixer { PositionwiseMixer(linear: self) }
}

private struct PositionwiseMixer: SequenceMixer {
  var linear: Linear
  func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable { linear(x) }
  mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("linear", &linear, body)
  }
}
