public import SequenceTensor

/// Causal convolution of sequences that come in blocks of any sizes.
///
/// The outputs of the blocks one after the other are the convolution of the whole sequences,
/// y[n] = Σ over j < taps of h[j]·u[n - j] + skip·u[n], channel by channel:
///
/// ```swift
/// var stream = StreamingConvolution(filter: taps, batch: 2)
/// let first = stream(Tensor(zeros: [2, 100, channels]))
/// let second = stream(Tensor(zeros: [2, 7, channels]))  // goes on where the first ended
/// ```
///
/// A copy is a stream of its own that goes on from the same place. What a block costs does not
/// depend on how much came before it.
///
/// - Complexity: O(log K) a point for blocks that are not much shorter than the filter, by
///   overlap-save; O(log² K) a point for shorter ones, which go sample by sample through an
///   `OnlineConvolution`. Spectra of the filter are made when a block first needs them and kept,
///   for windows of about 2·K, 4·K and 8·K positions (8 bytes a position and channel) and for the
///   online convolution; copies share them. The state takes 4·K bytes a channel and sequence.
public struct StreamingConvolution: Sendable {
  /// The number of sequences.
  public let batch: Int
  /// K, the number of taps.
  public var taps: Int { windows.taps }
  /// The number of channels.
  public var channels: Int { windows.channels }

  private let filter: Tensor
  private let skip: Tensor?
  private var windows: OverlapWindows
  /// The filter for short blocks, once there was one.
  private var partition: FilterPartition?
  /// The stream while blocks are short; otherwise the state is `past`.
  private var online: OnlineConvolution?
  /// The last K - 1 inputs, `[batch, taps - 1, channels]`; out of date while there is `online`.
  private var past: Tensor

  /// Creates a stream before its first block.
  ///
  /// - Parameters:
  ///   - filter: `[taps, channels]`.
  ///   - skip: `[channels]`, adds `skip·input`.
  ///   - batch: the number of sequences that go forward together.
  /// - Precondition: the shapes agree; there is a tap, a channel and a sequence.
  public init(filter: Tensor, skip: Tensor? = nil, batch: Int = 1) {
    require(batch > 0, "StreamingConvolution: batch \(batch)")
    FilterPartition.check(filter, skip, for: "StreamingConvolution")
    self.filter = filter
    self.skip = skip
    self.batch = batch
    windows = OverlapWindows(filter, skip: skip)
    past = Tensor(zeros: [batch, filter.shape[0] - 1, filter.shape[1]])
  }

  /// Takes the next block and returns its outputs.
  ///
  /// - Parameter block: `[batch, length, channels]`, of any length.
  /// - Returns: the same shape.
  public mutating func callAsFunction(_ block: Tensor) -> Tensor {
    let shape = block.shape
    require(
      shape.rank == 3 && shape[0] == batch && shape[2] == channels,
      "StreamingConvolution: block \(shape) is not [\(batch) batch, length, \(channels) channels]")
    guard shape[1] > 0 else { return block }
    if shape[1] < windows.shortestBlock {
      resumeOnline()
      return Tensor(uninitialized: shape) { y in
        online?.run(block.pointer, to: y, count: shape[1])
      }
    }
    past = state
    online = nil
    return windows.convolve(block, past: &past)
  }

  private mutating func resumeOnline() {
    guard online == nil else { return }
    let filter = partition ?? FilterPartition(filter, skip: skip)
    partition = filter
    online = OnlineConvolution(filter, batch: batch)
    online?.state = past
  }

  /// Forgets all inputs; spectra of the filter are kept.
  public mutating func reset() {
    online = nil
    past = Tensor(zeros: past.shape)
  }

  /// The bytes of what is remembered of the inputs, without the filter's spectra.
  public var byteCount: Int { 4 * past.count + (online?.byteCount ?? 0) }

  /// The last K - 1 inputs, `[batch, taps - 1, channels]`, oldest first, zero before the start:
  /// all that later outputs depend on, to be saved and set again.
  ///
  /// `OnlineConvolution` has the same state. Outputs after setting it equal those of the original
  /// up to rounding; a copy of the stream goes on with the same bits.
  public var state: Tensor {
    get { online?.state ?? past }
    set {
      require(
        newValue.shape == past.shape,
        "StreamingConvolution: state \(newValue.shape) is not \(past.shape),"
          + " [batch, taps - 1, channels]")
      online = nil
      past = newValue
    }
  }
}
