import SequenceTensor
import TestSupport
import Testing

/// Elementwise arithmetic, broadcasting and its adjoint, against loops over indices.
@Suite struct ArithmeticTests {
  static let shapes: [([Int], [Int])] = [
    ([], []), ([1], [1]), ([3], [3]), ([17], [17]), ([2, 3], [2, 3]), ([2, 3, 5], [2, 3, 5]),
    ([], [4]), ([4], []), ([1], [5]), ([2, 3], [3]), ([3], [2, 3]), ([2, 3], [2, 1]),
    ([2, 1], [2, 3]), ([2, 1], [1, 3]), ([4, 1, 3], [5, 1]), ([1, 5, 1], [4, 1, 3]),
    ([2, 3, 1, 5], [3, 4, 1]), ([1, 1, 1], [2, 1, 3]), ([2, 1, 3], []), ([2, 3, 1], [2, 1, 1]),
    ([0], [0]), ([0], [1]), ([1], [0]), ([2, 0], [1]), ([0, 3], [3]), ([0, 3], [1, 1]),
    ([2, 0, 3], [2, 1, 1]), ([0], []),
  ]

  static func shape(_ a: [Int], _ b: [Int]) -> [Int] {
    let rank = max(a.count, b.count)
    let x = [Int](repeating: 1, count: rank - a.count) + a
    let y = [Int](repeating: 1, count: rank - b.count) + b
    return zip(x, y).map { $0 == 1 ? $1 : $0 }
  }

  @Test(arguments: shapes) func broadcasts(a: [Int], b: [Int]) {
    let (x, y) = (Tensor.numbered(a), Tensor.numbered(b, from: 3))
    let (p, q) = (NaiveTensor(x), NaiveTensor(y))
    let sizes = Self.shape(a, b)
    func expected(_ operation: (Float, Float) -> Float) -> NaiveTensor {
      NaiveTensor(sizes) { operation(p.broadcast($0), q.broadcast($0)) }
    }
    #expect(x + y == expected(+))
    #expect(x - y == expected(-))
    #expect(x * y == expected(*))
    #expect(x / y == expected(/))
  }

  /// ⟨broadcast(a), c⟩ = ⟨a, summed(c)⟩.
  @Test(arguments: shapes) func summedIsTheAdjointOfBroadcasting(a: [Int], b: [Int]) {
    let sizes = Self.shape(a, b)
    let c = Tensor.numbered(sizes)
    let naive = NaiveTensor(c)
    var sums = [[Int]: Float]()
    for index in NaiveTensor.indices(sizes) {
      sums[zip(index.suffix(a.count), a).map { $1 == 1 ? 0 : $0 }, default: 0] += naive[index]
    }
    #expect(c.summed(to: Shape(a)) == NaiveTensor(a) { sums[$0] ?? 0 })
  }

  @Test func scalarsAndSigns() {
    let x = Tensor([1, -2, 3.5])
    #expect((x * 2).elements == [2, -4, 7])
    #expect((2 * x).elements == [2, -4, 7])
    #expect((x + 1).elements == [2, -1, 4.5])
    #expect((-x).elements == [-1, 2, -3.5])
    #expect(x.scaled(by: -2, plus: 0.5).elements == [-1.5, 4.5, -6.5])
    var y = x
    y += x
    #expect(y.elements == [2, -4, 7])
    y.add(x, times: -2)
    #expect(y.elements == [0, 0, 0])
    #expect(x.elements == [1, -2, 3.5])
  }

  /// More elements than one parallel piece.
  @Test func longArraysAreCutRight() {
    let count = 2 * Parallel.elementGrain + 12_345
    let x = Tensor((0..<count).map { Float($0 % 1000) }, shape: [count])
    let y = Tensor((0..<count).map { Float($0 % 777) }, shape: [count])
    let sum = x + y
    #expect((0..<count).allSatisfy { sum.pointer[$0] == Float($0 % 1000 + $0 % 777) })
    var z = x
    z += y
    #expect(z == sum)
    z.add(y, times: -1)
    #expect(z == x)
    let one = withThreads(1) { (x * y, x.sum(), x.sumOfSquares()) }
    let two = withThreads(2) { (x * y, x.sum(), x.sumOfSquares()) }
    #expect(bitsEqual(one.0, two.0) && one.1 == two.1 && one.2 == two.2)
  }

  @Test func wrongShapesStop() async {
    await #expect(processExitsWith: .failure) { _ = Tensor([1, 2, 3]) + Tensor([1, 2]) }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3]) * Tensor(zeros: [2]) }
    await #expect(processExitsWith: .failure) {
      var x = Tensor(zeros: [2, 3])
      x += Tensor(zeros: [3])
    }
  }
}
