import LaneKernels
import SequenceTensor

/// What one level of a partitioned filter remembers: the spectra of its last blocks of inputs and
/// what they give the block of outputs under way.
struct OnlineLevel: Sendable {
  private let filter: FilterPartition.Level
  private let pairs: Int
  /// `[batch, pairs, segments, slot]`; the segments are a ring.
  private var spectra: Tensor
  /// `[batch, side, stride]`.
  private(set) var output: Tensor

  /// From this many points a block is spread over threads: some 100 µs of work.
  private static let parallelPoints = 1 << 13

  init(_ filter: FilterPartition.Level, batch: Int, partition: FilterPartition) {
    self.filter = filter
    pairs = partition.pairs
    spectra = Tensor(zeros: [batch, pairs, filter.segments, filter.transform.slotFloats])
    output = Tensor(zeros: [batch, filter.transform.side, partition.stride])
  }

  /// The bytes of the spectra of inputs and of the outputs ahead.
  var byteCount: Int { 4 * (spectra.count + output.count) }

  /// U, positions of a block.
  var side: Int { filter.transform.side }

  /// Takes in block `index` of the inputs and, if wanted, computes what all blocks until then give
  /// the next block of outputs.
  ///
  /// - Parameter history: `[batch, rows, stride]`, a ring of whole blocks.
  mutating func take(block index: Int, of history: Tensor, computesOutput: Bool = true) {
    let (rows, stride) = (history.shape[1], history.shape[2])
    let batch = output.shape[0]
    let transform = filter.transform
    let (segments, floats) = (filter.segments, filter.transform.slotFloats)
    let newest = index % segments
    let (previousRow, row) = ((index * side + rows - side) % rows, index * side % rows)
    let ring = spectra.mutablePointer()
    let y = output.mutablePointer()
    ChannelGroups(pairs: pairs).forEach(
      scratch: transform.scratchFloats, items: batch,
      parallel: batch * side * stride >= Self.parallelPoints
    ) { item, group, scratch in
      let sequence = history.pointer + item * rows * stride + 2 * group.lowerBound
      let slots = ring + (item * pairs + group.lowerBound) * segments * floats
      transform.forward(
        first: sequence + previousRow * stride, second: sequence + row * stride, stride: stride,
        pairs: group.count, scratch: scratch
      ) { slots + ($0 * segments + newest) * floats }
      guard computesOutput else { return }
      let taps = filter.spectra.pointer + group.lowerBound * segments * floats
      transform.inverse(
        to: y + item * side * stride + 2 * group.lowerBound, stride: stride, pairs: group.count,
        scratch: scratch
      ) { pair, sum in
        let at = pair * segments * floats
        lanes.partition_sum(sum, slots + at, taps + at, segments, newest, side, transform.bins)
      }
    }
  }
}
