import LaneKernels
import SequenceTensor

/// Convolution of blocks by overlap-save: a window is the last K - 1 inputs and a block, and a
/// circular convolution as long as the window is right where nothing wraps around, in the block.
///
/// Filters of a few taps are summed directly over the same window.
struct OverlapWindows: Sendable {
  /// K, the number of taps.
  let taps: Int
  /// The number of channels.
  let channels: Int
  /// `[taps, channels]`, with the skip term as part of lag 0.
  private let filter: Tensor
  /// The same for direct sums, the last tap first.
  private let grouped: Tensor
  /// Plans and spectra by window length; made when needed and kept.
  private var planned: [Int: (plan: ConvolutionPlan, spectrum: FilterSpectrum)] = [:]

  /// Up to this many taps direct sums are faster than transforms.
  private static let directTapsAtMost = 64
  /// Positions of a sequence in one piece of direct work.
  private static let grain = 128

  init(_ filter: Tensor, skip: Tensor?) {
    taps = filter.shape[0]
    channels = filter.shape[1]
    var filter = filter
    if let skip { lanes.accumulate(filter.mutablePointer(), skip.pointer, skip.count) }
    self.filter = filter
    grouped = DirectConvolution.grouped(filter, lastFirst: true)
  }

  private var isDirect: Bool { taps <= Self.directTapsAtMost }

  /// The power of two that holds the past.
  private var unit: Int {
    var unit = 32
    while unit < taps - 1 { unit *= 2 }
    return unit
  }

  /// Blocks shorter than this are faster sample by sample.
  var shortestBlock: Int { isDirect ? 8 : unit / 4 }

  /// The longest block that goes through one window: the transforms of longer windows would leave
  /// the caches for little gain.
  private var longestBlock: Int { isDirect ? 1 << 14 : 8 * unit - (taps - 1) }

  /// The convolution of a block after `past`, `[batch, taps - 1, channels]`, which becomes the past
  /// of what follows.
  mutating func convolve(_ block: Tensor, past: inout Tensor) -> Tensor {
    let (batch, length) = (block.shape[0], block.shape[1])
    return Tensor(uninitialized: block.shape) { y in
      for first in stride(from: 0, to: length, by: longestBlock) {
        let piece = first..<min(length, first + longestBlock)
        let window = window(past, block, piece)
        let part = isDirect ? direct(window, piece.count) : transformed(window)
        for item in 0..<batch {
          copyRows(
            to: y + (item * length + first) * channels, part, item: item,
            isDirect ? 0..<piece.count : taps - 1..<taps - 1 + piece.count)
        }
        past = window.sliced(axis: 1, piece.count..<piece.count + taps - 1)
      }
    }
  }

  /// The past, a piece of the block, and zeros up to the length of a window.
  private func window(_ past: Tensor, _ block: Tensor, _ piece: Range<Int>) -> Tensor {
    let used = taps - 1 + piece.count
    var length = used
    if !isDirect {
      length = 2 * unit
      while length < used { length *= 2 }
    }
    let batch = block.shape[0]
    return Tensor(uninitialized: [batch, length, channels]) { x in
      for item in 0..<batch {
        let row = x + item * length * channels
        copyRows(to: row, past, item: item, 0..<taps - 1)
        copyRows(to: row + (taps - 1) * channels, block, item: item, piece)
        (row + used * channels).update(repeating: 0, count: (length - used) * channels)
      }
    }
  }

  private func copyRows(
    to y: UnsafeMutablePointer<Float>, _ x: Tensor, item: Int, _ rows: Range<Int>
  ) {
    y.update(
      from: x.pointer + (item * x.shape[1] + rows.lowerBound) * channels,
      count: rows.count * channels)
  }

  private mutating func transformed(_ window: Tensor) -> Tensor {
    let length = window.shape[1]
    let operands = ConvolutionOperands(input: window)
    if let (plan, spectrum) = planned[length] { return plan(operands, spectrum) }
    let plan = ConvolutionPlanner.plan(
      ConvolutionProblem(length: length, taps: taps, boundary: .circular))
    let spectrum = plan.spectrum(of: filter)
    planned[length] = (plan, spectrum)
    return plan(operands, spectrum)
  }

  /// The last `count` outputs of a window.
  private func direct(_ window: Tensor, _ count: Int) -> Tensor {
    let (batch, length) = (window.shape[0], window.shape[1])
    let pieces = (count + Self.grain - 1) / Self.grain
    let width = DirectWork.roundedUp(channels)
    let rows = Self.grain + taps - 1 + DirectWork.overrun
    let workers = Parallel.workerCount(tasks: batch * pieces)
    var gathered = Tensor(uninitialized: [workers, rows, width]) { _ in }
    let scratch = gathered.mutablePointer()
    return Tensor(uninitialized: [batch, count, channels]) { y in
      Parallel.forEach(tasks: batch * pieces, workers: workers) { task, worker in
        let (item, first) = (task / pieces, task % pieces * Self.grain)
        let outputs = min(Self.grain, count - first)
        let z = scratch + worker * rows * width
        lanes.direct_gather(
          z, DirectWork.group, width, window.pointer + item * length * channels, nil, length,
          channels, channels, first, outputs + taps - 1 + DirectWork.overrun, false)
        var finish = LaneFinish(
          y1: y + (item * count + first) * channels, m1: nil, y2: nil, m2: nil)
        lanes.direct_convolution(
          &finish, grouped.pointer, z, width, channels, channels, outputs, taps)
      }
    }
  }
}
