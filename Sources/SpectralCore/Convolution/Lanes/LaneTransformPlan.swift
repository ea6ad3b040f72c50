import LaneKernels
import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The tables of a transform of 2P real values in the lanes of vectors (see LaneTransform.h).
final class LaneTransformPlan: @unchecked Sendable {
  /// P, the number of points.
  let points: Int
  /// What the kernels read; written by `init` only.
  let transform: UnsafeMutablePointer<LaneTransform>
  /// The radices of each level of blocks, outermost first; the last is of the innermost blocks.
  let radices: [[Int]]
  /// How many blocks of each level are kept, the first ones; the others are skipped.
  let kept: [Int]
  private let constants: [Tensor]

  /// Channels of a group, whatever the vectors of the instruction set: a cache line of floats.
  static var laneCount: Int { LANE_GROUP }
  /// Floats of a vector.
  static var vectorWidth: Int { lanes.lane_count }
  /// Floats of a point: the real parts of a group, and the imaginary parts.
  static var floatsOfPoint: Int { 2 * laneCount }

  private static let cache = PlanCache<Int, LaneTransformPlan>()

  static func cached(points: Int) -> LaneTransformPlan {
    cache.value(for: points) { LaneTransformPlan(points: points) }
  }

  /// - Precondition: `points` is one of `LaneTransformLength.candidates`.
  private init(points: Int) {
    self.points = points
    radices = LaneTransformLength.radices(points: points)
    let sizes = radices.map { $0.reduce(1, *) }
    kept = sizes
    let block = sizes[sizes.count - 1]
    // Blocks of a page or more would meet in the same sets of a cache.
    let padding = block * Self.floatsOfPoint * MemoryLayout<Float>.stride >= 4096 ? 1 : 0
    var table = LaneTransform()
    table.points = points
    table.levels = Int32(radices.count - 1)
    table.padding = padding
    var constants: [Tensor] = []
    var angles = [0.25]
    var columns = points
    var items = points
    for (index, radices) in radices.enumerated() {
      columns /= sizes[index]
      var level = LaneLevel()
      level.points = sizes[index]
      level.columns = columns
      level.stride = columns / block * (block + padding)
      level.passes = Int32(radices.count)
      level.keep(sizes[index], radices)
      for (pass, radix) in radices.enumerated() {
        let table = Self.constants(radix, angles)
        withUnsafeMutableBytes(of: &level.radix) {
          $0.assumingMemoryBound(to: Int32.self)[pass] = Int32(radix)
        }
        withUnsafeMutableBytes(of: &level.constants) {
          $0.assumingMemoryBound(to: UnsafePointer<Float>?.self)[pass] = table.pointer
        }
        constants.append(table)
        items /= radix
        if radix % 2 == 0 {
          let twiddles = Self.twiddles(radix, items: items)
          withUnsafeMutableBytes(of: &level.twiddles) {
            $0.assumingMemoryBound(to: UnsafePointer<Float>?.self)[pass] = twiddles.pointer
          }
          constants.append(twiddles)
        }
        angles = Self.children(radix, angles)
      }
      if index == self.radices.count - 1 {
        table.block = level
      } else {
        withUnsafeMutableBytes(of: &table.level) {
          $0.assumingMemoryBound(to: LaneLevel.self)[index] = level
        }
      }
    }
    let twist = Self.twist(sizes[0], points)
    table.twist = twist.pointer
    self.constants = constants + [twist]
    transform = .allocate(capacity: 1)
    transform.initialize(to: table)
  }

  /// The same transform with fewer blocks of each level.
  init(_ whole: LaneTransformPlan, keeping kept: [Int]) {
    (points, radices, constants) = (whole.points, whole.radices, whole.constants)
    self.kept = kept
    var table = whole.transform.pointee
    table.block.keep(kept[kept.count - 1], radices[radices.count - 1])
    withUnsafeMutableBytes(of: &table.level) { levels in
      for (index, count) in kept.dropLast().enumerated() {
        levels.assumingMemoryBound(to: LaneLevel.self)[index].keep(count, whole.radices[index])
      }
    }
    transform = .allocate(capacity: 1)
    transform.initialize(to: table)
  }

  deinit { transform.deallocate() }

  /// Floats that hold the points of one group of channels, with padding.
  var floats: Int {
    let block = transform.pointee.block.points
    return points / block * (block + transform.pointee.padding) * Self.floatsOfPoint
  }

  /// The number of blocks of each level.
  var levels: [Int] { radices.map { $0.reduce(1, *) } }

  /// The number of blocks of the outermost level, and of its columns.
  var blocks: Int { levels[0] }
  var columns: Int { points / blocks }

  /// The moduli x^n - c of a pass' children; `angles` are those of its own c, in turns.
  private static func children(_ radix: Int, _ angles: [Double]) -> [Double] {
    angles.flatMap { angle in (0..<radix).map { child(angle, radix, $0) } }
  }

  private static func child(_ angle: Double, _ radix: Int, _ index: Int) -> Double {
    if radix % 2 == 1 { return (angle + Double(index)) / Double(radix) }
    var (angle, bit) = (angle, radix / 2)
    while bit > 0 {
      angle = angle / 2 + (index & bit == 0 ? 0 : 0.5)
      bit /= 2
    }
    return angle
  }

  private static func put(_ turns: Double, _ at: UnsafeMutablePointer<Float>) {
    let angle = 2 * Double.pi * (turns - turns.rounded(.down))
    (at[0], at[1]) = (Float(cos(angle)), Float(sin(angle)))
  }

  /// What a pass on the way back multiplies with at each of its items.
  private static func twiddles(_ radix: Int, items: Int) -> Tensor {
    Tensor(uninitialized: [items, radix]) { w in
      Parallel.forEachRange(items, grain: 1 << 12) { range in
        for item in range {
          let (at, turns) = (w + radix * item, -Double(item) / Double(items * radix))
          for power in 0..<radix.trailingZeroBitCount {
            put(turns * Double(radix >> (power + 1)), at + 2 * power)
          }
          if radix == 8 { put(turns - 0.125, at + 6) }
        }
      }
    }
  }

  /// What the last pass makes up with for bins that lie a quarter of a bin off.
  private static func twist(_ radix: Int, _ points: Int) -> Tensor {
    let columns = points / radix
    return Tensor(uninitialized: [columns, radix, 2]) { w in
      Parallel.forEachRange(columns, grain: 1 << 12) { range in
        for column in range {
          for k in 0..<radix {
            let turns =
              radix % 2 == 1
              ? Double(column) * (Double(k) + 0.25) / Double(points)
              : Double(column + k * columns) / Double(4 * points)
            put(-turns, w + 2 * (column * radix + k))
          }
        }
      }
    }
  }

  private static func constants(_ radix: Int, _ angles: [Double]) -> Tensor {
    if radix % 2 == 1 {
      return Tensor(uninitialized: [radix, radix, 2]) { w in
        for k in 0..<radix {
          for s in 0..<radix {
            put(child(angles[0], radix, k) * Double(s), w + 2 * (k * radix + s))
          }
        }
      }
    }
    return Tensor(uninitialized: [angles.count, radix]) { w in
      Parallel.forEachRange(angles.count, grain: 1 << 12) { range in
        for block in range {
          let (at, angle) = (w + radix * block, angles[block])
          put(angle / 2, at)
          put(angle / 4, at + 2)
          if radix == 8 {
            put(angle / 8, at + 4)
            put(angle / 8 + 0.125, at + 6)
          }
        }
      }
    }
  }
}

extension LaneLevel {
  /// Keeps the first `count` blocks, and of each pass the blocks that hold any of them.
  fileprivate mutating func keep(_ count: Int, _ radices: [Int]) {
    kept = count
    var size = points
    withUnsafeMutableBytes(of: &blocks) { blocks in
      for (pass, radix) in radices.enumerated() {
        blocks.assumingMemoryBound(to: Int.self)[pass] = (count + size - 1) / size
        size /= radix
      }
    }
  }
}
