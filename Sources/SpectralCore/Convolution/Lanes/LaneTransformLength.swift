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
  /// Innermost blocks fit the first cache with their part of the filter (16 KiB), the blocks round
  /// them half of the second one (512 KiB). Columns of the outermost level may be longer: they are
  /// read from main memory once.
  static func radices(points: Int) -> [[Int]] {
    let bits = points.trailingZeroBitCount
    let odd = points >> bits
    let block = (16 << 10) / (4 * LaneTransformPlan.floatsOfPoint)
    var inner = min(block.trailingZeroBitCount, bits - (odd > 1 ? 0 : 2))
    var outer = bits - inner
    if outer == 1 { (inner, outer) = (inner - 1, 2) }
    var levels = [split(inner, last: 8)]
    let most = odd > 1 ? 4 : 6
    while outer > (levels.count == 1 ? most : most + 2) {
      let middle = outer - 5 == 1 ? 4 : 5
      levels.insert(split(middle, last: 4), at: 0)
      outer -= middle
    }
    levels.insert((odd > 1 ? [odd] : []) + split(outer, last: 4), at: 0)
    return levels
  }

  /// 2^bits as a product of eights and fours with a given factor last.
  private static func split(_ bits: Int, last: Int) -> [Int] {
    guard bits > 0 else { return [] }
    let fours = [0, 2, 1][bits % 3]
    let eights = (bits - 2 * fours) / 3
    let (e, f) = (Array(repeating: 8, count: eights), Array(repeating: 4, count: fours))
    return last == 8 ? f + e : e + f
  }

  /// Nanoseconds that a point of one channel takes on one thread, there and back.
  ///
  /// Measured with AVX-512 at 2.5 GHz; only ratios matter.
  static func costOfPoint(_ points: Int) -> Double {
    let bits = Double(Int.bitWidth - 1 - points.leadingZeroBitCount)
    let arithmetic = 0.12 * bits
    let memory = 0.25 * Double(radices(points: points).count)
    return arithmetic + memory
  }
}
