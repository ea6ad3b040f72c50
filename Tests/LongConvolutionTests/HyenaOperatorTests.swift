import Differentiation
import Layers
import LongConvolution
import SequenceTensor
import TestSupport
import Testing

/// The Hyena operator in all its variants against plain sums; who sees whom; its gradients.
@Suite struct HyenaOperatorTests {
  typealias Operator = HyenaOperator<HyenaFilter>

  static func layer(
    _ change: (inout HyenaOptions) -> Void = { _ in },
    filter changeFilter: (inout HyenaFilterOptions) -> Void = { _ in }
  ) -> Operator {
    var options = HyenaOptions()
    change(&options)
    var filter = HyenaFilterOptions()
    (filter.maximumLength, filter.width, filter.frequency) = (16, 5, 3)
    changeFilter(&filter)
    var random = RandomSource(seed: 9)
    return HyenaOperator(channels: 4, options: options, using: &random) {
      HyenaFilter(channels: $0, options: filter, using: &$1)
    }
  }

  /// The variants, each with a name.
  static let variants: [(name: String, layer: Operator)] = [
    ("plain", layer()),
    ("order 3", layer { $0.order = 3 }),
    ("order 4, stacked", layer { ($0.order, $0.filterOrder) = (4, .stacked) }),
    ("no skip", layer { $0.hasSkip = false }),
    ("heads", layer { ($0.heads, $0.order) = (2, 3) }),
    ("inner width", layer { ($0.innerFactor, $0.heads) = (2, 4) }),
    ("outer mixing", layer { ($0.mixesOuter, $0.heads) = (true, 2) }),
    ("head mixing", layer { ($0.mixesHeads, $0.heads, $0.order) = (true, 2, 3) }),
    ("blocks", layer { ($0.blockLength, $0.order) = (5, 3) }),
    ("activation", layer { $0.activation = .relu }),
    ("one short tap", layer { $0.shortFilterTaps = 1 }),
    ("long short filter", layer { $0.shortFilterTaps = 40 }),
    ("bidirectional", layer({ $0.order = 3 }, filter: { $0.isBidirectional = true })),
    ("residual", layer { $0.hasResidualConvolution = true }),
    (
      "residual, bidirectional",
      layer({ $0.hasResidualConvolution = true }, filter: { $0.isBidirectional = true })
    ),
  ]

  static func input(_ shape: Shape, seed: UInt64 = 2) -> Tensor {
    var random = RandomSource(seed: seed)
    return Tensor(normal: shape, using: &random)
  }

  @Test func agreesWithTheDefinition() {
    for (name, layer) in Self.variants {
      for length in [1, 2, 7, 16, 19] {
        let x = Self.input([2, length, 4])
        let y = layer(Variable(x), mask: nil).value
        #expect(y.shape == x.shape)
        // On a tape the same, without kept spectra.
        let taped = layer(Tape().variable(x), mask: nil).value
        #expect((taped - y).maximumMagnitude() < 1e-5, "\(name)")
        for b in 0..<2 {
          let rows = (0..<length).map { n in (0..<4).map { Double(x[b, n, $0]) } }
          let expected = HyenaOracle(layer: layer)(rows)
          for n in 0..<length {
            for c in 0..<4 {
              #expect(
                abs(Double(y[b, n, c]) - expected[n][c]) < 2e-5 * max(1, abs(expected[n][c])),
                "\(name), length \(length), position \(n)")
            }
          }
        }
      }
    }
  }

  /// What comes later changes nothing before, and a prefix is treated like the whole.
  @Test func causality() {
    for (name, layer) in Self.variants where !layer.filter.isBidirectional {
      let x = Self.input([1, 19, 4])
      let before = layer(Variable(x), mask: nil).value
      for t in [0, 6, 17] {
        let rest = Self.input([1, 18 - t, 4], seed: 7)
        let changed = Tensor.concatenated([x.sliced(axis: 1, 0..<t + 1), rest], axis: 1)
        let difference = layer(Variable(changed), mask: nil).value - before
        #expect(
          difference.sliced(axis: 1, 0..<t + 1).maximumMagnitude() < 2e-6, "\(name), \(t)")
        #expect(difference.maximumMagnitude() > 1e-3)
        let prefix = layer(Variable(x.sliced(axis: 1, 0..<t + 1)), mask: nil).value
        #expect((prefix - before.sliced(axis: 1, 0..<t + 1)).maximumMagnitude() < 2e-6, "\(name)")
      }
    }
  }

  /// What stands in the padding, and how much of it there is, changes nothing.
  @Test func padding() {
    for (name, layer) in Self.variants {
      let x = Self.input([2, 14, 4])
      let mask = SequenceMask(lengths: [9, 14], length: 14)
      let y = layer(Variable(x), mask: mask).value
      let alone = layer(
        Variable(x.sliced(axis: 0, 0..<1).sliced(axis: 1, 0..<9)), mask: nil
      ).value
      let found = y.sliced(axis: 0, 0..<1).sliced(axis: 1, 0..<9)
      #expect((found - alone).maximumMagnitude() < 3e-6, "\(name)")
    }
  }

  @Test func everyParameterIsVisited() {
    for (_, layer) in Self.variants { expectEveryParameterVisited(layer) }
  }

  @Test func gradients() {
    let x = Self.input([2, 9, 4])
    for (name, layer) in Self.variants where name != "activation" {
      expectParameterGradients(of: layer) { $0(Variable(x, on: $1), mask: nil) }
      var random = RandomSource(seed: 3)
      let error = GradientCheck.directionalError(
        of: { layer($0[0], mask: nil) }, at: [x], using: &random)
      #expect(error < 5e-3, "\(name)")
    }
  }

  /// Dropout acts on what is convolved, while training only.
  @Test func dropout() {
    let layer = Self.layer { $0.dropout = 0.5 }
    let x = Self.input([1, 12, 4])
    let plain = Self.layer()(Variable(x), mask: nil).value
    #expect(layer(Variable(x), mask: nil).value == plain)
    let dropped = layer(Tape(random: RandomSource(seed: 1)).variable(x), mask: nil).value
    #expect((dropped - plain).maximumMagnitude() > 1e-3)
  }

  /// Kept spectra are let go of when the filter or a parameter changes.
  @Test func keptSpectraFollowTheFilter() {
    var layer = Self.layer { $0.order = 3 }
    let x = Variable(Self.input([1, 12, 4]))
    let before = layer(x, mask: nil).value
    layer.filter.frequency.value = layer.filter.frequency.value * 2
    let after = layer(x, mask: nil).value
    #expect((after - before).maximumMagnitude() > 1e-4)
    let taped = layer(Variable(x.value, on: Tape()), mask: nil).value
    #expect((taped - after).maximumMagnitude() < 1e-6)
  }
}
