import Foundation
import Longwave

/// What this machine could do at best: its rate of arithmetic and of copying, measured.
///
/// A causal convolution by transforms of 2L complex points, two rows in one, takes
/// 10·log₂(2L) operations a point, and reads and writes a value; the bound is the sum of the
/// times of both, at the rate of matrix products and of copying large blocks.
struct Roofline {
  /// Floating-point operations a nanosecond, of matrix products.
  var operationsPerNanosecond: Double
  /// Bytes a nanosecond read and written, of copying.
  var bytesPerNanosecond: Double

  /// Nanoseconds a point at least, forward with the filter's spectrum given.
  func bound(length: Int) -> Double {
    10 * log2(2 * Double(length)) / operationsPerNanosecond + 8 / bytesPerNanosecond
  }

  /// One line for people.
  var description: String {
    let rate = NumberFormat.significant(operationsPerNanosecond, digits: 3)
    let traffic = NumberFormat.significant(bytesPerNanosecond, digits: 3)
    return "this machine, \(Parallel.threadCount) threads: matrix products \(rate) GFLOP/s,"
      + " copying \(traffic) GB/s; bound "
      + [1024, 1 << 20].map {
        "\(NumberFormat.significant(bound(length: $0), digits: 3)) ns a point at \($0)"
      }.joined(separator: ", ")
  }

  /// The better rates of two measurements: whatever else runs here only lowers them.
  func combined(with other: Roofline) -> Roofline {
    Roofline(
      operationsPerNanosecond: max(operationsPerNanosecond, other.operationsPerNanosecond),
      bytesPerNanosecond: max(bytesPerNanosecond, other.bytesPerNanosecond))
  }

  /// Measures both rates with the threads there are; takes about a second.
  static func measured() -> Roofline {
    let stopwatch = Stopwatch(seconds: 0.3, repeats: 5)
    var random = RandomSource(seed: 0)
    let (rows, size) = (8192, 512)
    let a = Tensor(normal: [rows, size], using: &random)
    let b = Tensor(normal: [size, size], using: &random)
    let product = stopwatch.shortest([{ _ = Tensor.matmul(a, b) }])[0]
    // Far larger than any cache.
    let count = 1 << 26
    let source = Tensor(zeros: [count])
    var target = Tensor(zeros: [count])
    let to = target.mutablePointer()
    let copy = stopwatch.shortest([
      {
        Parallel.forEachRange(count, grain: 1 << 20) { range in
          (to + range.lowerBound).update(
            from: source.pointer + range.lowerBound, count: range.count)
        }
      }
    ])[0]
    return Roofline(
      operationsPerNanosecond: 2 * Double(rows * size * size) / (product * 1e6),
      bytesPerNanosecond: 8 * Double(count) / (copy * 1e6))
  }
}
