import LaneKernels
import SequenceTensor

/// A filter cut by lag into pieces that are applied in blocks of growing size.
///
/// The first lags are taps. A level of blocks of U positions has the lags from U to U·(S + 1) as S
/// spectra of U taps each. Since no lag is shorter than U, a block of U inputs is complete before
/// the first output that it reaches.
///
/// A class because every step reads it: a struct would count references to all its tensors.
final class FilterPartition: Sendable {
  /// Taps of the blocks of one size.
  struct Level: Sendable {
    /// Transforms of two blocks of U positions.
    let transform: PairedSpectra
    /// S, the number of pieces of U taps.
    let segments: Int
    /// `[pairs, segments, slot]`, scaled by 1/2U.
    let spectra: Tensor
  }

  /// K, the number of taps.
  let taps: Int
  /// The number of channels.
  let channels: Int
  /// The taps that are applied directly and eight rows of zeros, `[lags, stride]`.
  let directTaps: Tensor
  /// Inputs before a block of eight that reach it by direct taps; a multiple of 8.
  let directInputs: Int
  /// Shortest blocks first.
  let levels: [Level]

  /// Floats of a row: whole cache lines.
  let stride: Int
  /// Rows of a ring of inputs: whole blocks of all levels, and no fewer than K - 1.
  let historyRows: Int

  /// The number of pairs of channels.
  var pairs: Int { (channels + 1) / 2 }

  /// Up to this many taps a filter is applied directly as a whole.
  static let directTapsAtMost = 128
  /// U of the first level.
  static let firstSide = 64
  /// How much longer the blocks of a level are than those of the one before.
  static let growth = 8

  /// - Parameters:
  ///   - filter: `[taps, channels]`.
  ///   - skip: `[channels]`, one more tap of lag 0.
  init(_ filter: Tensor, skip: Tensor?) {
    taps = filter.shape[0]
    channels = filter.shape[1]
    let stride = (channels + 15) / 16 * 16
    let sizes = Self.sizes(taps: taps)
    let reach = sizes.last.map { $0.side * ($0.segments + 1) } ?? max(8, (taps + 7) / 8 * 8)
    let padded = Self.padded(filter, skip, rows: reach, stride: stride)
    self.stride = stride
    historyRows = reach
    let lags = sizes.isEmpty ? taps : Self.firstSide
    directInputs = (lags - 1 + 7) / 8 * 8
    directTaps = padded.sliced(axis: 0, 0..<lags).padded(axis: 0, after: directInputs + 8 - lags)
    let pairs = (channels + 1) / 2
    levels = sizes.map { size in
      Self.level(padded, side: size.side, segments: size.segments, pairs: pairs)
    }
  }

  /// Stops unless a filter and its skip term have the right shapes.
  static func check(_ filter: Tensor, _ skip: Tensor?, for name: String) {
    require(
      filter.shape.rank == 2 && filter.count > 0,
      "\(name): filter \(filter.shape) is not [taps, channels]")
    guard let skip else { return }
    require(
      skip.shape == [filter.shape[1]],
      "\(name): skip \(skip.shape) for filter \(filter.shape), [taps, channels]")
  }

  /// The sides and numbers of segments of the levels of a filter.
  static func sizes(taps: Int) -> [(side: Int, segments: Int)] {
    guard taps > directTapsAtMost else { return [] }
    var sizes: [(side: Int, segments: Int)] = []
    var side = firstSide
    // The last level takes up to twice as many segments, which spares one of a segment or two.
    while taps > 2 * growth * side {
      sizes.append((side, growth - 1))
      side *= growth
    }
    return sizes + [(side, (taps + side - 1) / side - 1)]
  }

  /// The filter with its skip term in `rows` rows of `stride` floats.
  private static func padded(_ filter: Tensor, _ skip: Tensor?, rows: Int, stride: Int) -> Tensor {
    let (taps, channels) = (filter.shape[0], filter.shape[1])
    return Tensor(uninitialized: [rows, stride]) { y in
      y.update(repeating: 0, count: rows * stride)
      for j in 0..<taps {
        (y + j * stride).update(from: filter.pointer + j * channels, count: channels)
      }
      if let skip { lanes.accumulate(y, skip.pointer, channels) }
    }
  }

  private static func level(_ padded: Tensor, side: Int, segments: Int, pairs: Int) -> Level {
    let transform = PairedSpectra(side: side)
    let stride = padded.shape[1]
    let groups = ChannelGroups(pairs: pairs)
    let spectra = Tensor(uninitialized: [pairs, segments, transform.slotFloats]) { spectra in
      // What lies between the bins of two channels is never read.
      groups.forEach(scratch: transform.scratchFloats, items: segments) { segment, group, scratch in
        let taps = padded.pointer + (segment + 1) * side * stride + 2 * group.lowerBound
        transform.forward(
          first: taps, second: nil, stride: stride, pairs: group.count,
          scale: 1 / Float(2 * side), scratch: scratch
        ) { pair in
          spectra + ((group.lowerBound + pair) * segments + segment) * transform.slotFloats
        }
      }
    }
    return Level(transform: transform, segments: segments, spectra: spectra)
  }
}

/// Pairs of channels in groups of a cache line.
struct ChannelGroups {
  let pairs: Int

  /// Runs `body(item, pairs of the group, scratch)` for each item and group.
  ///
  /// - Parameters:
  ///   - scratch: floats of scratch for each call.
  ///   - parallel: whether there is enough work to wake other threads for.
  func forEach(
    scratch floats: Int, items: Int, parallel: Bool = true,
    _ body: (Int, Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let width = PairedSpectra.pairsOfGroup
    let groups = (pairs + width - 1) / width
    let tasks = items * groups
    let workers = parallel ? Parallel.workerCount(tasks: tasks) : 1
    var memory = Tensor(uninitialized: [workers, floats]) { _ in }
    let base = memory.mutablePointer()
    Parallel.forEach(tasks: tasks, workers: workers) { task, worker in
      let first = task % groups * width
      body(task / groups, first..<min(pairs, first + width), base + worker * floats)
    }
  }
}
