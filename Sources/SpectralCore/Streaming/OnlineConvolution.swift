import LaneKernels
public import SequenceTensor

/// Exact causal convolution one sample at a time, for a filter of any length.
///
/// After inputs u[0], …, u[n], `step` has returned y[0], …, y[n] with
/// y[n] = Σ over j < taps of h[j]·u[n - j] + skip·u[n], channel by channel; the sequence has no
/// end. Recomputing every output from all taps costs O(K); this is a relaxed multiplication
/// (van der Hoeven, "Relax, but don't be too lazy", 2002): a block of inputs is multiplied with a
/// piece of the filter as soon as it is complete, by transforms, and ahead of the outputs that
/// need it. The pieces are those of a partitioned convolution without delay (Gardner, "Efficient
/// convolution without input-output delay", 1995).
///
/// - Complexity: O(log² K) a step and channel on average. The work comes in lumps: one step in U
///   computes a block of U outputs ahead, U being at most K/2. Beyond the taps, the memory is about
///   8·K bytes a channel for the filter and 12·K bytes a channel for each sequence.
public struct OnlineConvolution: Sendable {
  /// The number of sequences.
  public let batch: Int
  /// K, the number of taps.
  public var taps: Int { filter.taps }
  /// The number of channels.
  public var channels: Int { filter.channels }

  private let filter: FilterPartition
  /// The last inputs, `[batch, rows, stride]`; a ring of whole blocks of all levels.
  private var history: Tensor
  /// What earlier inputs give the eight outputs under way, `[batch, 8, stride]`.
  private var pending: Tensor
  private var levels: [OnlineLevel]
  /// How many inputs there were.
  private var position = 0

  /// Outputs to which earlier inputs are added at once.
  private static let rows = 8
  /// From this many multiplications on the direct taps are spread over threads: some 50 µs.
  private static let parallelProducts = 1 << 21
  /// Channels in one task of those.
  private static let channelsOfTask = 128

  /// Creates a convolution before its first input.
  ///
  /// - Parameters:
  ///   - filter: `[taps, channels]`.
  ///   - skip: `[channels]`, adds `skip·input`.
  ///   - batch: the number of sequences that go forward together.
  /// - Precondition: the shapes agree; there is a tap, a channel and a sequence.
  public init(filter: Tensor, skip: Tensor? = nil, batch: Int = 1) {
    FilterPartition.check(filter, skip, for: "OnlineConvolution")
    self.init(FilterPartition(filter, skip: skip), batch: batch)
  }

  init(_ filter: FilterPartition, batch: Int) {
    require(batch > 0, "OnlineConvolution: batch \(batch)")
    self.filter = filter
    self.batch = batch
    history = Tensor(zeros: [batch, filter.historyRows, filter.stride])
    pending = Tensor(zeros: [batch, Self.rows, filter.stride])
    levels = filter.levels.map { OnlineLevel($0, batch: batch, partition: filter) }
  }

  /// Takes the next input of every sequence and returns its output.
  ///
  /// - Parameter input: `[batch, channels]`.
  /// - Returns: `[batch, channels]`.
  public mutating func step(_ input: Tensor) -> Tensor {
    require(
      input.shape.rank == 2 && input.shape[0] == batch && input.shape[1] == channels,
      "OnlineConvolution: input \(input.shape) is not [\(batch) batch, \(channels) channels]")
    return Tensor(uninitialized: input.shape) { run(input.pointer, to: $0, count: 1) }
  }

  /// Forgets all inputs.
  public mutating func reset() { self = OnlineConvolution(filter, batch: batch) }

  /// The last K - 1 inputs, `[batch, taps - 1, channels]`, oldest first, zero before the start:
  /// all that later outputs depend on.
  ///
  /// `StreamingConvolution` has the same state, so a sequence can be begun in blocks and gone on
  /// with one sample at a time. Outputs after setting it equal those of the original up to
  /// rounding; a copy of the convolution goes on with the same bits.
  ///
  /// - Complexity: O(K log K) a channel to set.
  public var state: Tensor {
    get {
      let (past, rows, stride) = (taps - 1, filter.historyRows, filter.stride)
      return Tensor(uninitialized: [batch, past, channels]) { y in
        for item in 0..<batch {
          for n in 0..<past {
            let row = (position + rows - past + n) % rows
            (y + (item * past + n) * channels).update(
              from: history.pointer + (item * rows + row) * stride, count: channels)
          }
        }
      }
    }
    set {
      let (past, rows, stride) = (taps - 1, filter.historyRows, filter.stride)
      require(
        newValue.shape == [batch, past, channels],
        "OnlineConvolution: state \(newValue.shape) is not"
          + " [\(batch) batch, \(past) taps - 1, \(channels) channels]")
      reset()
      let x = history.mutablePointer()
      for item in 0..<batch {
        for n in 0..<past {
          (x + ((item + 1) * rows - past + n) * stride).update(
            from: newValue.pointer + (item * past + n) * channels, count: channels)
        }
      }
      // The ring has gone round once; all levels begin a block, and the next input makes each take
      // in its last one.
      position = rows
      for index in levels.indices {
        let blocks = rows / levels[index].side
        for block in max(0, blocks - filter.levels[index].segments)..<blocks - 1 {
          levels[index].take(block: block, of: history, computesOutput: false)
        }
      }
    }
  }

  /// The bytes of what is remembered of the inputs.
  var byteCount: Int {
    4 * (history.count + pending.count) + levels.reduce(0) { $0 + $1.byteCount }
  }

  /// Goes `count` steps forward; rows of input and output are `[batch, count, channels]`.
  mutating func run(
    _ input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, count: Int
  ) {
    let (rows, stride, channels) = (filter.historyRows, filter.stride, channels)
    var done = 0
    while done < count {
      let begun = position % Self.rows
      if begun == 0 { prepare() }
      let some = min(Self.rows - begun, count - done)
      let x = history.mutablePointer() + position % rows * stride
      let sums = pending.pointer + begun * stride
      let taps = filter.directTaps.pointer
      // One worker: eight rows are too little work to wake others for.
      Parallel.forEach(tasks: batch, workers: 1) { item, _ in
        for n in 0..<some {
          let newest = x + (item * rows + n) * stride
          let at = (item * count + done + n) * channels
          newest.update(from: input + at, count: channels)
          lanes.online_output(
            output + at, sums + (item * Self.rows + n) * stride, newest, taps, stride,
            begun + n + 1, channels)
        }
      }
      position += some
      done += some
    }
  }

  /// Computes what all inputs until now give the next eight outputs.
  private mutating func prepare() {
    for index in levels.indices {
      let (block, rest) = position.quotientAndRemainder(dividingBy: levels[index].side)
      if rest == 0 && block > 0 { levels[index].take(block: block - 1, of: history) }
    }
    let (rows, stride) = (filter.historyRows, filter.stride)
    let inputs = filter.directInputs
    let y = pending.mutablePointer()
    // The newest inputs end at `end`; those before the start of the ring end at its last row.
    let end = position % rows == 0 ? rows : position % rows
    let isLarge = batch * stride * inputs * Self.rows >= Self.parallelProducts
    let width = isLarge ? Self.channelsOfTask : stride
    let parts = (stride + width - 1) / width
    Parallel.forEach(tasks: batch * parts, workers: isLarge ? nil : 1) { task, _ in
      let (item, channel) = (task / parts, task % parts * width)
      let count = min(width, stride - channel)
      let sums = y + item * Self.rows * stride + channel
      for n in 0..<Self.rows { begin(sums + n * stride, item: item, row: n, channel, count) }
      let x = history.pointer + item * rows * stride + channel
      let taps = filter.directTaps.pointer + channel
      let recent = min(inputs, end)
      lanes.online_tile(sums, x + end * stride, taps, stride, recent, count)
      lanes.online_tile(
        sums, x + rows * stride, taps + recent * stride, stride, inputs - recent, count)
    }
  }

  /// Sets a row of pending sums to what the levels have for it.
  private func begin(
    _ sums: UnsafeMutablePointer<Float>, item: Int, row: Int, _ channel: Int, _ count: Int
  ) {
    sums.update(repeating: 0, count: count)
    for level in levels {
      let from = (item * level.side + position % level.side + row) * filter.stride + channel
      lanes.accumulate(sums, level.output.pointer + from, count)
    }
  }
}
