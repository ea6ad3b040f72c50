import LaneKernels
import SequenceTensor

/// A group of neighbouring channels of two sequences of a batch, or of its odd last one.
struct RowGroup {
  let firstChannel: Int
  let channels: Int
  /// The sequence in the real parts, or in both parts if there is no second.
  let first: Int
  /// The sequence in the imaginary parts; without one, parts are channels c and c + 1.
  let second: Int?

  /// The number of complex rows.
  var count: Int { second == nil ? (channels + 1) / 2 : channels }

  /// The sequences, in order.
  var sequences: [Int] { [first] + (second.map { [$0] } ?? []) }

  /// Whether this is the first group of its channels.
  var isFirst: Bool { first == 0 }

  /// The channel in the real part of a row.
  func channel(_ row: Int) -> Int { firstChannel + (second == nil ? 2 * row : row) }

  /// The channel in the imaginary part of a row without second sequence; the same as in the real
  /// part if there is none left.
  func secondChannel(_ row: Int) -> Int {
    min(firstChannel + 2 * row + 1, firstChannel + channels - 1)
  }
}

/// The memory of one worker: gathered rows, the blocks of one row, spectra of a block or two.
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

/// Cuts a batch of sequences into row groups and runs them in parallel.
struct RowWork {
  private let batch: Int
  private let channels: Int
  private let rowsHeld: Int
  private let transformLength: Int
  private let blockLength: Int
  private let rowStride: Int

  /// Floats of gathered rows that a worker holds at most. They stream, so they may overflow the
  /// second-level cache: reading whole cache lines of the sequences is worth more.
  private static let gatheredFloats = 1 << 21

  /// - Parameters:
  ///   - shape: `[batch, length, channels]`.
  ///   - transform: what the rows go through.
  ///   - rowsHeld: how many sets of rows and blocks a worker needs, 1 or 2.
  init(_ shape: Shape, _ transform: BlockTransform, rowsHeld: Int) {
    batch = shape[0]
    channels = shape[2]
    transformLength = transform.length
    blockLength = transform.blockLength
    self.rowsHeld = rowsHeld
    rowStride = Self.stride(shape[1])
  }

  /// Complex values from one gathered row of a length to the next: not a multiple of 4 KiB, so
  /// that the rows of a group do not meet in the same cache sets.
  static func stride(_ length: Int) -> Int { (length + 7) / 8 * 8 + 8 }

  /// Runs `body` for every row group; with `batches` false all groups of one set of channels run
  /// in order on one worker.
  func forEach(batches: Bool, _ body: (RowGroup, RowScratch) -> Void) {
    let pairs = (batch + 1) / 2
    let width = groupWidth(tasksPerGroup: batches ? pairs : 1)
    let groups = (channels + width - 1) / width
    let tasks = batches ? groups * pairs : groups
    let (rowFloats, blockFloats) = (2 * width * rowStride, 2 * transformLength)
    let size = rowsHeld * (rowFloats + blockFloats) + 12 * blockLength
    let workers = Parallel.workerCount(tasks: tasks)
    var scratch = Tensor(uninitialized: [workers, size]) { _ in }
    let base = scratch.mutablePointer()
    Parallel.forEach(tasks: tasks, workers: workers) { task, worker in
      let rows = base + worker * size
      let blocks = rows + rowsHeld * rowFloats
      let spectra = blocks + rowsHeld * blockFloats
      let memory = RowScratch(
        rows: rows, secondRows: rows + (rowsHeld - 1) * rowFloats, blocks: blocks,
        secondBlocks: blocks + (rowsHeld - 1) * blockFloats, spectra: spectra,
        spare: spectra + 8 * blockLength, rowStride: rowStride)
      // The pairs of one group follow each other, while its filters are in the cache.
      let group = batches ? task / pairs : task
      let firstChannel = group * width
      for pair in batches ? task % pairs..<task % pairs + 1 : 0..<pairs {
        body(
          RowGroup(
            firstChannel: firstChannel, channels: min(width, channels - firstChannel),
            first: 2 * pair, second: 2 * pair + 1 < batch ? 2 * pair + 1 : nil), memory)
      }
    }
  }

  /// Channels in a group: a cache line's worth, fewer for long rows or to keep all threads busy.
  ///
  /// The width is even, so that it does not change which channels travel together, and with that
  /// no bit of the result.
  private func groupWidth(tasksPerGroup: Int) -> Int {
    var width = 16
    while width > 2 {
      let rows = batch > 1 ? width : width / 2
      let fits = 2 * rows * rowStride * rowsHeld <= Self.gatheredFloats
      let busy = (channels + width - 1) / width * tasksPerGroup >= 2 * Parallel.threadCount
      if fits && busy { break }
      width /= 2
    }
    return width
  }
}

extension FFTConvolution {
  /// Gathers `x·gate` of a group's channels into complex rows.
  func gather(
    _ rows: RowGroup, _ x: Tensor, _ gate: Tensor?, into z: UnsafeMutablePointer<Float>
  ) {
    let channels = x.shape[2]
    let size = x.shape[1] * channels
    let at = rows.first * size + rows.firstChannel
    if let second = rows.second {
      let other = second * size + rows.firstChannel
      lanes.gather_batch_pair(
        z, RowWork.stride(problem.length), x.pointer + at, x.pointer + other,
        gate.map { $0.pointer + at }, gate.map { $0.pointer + other }, problem.length, channels,
        rows.channels)
    } else {
      lanes.gather_channel_pair(
        z, RowWork.stride(problem.length), x.pointer + at, gate.map { $0.pointer + at },
        problem.length, channels, rows.channels)
    }
  }

  /// Writes `t·gate` and `t·secondGate` of a group's channels for the values t of complex rows.
  func scatter(
    _ rows: RowGroup, _ z: UnsafeMutablePointer<Float>, channels: Int,
    to output: UnsafeMutablePointer<Float>, gate: Tensor?,
    second: UnsafeMutablePointer<Float>? = nil, secondGate: Tensor? = nil
  ) {
    func finish(_ sequence: Int) -> LaneFinish {
      let at = sequence * problem.length * channels + rows.firstChannel
      return LaneFinish(
        y1: output + at, m1: gate.map { $0.pointer + at }, y2: second.map { $0 + at },
        m2: secondGate.map { $0.pointer + at })
    }
    let stride = RowWork.stride(problem.length)
    var first = finish(rows.first)
    if let other = rows.second {
      var second = finish(other)
      lanes.scatter_batch_pair(
        &first, &second, z, stride, problem.length, channels, rows.channels)
    } else {
      lanes.scatter_channel_pair(&first, z, stride, problem.length, channels, rows.channels)
    }
  }
}
