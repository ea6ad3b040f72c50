import LaneKernels
import SequenceTensor

/// A complex transform of N points as R independent transforms of M = N/R points.
///
/// Block `b` holds the bins `R·k + residues[b]`. The outermost step splits into two and takes
/// values beyond the end of the input as zero, so zero padding costs nothing; further steps split
/// by four until a block and its spectrum fit the first cache levels. Nothing is reordered: the
/// inverse undoes the steps. (Decimation in frequency; the outermost step is identity 2 of the
/// engine's notes: even and odd bins of a padded transform are the transforms of z and z·ωⁿ.)
final class BlockTransform: Sendable {
  /// N, the number of points.
  let length: Int
  /// M, the number of points of a block.
  let blockLength: Int
  /// Which bins, modulo the number of blocks, each block holds.
  let residues: [Int]
  /// For each block the block of the negative bins.
  let partners: [Int]
  private let blockTransform: ComplexTransform
  /// exp(-2πi·n/N) for the first step, empty if N is odd.
  private let firstTwiddles: Tensor
  /// For each further step the twiddles [3, quarter] of its block length.
  private let stepTwiddles: [Tensor]

  /// Blocks are split while they are longer than this many points.
  static let largestBlock = 4096

  static func cached(length: Int, effort: PlanningEffort = .estimate) -> BlockTransform {
    cache.value(for: PlanKey(length: length, effort: effort)) {
      BlockTransform(length: length, effort: effort)
    }
  }

  private static let cache = PlanCache<PlanKey, BlockTransform>()

  init(length: Int, effort: PlanningEffort) {
    self.length = length
    var residues = [0]
    var block = length
    var first = Tensor(zeros: [0])
    var steps: [Tensor] = []
    if length % 2 == 0 {
      block = length / 2
      residues = [0, 1]
      first = Self.twiddles(count: block, period: length, multiples: [1])
      while block > Self.largestBlock, block % 4 == 0 {
        steps.append(Self.twiddles(count: block / 4, period: block, multiples: [1, 2, 3]))
        residues = residues.flatMap { residue in (0..<4).map { residue + residues.count * $0 } }
        block /= 4
      }
    }
    let count = residues.count
    self.residues = residues
    partners = residues.map { residue in
      residues.firstIndex(of: (count - residue) % count) ?? 0
    }
    blockLength = block
    firstTwiddles = first
    stepTwiddles = steps
    blockTransform = ComplexTransform.cached(length: block, effort: effort)
  }

  /// exp(-2πi·m·n/period) for n in 0..<count, for each multiple m, computed in double precision.
  private static func twiddles(count: Int, period: Int, multiples: [Int]) -> Tensor {
    Tensor(uninitialized: [multiples.count, count, 2]) { pointer in
      for (row, multiple) in multiples.enumerated() {
        Parallel.forEachRange(count, grain: 1 << 14) { range in
          for n in range {
            let (cosine, sine) = unitRoot(n * multiple % period, of: period)
            pointer[2 * (row * count + n)] = Float(cosine)
            pointer[2 * (row * count + n) + 1] = Float(sine)
          }
        }
      }
    }
  }

  /// Splits the first `count` values of `z` (zero beyond) into the blocks of `blocks`.
  func split(
    _ z: UnsafePointer<Float>, count: Int, into blocks: UnsafeMutablePointer<Float>
  ) {
    guard length % 2 == 0 else {
      blocks.update(from: z, count: 2 * count)
      (blocks + 2 * count).update(repeating: 0, count: 2 * (length - count))
      return
    }
    let half = length / 2
    lanes.split2(blocks, blocks + length, z, firstTwiddles.pointer, half, count)
    var size = half
    for twiddles in stepTwiddles {
      for start in stride(from: 0, to: length, by: size) {
        lanes.split4(blocks + 2 * start, twiddles.pointer, size / 4)
      }
      size /= 4
    }
  }

  /// Joins blocks to the first `count` values of `z`, destroying the blocks.
  func join(
    _ blocks: UnsafeMutablePointer<Float>, into z: UnsafeMutablePointer<Float>, count: Int
  ) {
    guard length % 2 == 0 else { return z.update(from: blocks, count: 2 * count) }
    var size = blockLength
    for twiddles in stepTwiddles.reversed() {
      size *= 4
      for start in stride(from: 0, to: length, by: size) {
        lanes.join4(blocks + 2 * start, twiddles.pointer, size / 4)
      }
    }
    lanes.join2(z, blocks, blocks + length, firstTwiddles.pointer, length / 2, count)
  }

  /// The offset in floats of a block within N complex values.
  func offset(_ block: Int) -> Int { 2 * block * blockLength }

  /// Transforms one block out of place.
  func execute(
    _ direction: TransformDirection, from input: UnsafePointer<Float>,
    to output: UnsafeMutablePointer<Float>
  ) {
    blockTransform.execute(direction, from: input, to: output)
  }

  /// Each block with the block of its negative bins, once: (block, partner, shift, own).
  var pairs: [(block: Int, partner: Int, shift: Int32, own: Bool)] {
    residues.indices.filter { $0 <= partners[$0] }.map {
      ($0, partners[$0], residues[$0] == 0 ? 0 : 1, partners[$0] == $0)
    }
  }
}

/// What a complex transform is planned for.
struct PlanKey: Hashable {
  let length: Int
  let effort: PlanningEffort
}

extension ComplexTransform {
  private static let cache = PlanCache<PlanKey, ComplexTransform>()

  /// The transform of a length, planned once a process.
  package static func cached(
    length: Int, effort: PlanningEffort = .estimate
  ) -> ComplexTransform {
    cache.value(for: PlanKey(length: length, effort: effort)) {
      ComplexTransform(length: length, effort: effort)
    }
  }
}
