import LaneKernels
import SequenceTensor

/// Rows that a direct sum reads, whole groups of channels `stride` apart.
struct DirectRows {
  let pointer: UnsafePointer<Float>
  let stride: Int
}

/// Consecutive positions of one batch element, for some of its channels.
struct DirectRun {
  let batch: Int
  let positions: Range<Int>
  let channels: Range<Int>
  /// Whether all that is read for them lies inside the sequence.
  let isInside: Bool
  /// Elements between neighbouring positions, and those before the first of this run.
  let stride: Int, offset: Int
}

/// A run of pieces that one task computes; `index` counts sections over batch and sequence.
struct DirectSection {
  let index: Int
  let batch: Int
  let positions: Range<Int>
  let channels: Range<Int>
}

/// How a direct convolution is cut into pieces: always the same, whatever the number of threads.
struct DirectWork {
  /// Channels in a group of a kernel.
  static let group = 16
  /// Positions in a piece: what it reads and writes of 256 channels stays in the cache.
  static let piece = 128
  private static let slab = 256
  /// Kernels read rows in eights, so up to seven more than they need.
  static let overrun = 7

  let batch: Int, length: Int, channels: Int
  private let wraps: Bool
  /// How many positions before and after an output its sums reach.
  private let before: Int, after: Int

  init(_ shape: Shape, _ problem: ConvolutionProblem, before: Int, after: Int) {
    (batch, length, channels) = (shape[0], shape[1], shape[2])
    wraps = problem.boundary == .circular
    (self.before, self.after) = (before, after)
  }

  /// Channels rounded up to whole groups.
  static func roundedUp(_ channels: Int) -> Int { (channels + group - 1) / group * group }

  /// Elements of scratch for the gathered rows of a piece.
  var windowSize: Int {
    (Self.piece + before + after + Self.overrun) * Self.roundedUp(min(Self.slab, channels))
  }

  /// Sections of up to `count` positions in the batch.
  func sectionCount(of count: Int) -> Int { batch * ((length + count - 1) / count) }

  /// Runs `body(section, scratch)` in parallel, with scratch for a number of windows.
  func forEachSection(
    of count: Int, windows: Int,
    _ body: (DirectSection, UnsafeMutablePointer<Float>) -> Void
  ) {
    let slabs = (channels + Self.slab - 1) / Self.slab
    let perSequence = (length + count - 1) / count
    let tasks = sectionCount(of: count) * slabs
    let workers = Parallel.workerCount(tasks: tasks)
    var scratch = Tensor(uninitialized: [workers, windows * windowSize]) { _ in }
    let base = scratch.mutablePointer()
    Parallel.forEach(tasks: tasks, workers: workers) { task, worker in
      let index = task / slabs
      let first = index % perSequence * count
      let channel = task % slabs * Self.slab
      body(
        DirectSection(
          index: index, batch: index / perSequence,
          positions: first..<min(length, first + count),
          channels: channel..<min(channels, channel + Self.slab)),
        base + worker * windows * windowSize)
    }
  }

  /// The runs of a section in order: at the ends of the sequence, a piece is up to three.
  func runs(_ section: DirectSection) -> [DirectRun] {
    // The last group of channels reads into the next rows.
    let spill = (Self.roundedUp(channels) - channels + channels - 1) / channels
    let inside = before..<max(before, length - after - Self.overrun - spill)
    var runs: [DirectRun] = []
    for first in stride(
      from: section.positions.lowerBound, to: section.positions.upperBound, by: Self.piece)
    {
      let piece = first..<min(section.positions.upperBound, first + Self.piece)
      let whole = inside.clamped(to: piece)
      let parts = [
        (piece.lowerBound..<whole.lowerBound, false), (whole, true),
        (whole.upperBound..<piece.upperBound, false),
      ]
      for (positions, isInside) in parts where !positions.isEmpty {
        runs.append(
          DirectRun(
            batch: section.batch, positions: positions, channels: section.channels,
            isInside: isInside, stride: channels,
            offset: (section.batch * length + positions.lowerBound) * channels
              + section.channels.lowerBound))
      }
    }
    return runs
  }

  /// The rows of `tensor` times `gate` from `before` positions before a run onwards.
  func rows(
    _ run: DirectRun, _ tensor: Tensor, _ gate: Tensor?, before: Int,
    _ scratch: UnsafeMutablePointer<Float>
  ) -> DirectRows {
    if run.isInside && gate == nil {
      return DirectRows(pointer: tensor.pointer + run.offset - before * channels, stride: channels)
    }
    let sequence = run.batch * length * channels + run.channels.lowerBound
    let stride = Self.roundedUp(run.channels.count)
    lanes.direct_gather(
      scratch, Self.group, stride, tensor.pointer + sequence,
      gate.map { $0.pointer + sequence }, length, channels, run.channels.count,
      run.positions.lowerBound - before, run.positions.count + self.before + after + Self.overrun,
      wraps)
    return DirectRows(pointer: scratch, stride: stride)
  }
}
