public import Differentiation
public import Layers
public import SequenceTensor
public import SpectralCore

/// The taps that another filter has for one length, fixed: what makes any causal filter a recurrence
/// over its last inputs.
///
/// The outputs are exact at every position, by an `OnlineConvolution` for single positions, in
/// O(log² K) a position and channel, and by overlap-save for long chunks. The state grows with the
/// taps, not with the text; zeros at the end of the taps are left out.
///
/// The taps are a buffer and get no gradients.
public struct StreamedFilter: RecurrentFilter {
  /// The taps, `[taps, channels]`.
  public var kernel: Parameter

  /// Creates a filter from its taps, `[taps, channels]`.
  ///
  /// - Precondition: there is a tap and a channel.
  public init(taps: Tensor) {
    require(
      taps.shape.rank == 2 && taps.count > 0,
      "StreamedFilter: taps \(taps.shape) are not [taps, channels]")
    kernel = Parameter(taps, .buffer)
  }

  /// Takes the taps that a filter has for sequences of a length, up to the last that is not zero.
  ///
  /// - Precondition: the filter is causal.
  public init(_ filter: some LongFilter, length: Int) {
    require(!filter.isBidirectional, "StreamedFilter: a filter that looks into the future")
    let taps = filter.taps(length: length, on: nil).value
    let channels = taps.shape[1]
    var count = taps.shape[0]
    while count > 1, (0..<channels).allSatisfy({ taps[count - 1, $0] == 0 }) { count -= 1 }
    self.init(taps: count < taps.shape[0] ? taps.sliced(axis: 0, 0..<count) : taps)
  }

  /// The number of channels.
  public var channels: Int { kernel.value.shape[1] }

  /// Causal.
  public var isBidirectional: Bool { false }

  /// Zeros beyond the last tap.
  public var lengthSemantics: LengthSemantics { .crop }

  /// The first taps, and zeros beyond the last.
  public func taps(length: Int, on tape: Tape?) -> Variable {
    let (all, count) = (kernel(on: tape), kernel.value.shape[0])
    return length <= count
      ? all.sliced(axis: 0, 0..<length) : all.padded(axis: 0, after: length - count)
  }

  /// Visits `kernel`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("kernel", &kernel)
  }

  /// The state before the first position: no inputs.
  public func initialState(batch: Int) -> StreamingConvolution {
    StreamingConvolution(filter: kernel.value, batch: batch)
  }

  /// The convolution at the next positions.
  public func chunk(_ x: Tensor, _ state: inout StreamingConvolution) -> Tensor { state(x) }
}

extension StreamingConvolution: MeasuredState {}
