import SequenceTensor
import TestSupport
import Testing

/// Sums, means and extremes against loops in double precision.
@Suite struct ReductionTests {
  @Test(arguments: [0, 1, 2, 15, 16, 17, 1000, 70_001]) func totals(count: Int) {
    var random = RandomSource(seed: UInt64(count))
    let x = Tensor(normal: [count], mean: 1, using: &random)
    let values = x.elements.map(Double.init)
    let sum = values.reduce(0, +)
    #expect(abs(Double(x.sum()) - sum) <= 1e-7 * abs(sum))
    #expect(abs(Double(x.mean()) - sum / Double(max(1, count))) <= 1e-7 * max(1, abs(sum)))
    let squares = values.reduce(0) { $0 + $1 * $1 }
    #expect(abs(x.sumOfSquares() - squares) <= 1e-12 * squares)
    #expect(x.maximumMagnitude() == x.elements.map(abs).max() ?? 0)
    if count > 0 { #expect(x.maximum() == x.elements.max()) }
  }

  @Test(arguments: [
    [4], [1, 5], [5, 1], [3, 4], [2, 3, 5], [3, 1, 70], [2, 130, 3], [2, 0, 3], [0, 4], [3, 0],
  ])
  func overAnAxis(sizes: [Int]) {
    let x = Tensor.numbered(sizes)
    let naive = NaiveTensor(x)
    for axis in sizes.indices {
      var kept = sizes
      kept.remove(at: axis)
      let expected = NaiveTensor(kept) { index in
        (0..<sizes[axis]).reduce(0) { sum, i in
          var whole = index
          whole.insert(i, at: axis)
          return sum + naive[whole]
        }
      }
      // Whole numbers below 2²⁴ add up exactly in any order.
      #expect(x.sum(axis: axis) == expected, "axis \(axis)")
      #expect(x.sum(axis: axis - sizes.count) == expected, "axis \(axis)")
      let mean = x.mean(axis: axis).elements
      let size = Float(max(1, sizes[axis]))
      #expect(zip(mean, expected.elements).allSatisfy { abs($0 - $1 / size) <= 1e-6 * abs($0) })
    }
    #expect(x.summedRows() == (0..<(sizes.count - 1)).reduce(x) { y, _ in y.sum(axis: 0) })
  }

  /// Many rows: pieces are added in order, with a small rounding error.
  @Test func manyRows() {
    var random = RandomSource(seed: 1)
    let (rows, width) = (5003, 67)
    let x = Tensor(normal: [rows, width], mean: 0.5, using: &random)
    let expected = (0..<width).map { c in
      (0..<rows).reduce(0.0) { $0 + Double(x.pointer[$1 * width + c]) }
    }
    #expect(relativeError(x.summedRows().elements, expected) < 3e-7)
    #expect(relativeError(x.sum(axis: 0).elements, expected) < 3e-7)
    let one = withThreads(1) { x.summedRows() }
    #expect(bitsEqual(one, withThreads(2) { x.summedRows() }))
  }

  @Test func extremes() {
    #expect(Tensor([3, .nan, 9]).maximum().isNaN)
    #expect(Tensor([-3, -9]).maximum() == -3)
    #expect(Tensor([-3, -9]).maximumMagnitude() == 9)
    let x = Tensor([1, 5, 5, 7, 2, 7, -1, -1, -3], shape: [3, 3])
    #expect(x.argmaxRows() == [1, 0, 0])
    #expect(Tensor([1, 2]).isFinite)
    #expect(!Tensor([1, .infinity]).isFinite && !Tensor([.nan]).isFinite)
  }

  @Test func emptyMaximumStops() async {
    await #expect(processExitsWith: .failure) { _ = Tensor([Float]()).maximum() }
    await #expect(processExitsWith: .failure) { _ = Tensor([1]).sum(axis: 1) }
  }
}
