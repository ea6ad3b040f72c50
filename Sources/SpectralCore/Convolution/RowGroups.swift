import LaneKernels
import SequenceTensor

/// A group of neighbouring channels of two sequences of a batch, or of one: its odd last one, or one
/// with a filter of its own.
struct RowGroup {
  let firstChannel: Int
  let channels: Int
  /// The sequence in the real parts, or in both parts if there is no second.
  let first: Int
  /// The sequence in the imaginary parts; without one, parts are channels c and c + 1.
  let second: Int?
  /// The filter that the group meets, of those for single sequences.
  let filter: Int
  /// Whether this is the first group of its channels that meets its filter.
  let isFirst: Bool

  /// The number of complex rows.
  var count: Int { second == nil ? (channels + 1) / 2 : channels }

  /// The sequences, in order.
  var sequences: [Int] { [first] + (second.map { [$0] } ?? []) }

  /// The channel in the real part of a row.
  func channel(_ row: Int) -> Int { firstChannel + (second == nil ? 2 * row : row) }

  /// The channel in the imaginary part of a row without second sequence; the same as in the real
  /// part if there is none left.
  func secondChannel(_ row: Int) -> Int {
    min(firstChannel + 2 * row + 1, firstChannel + channels - 1)
  }
}

/// Gathered rows, and the memory of one worker: the blocks of one row, spectra of a few blocks.
struct RowScratch {
  let rows: UnsafeMutablePointer<Float>
  let secondRows: UnsafeMutablePointer<Float>
  let blocks: UnsafeMutablePointer<Float>
  let secondBlocks: UnsafeMutablePointer<Float>
  let spectra: UnsafeMutablePointer<Float>
  let spare: UnsafeMutablePointer<Float>
  /// Complex values from one gathered row to the next.
  let rowStride: Int

  func row(_ index: Int) -> UnsafeMutablePointer<Float> { rows + 2 * index * rowStride }
  func secondRow(_ index: Int) -> UnsafeMutablePointer<Float> {
    secondRows + 2 * index * rowStride
  }
}

/// What happens to a group of rows.
struct RowPasses {
  /// Gathers a range of positions into complex rows.
  let gather: (RowGroup, Range<Int>, RowScratch) -> Void
  /// Transforms one row.
  let transform: (RowGroup, Int, RowScratch) -> Void
  /// Scatters a range of positions.
  let scatter: (RowGroup, Range<Int>, RowScratch) -> Void
}

/// Cuts a batch of sequences into row groups and runs them in parallel.
struct RowWork {
  private let batch: Int
  private let length: Int
  private let channels: Int
  private let rowsHeld: Int
  /// Whether neighbouring sequences meet different filters: such cannot share complex rows.
  private let isPerSequence: Bool
  private let transformLength: Int
  private let blockLength: Int
  private let rowStride: Int

  /// Channels that fill a cache line.
  private static let line = 16
  /// Floats of gathered rows that a worker holds at most; they share the last cache with all else.
  private static let gatheredFloats = 1 << 21
  /// Floats of gathered rows up to which a group takes more than a line of channels.
  ///
  /// Neighbouring lines are read faster than single ones, but most of the second cache is for the
  /// spectra of filters: 64 channels for rows of 256 positions (4.5 instead of 5.2 ns a point), 16
  /// for 1024 and more.
  private static let gatheredFloatsOfShortRows = 40_000
  /// Positions of long rows that are gathered or scattered at a time.
  private static let positions = 4096

  /// - Parameters:
  ///   - shape: `[batch, length, channels]`.
  ///   - transform: what the rows go through.
  ///   - filters: the filters that the rows meet.
  ///   - rowsHeld: how many sets of rows and blocks a worker needs, 1 or 2.
  init(_ shape: Shape, _ transform: BlockTransform, _ filters: FilterLayout, rowsHeld: Int) {
    isPerSequence = filters.batch != nil
    batch = shape[0]
    length = shape[1]
    channels = shape[2]
    transformLength = transform.length
    blockLength = transform.blockLength
    self.rowsHeld = rowsHeld
    rowStride = Self.paddedLength(shape[1])
  }

  /// Complex values from one gathered row of a length to the next: not a multiple of 4 KiB, so
  /// that the rows of a group do not meet in the same cache sets.
  static func paddedLength(_ length: Int) -> Int { (length + 7) / 8 * 8 + 8 }

  private var pairs: Int { isPerSequence ? batch : (batch + 1) / 2 }

  private func group(_ firstChannel: Int, _ width: Int, _ pair: Int) -> RowGroup {
    let first = isPerSequence ? pair : 2 * pair
    return RowGroup(
      firstChannel: firstChannel, channels: min(width, channels - firstChannel), first: first,
      second: !isPerSequence && first + 1 < batch ? first + 1 : nil,
      filter: isPerSequence ? first : 0, isFirst: isPerSequence || first == 0)
  }

  /// Floats of the gathered rows of so many channels.
  private func gathered(_ width: Int) -> Int {
    2 * rowStride * rowsHeld * (batch > 1 && !isPerSequence ? width : (width + 1) / 2)
  }

  private var scratchFloats: Int { rowsHeld * 2 * transformLength + 12 * blockLength }

  private func scratch(
    rows: UnsafeMutablePointer<Float>, width: Int, own: UnsafeMutablePointer<Float>
  ) -> RowScratch {
    let spectra = own + rowsHeld * 2 * transformLength
    return RowScratch(
      rows: rows, secondRows: rows + (rowsHeld - 1) * gathered(width) / rowsHeld, blocks: own,
      secondBlocks: own + (rowsHeld - 1) * 2 * transformLength, spectra: spectra,
      spare: spectra + 8 * blockLength, rowStride: rowStride)
  }

  /// Runs the passes for every row group; with `batches` false those of one channel that meet the
  /// same filter run in order and never at once.
  func forEach(batches: Bool, _ passes: RowPasses) {
    let width = min(Self.line, (channels + 1) / 2 * 2)
    if gathered(width) > Self.gatheredFloats { return forEachLong(width, passes) }
    let batches = batches || isPerSequence
    forEachShort(groupWidth(tasksPerGroup: batches ? pairs : 1), batches: batches, passes)
  }

  /// Short rows: a worker takes a group from the first pass to the last.
  private func forEachShort(_ width: Int, batches: Bool, _ passes: RowPasses) {
    let groups = (channels + width - 1) / width
    let tasks = batches ? groups * pairs : groups
    let size = gathered(width) + scratchFloats
    let workers = Parallel.workerCount(tasks: tasks)
    var memory = Tensor(uninitialized: [workers, size]) { _ in }
    let base = memory.mutablePointer()
    Parallel.forEach(tasks: tasks, workers: workers) { task, worker in
      let rows = base + worker * size
      let scratch = scratch(rows: rows, width: width, own: rows + gathered(width))
      // The pairs of one group follow each other, while its filters are in the cache.
      for pair in batches ? task % pairs..<task % pairs + 1 : 0..<pairs {
        let group = group((batches ? task / pairs : task) * width, width, pair)
        passes.gather(group, 0..<length, scratch)
        for row in 0..<group.count { passes.transform(group, row, scratch) }
        passes.scatter(group, 0..<length, scratch)
      }
    }
  }

  /// Long rows: all workers gather a cache line of channels, then transform rows, then scatter.
  ///
  /// A worker that gathered a few channels for itself would read, and the others after
  /// it, every line for the sake of a part of it.
  private func forEachLong(_ width: Int, _ passes: RowPasses) {
    var gatheredRows = Tensor(uninitialized: [gathered(width)]) { _ in }
    let rows = gatheredRows.mutablePointer()
    let size = scratchFloats
    let workers = Parallel.workerCount(tasks: width)
    var memory = Tensor(uninitialized: [workers, size]) { _ in }
    let base = memory.mutablePointer()
    for first in stride(from: 0, to: channels, by: width) {
      for pair in 0..<pairs {
        let group = group(first, width, pair)
        let shared = scratch(rows: rows, width: width, own: base)
        Parallel.forEachRange(length, grain: Self.positions) { passes.gather(group, $0, shared) }
        Parallel.forEach(tasks: group.count, workers: workers) { row, worker in
          passes.transform(
            group, row, scratch(rows: rows, width: width, own: base + worker * size))
        }
        Parallel.forEachRange(length, grain: Self.positions) { passes.scatter(group, $0, shared) }
      }
    }
  }

  /// Channels in a group: one cache line's worth or more, fewer if that keeps more threads busy.
  ///
  /// The width is even, so that it does not change which channels travel together, and with that
  /// no bit of the result.
  private func groupWidth(tasksPerGroup: Int) -> Int {
    var width = Self.line
    while width < channels, gathered(2 * width) <= Self.gatheredFloatsOfShortRows { width *= 2 }
    while width > 2,
      (channels + width - 1) / width * tasksPerGroup < 2 * Parallel.threadCount
    {
      width /= 2
    }
    return width
  }
}

extension FFTConvolution {
  /// Gathers positions of `x·gate` of a group's channels into complex rows.
  func gather(
    _ rows: RowGroup, _ positions: Range<Int>, _ x: Tensor, _ gate: Tensor?,
    into z: UnsafeMutablePointer<Float>
  ) {
    let channels = x.shape[2]
    let size = x.shape[1] * channels
    let first = positions.lowerBound * channels + rows.firstChannel
    let at = rows.first * size + first
    let z = z + 2 * positions.lowerBound
    if let second = rows.second {
      let other = second * size + first
      lanes.gather_batch_pair(
        z, RowWork.paddedLength(problem.length), x.pointer + at, x.pointer + other,
        gate.map { $0.pointer + at }, gate.map { $0.pointer + other }, positions.count, channels,
        rows.channels)
    } else {
      lanes.gather_channel_pair(
        z, RowWork.paddedLength(problem.length), x.pointer + at, gate.map { $0.pointer + at },
        positions.count, channels, rows.channels)
    }
  }

  /// Writes `t·gate` and `t·secondGate` at positions of a group's channels for the values t of
  /// complex rows.
  func scatter(
    _ rows: RowGroup, _ positions: Range<Int>, _ z: UnsafeMutablePointer<Float>, channels: Int,
    to output: UnsafeMutablePointer<Float>, gate: Tensor?,
    second: UnsafeMutablePointer<Float>? = nil, secondGate: Tensor? = nil
  ) {
    func finish(_ sequence: Int) -> LaneFinish {
      let at =
        (sequence * problem.length + positions.lowerBound) * channels + rows.firstChannel
      return LaneFinish(
        y1: output + at, m1: gate.map { $0.pointer + at }, y2: second.map { $0 + at },
        m2: secondGate.map { $0.pointer + at })
    }
    let stride = RowWork.paddedLength(problem.length)
    let z = z + 2 * positions.lowerBound
    var first = finish(rows.first)
    if let other = rows.second {
      var second = finish(other)
      lanes.scatter_batch_pair(
        &first, &second, z, stride, positions.count, channels, rows.channels)
    } else {
      lanes.scatter_channel_pair(&first, z, stride, positions.count, channels, rows.channels)
    }
  }
}
