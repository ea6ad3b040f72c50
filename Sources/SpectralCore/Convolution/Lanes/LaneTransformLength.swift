#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The lengths that have a lane transform, how they are split into levels, and what they cost.
enum LaneTransformLength {
  /// Shortest number of points.
  static let shortest = 16

  /// The numbers of points from `minimum` to eight times as many: 1, 3, 5 or 7 times a power of 2.
  static func candidates(atLeast minimum: Int) -> [Int] {
    let minimum = max(minimum, shortest)
    return [1, 3, 5, 7].flatMap { odd -> [Int] in
      var points = 4 * odd
      while points < minimum || points < shortest { points *= 2 }
      return [points, 2 * points, 4 * points]
    }.sorted()
  }

  /// The radices of the passes of each level, outermost first.
  ///
  /// Innermost blocks are about 16 KiB, so that they and their part of the filter stay near; every
  /// level round them is a single pass in place, by eights. Reading and writing all points once a
  /// pass is cheaper than gathering columns for several: neighbours are neighbours in memory (3.7 ns
  /// a point at 2²⁰, where columns of 64 took 5.9).
  static func radices(points: Int) -> [[Int]] {
    let bits = points.trailingZeroBitCount
    let odd = points >> bits
    let near = ((16 << 10) / (4 * LaneTransformPlan.floatsOfPoint)).trailingZeroBitCount
    if odd > 1 {
      return [[odd]] + (bits <= near + 1 ? [split(bits)] : eights(bits, near))
    }
    return bits <= near + 1 ? [[4], split(bits - 2)] : eights(bits, near)
  }

  /// Levels of eight round a block of about 2^near points.
  private static func eights(_ bits: Int, _ near: Int) -> [[Int]] {
    let levels = (bits - near + 1) / 3
    return Array(repeating: [8], count: levels) + [split(bits - 3 * levels)]
  }

  /// 2^bits as a product of fours and then eights.
  private static func split(_ bits: Int) -> [Int] {
    let fours = [0, 2, 1][bits % 3]
    let eights = (bits - 2 * fours) / 3
    return Array(repeating: 4, count: fours) + Array(repeating: 8, count: eights)
  }

  /// Nanoseconds that a point of one channel takes on one thread, there and back.
  ///
  /// Measured with lanes of AVX-512 at 2.5 GHz, 64 to 2²² points; only ratios matter.
  static func costOfPoint(_ points: Int) -> Double {
    let odd: Double =
      switch points >> points.trailingZeroBitCount {
      case 1, 3: 0
      case 5: 0.25
      default: 0.6
      }
    let passes = (1 + 0.1 * log2(Double(points)) + odd) * narrowness
    let bytes = points * LaneTransformPlan.floatsOfPoint * MemoryLayout<Float>.stride
    // Points that fill the second cache by and by, leave it, leave the last.
    let memory = [
      (128 << 10, 0.25), (256 << 10, 0.25), (512 << 10, 0.6), (1 << 20, 0.3), (2 << 20, 1),
      (16 << 20, 2),
    ]
    return memory.reduce(passes) { bytes > $1.0 ? $0 + $1.1 : $0 }
  }

  /// Nanoseconds for a channel of a task beside its points.
  static var costOfTask: Double { 60 * narrowness }

  /// How many times as long the passes over a channel take with narrower vectors.
  private static var narrowness: Double {
    switch LaneTransformPlan.vectorWidth {
    case 16: 1
    case 8: 1.75
    default: 4
    }
  }
}
