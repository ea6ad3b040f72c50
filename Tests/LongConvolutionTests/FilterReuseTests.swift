import Differentiation
import LongConvolution
import SequenceTensor
import Synchronization
import TestSupport
import Testing

/// Without a tape a layer makes its taps once for a length, until the filter changes.
@Suite struct FilterReuseTests {
  final class Counter: Sendable {
    let value = Atomic(0)
    var count: Int { value.load(ordering: .relaxed) }
  }

  /// Taps `scale·weight[j % 5]`, counting how often they are made.
  struct CountedFilter: LongFilter {
    let counter = Counter()
    let channels = 2
    var isBidirectional = false
    var lengthSemantics: LengthSemantics { .extrapolate }
    var scale: Float = 1
    var weight: Parameter

    func taps(length: Int, on tape: Tape?) -> Variable {
      counter.value.wrappingAdd(1, ordering: .relaxed)
      let rows = isBidirectional ? 2 * length - 1 : length
      let copies = Array(repeating: weight(on: tape), count: (rows + 4) / 5)
      return .concatenated(copies, axis: 0).sliced(axis: 0, 0..<rows) * scale
    }

    mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
      body("weight", &weight)
    }
  }

  static func layer(seed: UInt64 = 1) -> LongConvolution<CountedFilter> {
    var random = RandomSource(seed: seed)
    let weight = Parameter(Tensor(normal: [5, 2], using: &random))
    return LongConvolution(CountedFilter(weight: weight), channels: 2, using: &random)
  }

  static func input(length: Int = 70) -> Tensor {
    var random = RandomSource(seed: 5)
    return Tensor(normal: [3, length, 2], using: &random)
  }

  typealias Layer = LongConvolution<CountedFilter>

  func evaluated(_ layer: Layer, _ x: Tensor) -> Tensor { layer(Variable(x), mask: nil).value }

  /// The same with the taps made anew.
  func fresh(_ layer: Layer, _ x: Tensor) -> Tensor {
    layer(Variable(x, on: Tape()), mask: nil).value
  }

  @Test(arguments: [false, true]) func tapsAreMadeOnce(isBidirectional: Bool) {
    var layer = Self.layer()
    layer.filter.isBidirectional = isBidirectional
    let counter = layer.filter.counter
    let expected = fresh(layer, Self.input())
    #expect(counter.count == 1)
    let results = (0..<3).map { _ in evaluated(layer, Self.input()) }
    #expect(counter.count == 2)
    for result in results { #expect(bitsEqual(result, expected)) }
    // Another batch with the same length, then another length.
    _ = evaluated(layer, Self.input().sliced(axis: 0, 0..<1))
    #expect(counter.count == 2)
    #expect(evaluated(layer, Self.input(length: 9)).shape == [3, 9, 2])
    #expect(counter.count == 3)
  }

  @Test func changesAreSeen() {
    var layer = Self.layer()
    let x = Self.input()
    func expectRight(_ layer: Layer, sourceLocation: SourceLocation = #_sourceLocation) {
      #expect(
        bitsEqual(evaluated(layer, x), fresh(layer, x)), sourceLocation: sourceLocation)
      // Kept again, for the next change to drop.
      _ = evaluated(layer, x)
    }
    let start = evaluated(layer, x)
    layer.filter.weight.value[1, 1] += 2
    expectRight(layer)
    #expect(!bitsEqual(evaluated(layer, x), start))
    layer.forEachParameter { _, parameter in parameter.value += parameter.value * 2 }
    expectRight(layer)
    layer.skip.value += Tensor([3, 4])
    expectRight(layer)
    // A setting that is no parameter.
    layer.filter.scale = 4
    expectRight(layer)
    // Of two copies each has what is its own.
    var copy = layer
    copy.filter.scale = 5
    for _ in 0..<2 {
      #expect(!bitsEqual(evaluated(copy, x), evaluated(layer, x)))
      expectRight(copy)
      expectRight(layer)
    }
  }

  /// With a tape nothing is kept, so that an optimiser has the parameters to itself.
  @Test func trainingLetsGo() {
    let layer = Self.layer()
    let counter = layer.filter.counter
    _ = evaluated(layer, Self.input())
    _ = fresh(layer, Self.input())
    #expect(counter.count == 2)
    _ = evaluated(layer, Self.input())
    #expect(counter.count == 3)
  }

  @Test func everyParameterIsVisited() {
    let layer = Self.layer()
    _ = evaluated(layer, Self.input())
    expectEveryParameterVisited(layer)
  }
}
