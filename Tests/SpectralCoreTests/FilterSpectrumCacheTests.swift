import SequenceTensor
import SpectralCore
import TestSupport
import Testing

/// Spectra are kept while what they were made from is the same, and not a moment longer.
@Suite struct FilterSpectrumCacheTests {
  static func normal(_ shape: Shape, seed: UInt64) -> Tensor {
    var random = RandomSource(seed: seed)
    return Tensor(normal: shape, using: &random)
  }

  /// How often a filter was made from `sources`.
  final class Maker {
    var count = 0

    func convolution(
      _ cache: FilterSpectrumCache, _ sources: [Tensor], length: Int = 31, channels: Int = 3,
      boundary: Boundary = .causal
    ) -> PreparedConvolution {
      cache.convolution(
        length: length, channels: channels, boundary: boundary, madeFrom: sources
      ) {
        count += 1
        return sources[0] + sources[1]
      }
    }
  }

  @Test func keptWhileUnchanged() {
    let (cache, maker) = (FilterSpectrumCache(), Maker())
    let (a, b) = (Self.normal([9, 3], seed: 1), Self.normal([9, 3], seed: 2))
    let first = maker.convolution(cache, [a, b])
    let copies = [a, b]
    let second = maker.convolution(cache, copies)
    #expect(maker.count == 1)
    #expect(first.spectrum.values.isIdentical(to: second.spectrum.values))
    // The same elements in another place may be others a moment later.
    _ = maker.convolution(cache, [Self.normal([9, 3], seed: 1), b])
    #expect(maker.count == 2)
    _ = maker.convolution(cache, [b, a])
    #expect(maker.count == 3)
  }

  @Test func droppedWhenChanged() {
    let (cache, maker) = (FilterSpectrumCache(), Maker())
    let x = Self.normal([2, 31, 3], seed: 3)
    var a = Self.normal([9, 3], seed: 1)
    let b = Self.normal([9, 3], seed: 2)
    let before = maker.convolution(cache, [a, b])(ConvolutionOperands(input: x))
    #expect(bitsEqual(before, x.convolved(with: a + b)))
    a[4, 1] += 1
    let after = maker.convolution(cache, [a, b])(ConvolutionOperands(input: x))
    #expect(maker.count == 2)
    #expect(bitsEqual(after, x.convolved(with: a + b)))
    #expect(!bitsEqual(before, after))
    // Written in place many times, also where the allocator gives a place out again.
    for _ in 0..<20 {
      a += b
      let found = maker.convolution(cache, [a, b])(ConvolutionOperands(input: x))
      #expect(bitsEqual(found, x.convolved(with: a + b)))
    }
    #expect(maker.count == 22)
  }

  @Test func keptForEachProblem() {
    let (cache, maker) = (FilterSpectrumCache(capacity: 2), Maker())
    let sources = [Self.normal([9, 3], seed: 1), Self.normal([9, 3], seed: 2)]
    #expect(maker.convolution(cache, sources).plan.problem.length == 31)
    #expect(maker.convolution(cache, sources, length: 32).plan.problem.length == 32)
    _ = maker.convolution(cache, sources)
    #expect(maker.count == 2)
    // A third drops the one that was used longest ago.
    _ = maker.convolution(cache, sources, boundary: .circular)
    _ = maker.convolution(cache, sources)
    #expect(maker.count == 3)
    _ = maker.convolution(cache, sources, length: 32)
    #expect(maker.count == 4)
    #expect(maker.convolution(cache, sources, channels: 6).spectrum.channels == 6)
    #expect(maker.count == 5)
  }

  /// Every form of a filter, with the planner's choice of backend for few and many channels.
  @Test(arguments: [
    ([97, 20], 20), ([97, 2], 20), ([2, 97, 20], 20), ([2, 97, 1], 3), ([5, 3], 3),
  ])
  func filtersThemselves(shape: [Int], channels: Int) {
    let cache = FilterSpectrumCache()
    let filter = Self.normal(Shape(shape), seed: 1)
    let x = Self.normal([2, 101, channels], seed: 2)
    func prepared() -> PreparedConvolution {
      cache.convolution(with: filter, length: 101, channels: channels, boundary: .twoSided)
    }
    let expected = x.convolved(with: filter, boundary: .twoSided)
    for _ in 0..<2 {
      #expect(bitsEqual(prepared()(ConvolutionOperands(input: x)), expected))
    }
    #expect(prepared().spectrum.values.isIdentical(to: prepared().spectrum.values))
  }

  @Test func letsGoOfTensors() {
    let cache = FilterSpectrumCache()
    var filter = Self.normal([9, 3], seed: 1)
    let before = filter.isUnique()
    _ = cache.convolution(with: filter, length: 31)
    let kept = filter.isUnique()
    cache.removeAll()
    let after = filter.isUnique()
    #expect(before && !kept && after)
  }

  @Test func manyThreads() async {
    let cache = FilterSpectrumCache(capacity: 2)
    let x = Self.normal([1, 101, 8], seed: 9)
    let filters = (0..<3).map { Self.normal([80, 8], seed: $0) }
    let expected = filters.map { x.convolved(with: $0) }
    await withTaskGroup(of: Bool.self) { group in
      for index in 0..<60 {
        group.addTask {
          let convolution = cache.convolution(with: filters[index % 3], length: 101)
          if index % 7 == 0 { cache.removeAll() }
          return bitsEqual(convolution(ConvolutionOperands(input: x)), expected[index % 3])
        }
      }
      for await isEqual in group { #expect(isEqual) }
    }
  }
}
