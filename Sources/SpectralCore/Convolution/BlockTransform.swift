import LaneKernels
import SequenceTensor

/// Two blocks that hold each other's negative bins; often one block twice.
struct BlockPair {
  /// Offsets in floats within N complex values.
  let block: Int
  let partner: Int
  /// Bin k of the block meets bin `count - shift - k` of the partner.
  let shift: Int32

  var own: Bool { block == partner }

  /// Runs `body` for the one block or both.
  func forEachBlock(_ body: (Int) -> Void) {
    body(block)
    if !own { body(partner) }
  }
}

/// Up to two rows of blocks that go through the same steps. (Arrays would be allocated anew for
/// every row, a tenth of the time of a short one.)
struct BlockRows {
  private let first: UnsafeMutablePointer<Float>?
  private let second: UnsafeMutablePointer<Float>?

  init(_ first: UnsafeMutablePointer<Float>? = nil, _ second: UnsafeMutablePointer<Float>? = nil) {
    self.first = first
    self.second = second
  }

  func forEach(_ body: (UnsafeMutablePointer<Float>) -> Void) {
    if let first { body(first) }
    if let second { body(second) }
  }
}

/// A complex transform of N points as R independent transforms of M = N/R points.
///
/// Block `b` holds the bins `R·k + r` for some r. The outermost step splits into two and takes
/// values beyond the end of the input as zero, so zero padding costs nothing; further steps split
/// by four until a block and its spectrum fit the first cache levels. Nothing is reordered: the
/// inverse undoes the steps. (Decimation in frequency; the outermost step is identity 2 of the
/// engine's notes: even and odd bins of a padded transform are the transforms of z and z·ωⁿ.)
///
/// Steps run depth first: the blocks of a part of the data are split, transformed, multiplied and
/// joined before the next part is touched, so that all but the outermost steps stay in a cache.
final class BlockTransform: Sendable {
  /// N, the number of points.
  let length: Int
  /// M, the number of points of a block.
  let blockLength: Int
  private let blockTransform: ComplexTransform
  /// exp(-2πi·n/N) for the first step, empty if N is odd.
  private let firstTwiddles: Tensor
  /// For each further step the twiddles [quarter/8, 3, 8] of its block length.
  private let stepTwiddles: [Tensor]
  private let schedule: [Step]

  private enum Step {
    /// Of 4·quarter values at an offset in floats.
    case split(at: Int, quarter: Int, level: Int)
    case join(at: Int, quarter: Int, level: Int)
    case pair(BlockPair)
  }

  /// Blocks are split while they are longer than this many points.
  ///
  /// FFTW takes 2.8 ns a point for
  /// both ways at 1024, 3.2 at 2048 and 4.6 at 4096; a step by four takes 0.4.
  static let largestBlock = 1024
  /// Steps by four work on this many neighbouring values at once.
  private static let lanesOfStep = 8

  static func cached(length: Int, effort: PlanningEffort = .estimate) -> BlockTransform {
    cache.value(for: PlanKey(length: length, effort: effort)) {
      BlockTransform(length: length, effort: effort)
    }
  }

  private static let cache = PlanCache<PlanKey, BlockTransform>()

  init(length: Int, effort: PlanningEffort) {
    self.length = length
    var block = length
    var first = Tensor(zeros: [0])
    var steps: [Tensor] = []
    if length % 2 == 0 {
      block = length / 2
      first = Self.firstTwiddles(length)
      while block > Self.largestBlock, block % (4 * Self.lanesOfStep) == 0 {
        steps.append(Self.twiddles(block))
        block /= 4
      }
    }
    blockLength = block
    firstTwiddles = first
    stepTwiddles = steps
    blockTransform = ComplexTransform.cached(length: block, effort: effort)
    let halves = length % 2 == 0 ? [Part(at: 0, residue: 0), Part(at: length, residue: 1)] : nil
    schedule =
      halves.map { halves in
        halves.flatMap {
          Self.schedule([$0], period: 2, size: length / 2, level: 0, levels: steps.count)
        }
      } ?? [.pair(BlockPair(block: 0, partner: 0, shift: 0))]
  }

  /// Values at an offset in floats that hold the bins of one residue.
  private struct Part {
    let at: Int
    let residue: Int
  }

  /// The steps for one or two parts of `size` values whose bins are each other's negatives.
  private static func schedule(
    _ parts: [Part], period: Int, size: Int, level: Int, levels: Int
  ) -> [Step] {
    guard level < levels else {
      let shift: Int32 = parts[0].residue == 0 ? 0 : 1
      return [
        .pair(BlockPair(block: parts[0].at, partner: parts[parts.count - 1].at, shift: shift))
      ]
    }
    let quarter = size / 4
    let inner = parts.flatMap { part in
      (0..<4).map { Part(at: part.at + 2 * $0 * quarter, residue: part.residue + $0 * period) }
    }
    let pairs = inner.compactMap { part -> [Part]? in
      let negative = (4 * period - part.residue) % (4 * period)
      guard part.residue <= negative else { return nil }
      return [part] + inner.filter { $0.residue == negative && negative != part.residue }
    }
    return parts.map { .split(at: $0.at, quarter: quarter, level: level) }
      + pairs.flatMap {
        schedule($0, period: 4 * period, size: quarter, level: level + 1, levels: levels)
      } + parts.map { .join(at: $0.at, quarter: quarter, level: level) }
  }

  /// exp(-2πi·n/N) for n below N/2, computed in double precision.
  private static func firstTwiddles(_ length: Int) -> Tensor {
    Tensor(uninitialized: [length / 2, 2]) { pointer in
      Parallel.forEachRange(length / 2, grain: 1 << 14) { range in
        for n in range {
          let (cosine, sine) = unitRoot(n, of: length)
          pointer[2 * n] = Float(cosine)
          pointer[2 * n + 1] = Float(sine)
        }
      }
    }
  }

  /// exp(-2πi·m·n/size) for m = 1, 2, 3, eight values of n for each m in turn.
  private static func twiddles(_ size: Int) -> Tensor {
    let lanes = lanesOfStep
    return Tensor(uninitialized: [size / 4 / lanes, 3, lanes, 2]) { pointer in
      Parallel.forEachRange(size / 4, grain: 1 << 13) { range in
        for n in range {
          for multiple in 1...3 {
            let (cosine, sine) = unitRoot(n * multiple % size, of: size)
            let at = 2 * ((n / lanes * 3 + multiple - 1) * lanes + n % lanes)
            pointer[at] = Float(cosine)
            pointer[at + 1] = Float(sine)
          }
        }
      }
    }
  }

  /// The first step: the first `count` values of `z` (zero beyond) become two parts of `blocks`.
  func begin(
    _ z: UnsafePointer<Float>, count: Int, into blocks: UnsafeMutablePointer<Float>
  ) {
    guard length % 2 == 0 else {
      blocks.update(from: z, count: 2 * count)
      (blocks + 2 * count).update(repeating: 0, count: 2 * (length - count))
      return
    }
    lanes.split2(blocks, blocks + length, z, firstTwiddles.pointer, length / 2, count)
  }

  /// Undoes the first step for the first `count` values of `z`.
  func end(
    _ blocks: UnsafePointer<Float>, into z: UnsafeMutablePointer<Float>, count: Int
  ) {
    guard length % 2 == 0 else { return z.update(from: blocks, count: 2 * count) }
    lanes.join2(z, blocks, blocks + length, firstTwiddles.pointer, length / 2, count)
  }

  /// Runs all steps but the first: splits the rows of `split`, gives every pair of blocks once to
  /// `body`, and joins the rows of `join`.
  func forEachPair(
    split: BlockRows, join: BlockRows, _ body: (BlockPair) -> Void
  ) {
    for step in schedule {
      switch step {
      case .split(let at, let quarter, let level):
        split.forEach { lanes.split4($0 + at, stepTwiddles[level].pointer, quarter) }
      case .join(let at, let quarter, let level):
        join.forEach { lanes.join4($0 + at, stepTwiddles[level].pointer, quarter) }
      case .pair(let pair):
        body(pair)
      }
    }
  }

  /// Transforms one block out of place.
  func execute(
    _ direction: TransformDirection, from input: UnsafePointer<Float>,
    to output: UnsafeMutablePointer<Float>
  ) {
    blockTransform.execute(direction, from: input, to: output)
  }
}

extension BlockTransform {
  /// Transforms a pair of blocks to or from `spectra`, which hold the block and, if it is another,
  /// the partner; returns where the partner's spectrum is.
  @discardableResult func execute(
    _ direction: TransformDirection, _ pair: BlockPair, blocks: UnsafeMutablePointer<Float>,
    spectra: UnsafeMutablePointer<Float>
  ) -> UnsafeMutablePointer<Float> {
    let partner = pair.own ? spectra : spectra + 2 * blockLength
    func execute(_ at: Int, _ spectrum: UnsafeMutablePointer<Float>) {
      let (from, to) = direction == .forward ? (blocks + at, spectrum) : (spectrum, blocks + at)
      self.execute(direction, from: from, to: to)
    }
    execute(pair.block, spectra)
    if !pair.own { execute(pair.partner, partner) }
    return partner
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
