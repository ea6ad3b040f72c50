public import SequenceTensor

/// Some modes of the real transform of a channels-last grid: a complex number for each kept mode
/// and channel.
///
/// With m the sizes of `modeShape`, the frequencies kept of the last grid axis are 0..<m, in this
/// order, and of any other axis -m/2 ..< m - m/2 (rounded down), in this order: one more negative
/// than positive one if m is even, as in the centred weights of `SpectralConv` of neuraloperator
/// 2.0. The modes do not say of which grid they are: grids of any resolution share them.
public struct TruncatedSpectrum: Sendable, Equatable {
  /// `[batch, modes…, channels, 2]`: real and imaginary parts, interleaved.
  public private(set) var values: Tensor

  /// Creates a spectrum from its values.
  ///
  /// - Parameter values: `[batch, modes…, channels, 2]` with 1 to 3 axes of modes.
  /// - Precondition: there are as many axes, and the last is 2.
  public init(values: Tensor) {
    require(
      (4...6).contains(values.shape.rank) && values.shape.last == 2,
      "TruncatedSpectrum: values \(values.shape) are not [batch, 1 to 3 axes of modes, channels, 2]"
    )
    self.values = values
  }

  /// Creates a spectrum of zeros.
  public init(zeros modeShape: Shape, batch: Int, channels: Int) {
    self.init(values: Tensor(zeros: Shape([batch] + modeShape.sizes + [channels, 2])))
  }

  /// The number of grids.
  public var batch: Int { values.shape[0] }

  /// The number of channels.
  public var channels: Int { values.shape[-2] }

  /// The number of kept modes of each grid axis.
  public var modeShape: Shape { Shape(Array(values.shape.sizes[1..<values.shape.rank - 2])) }

  /// The frequencies kept of a grid axis, in the order of the values.
  public func frequencies(axis: Int) -> Range<Int> {
    let axis = modeShape.resolved(axis)
    let count = modeShape[axis]
    return axis == modeShape.rank - 1 ? 0..<count : -(count / 2)..<count - count / 2
  }

  /// One complex value.
  ///
  /// - Parameters:
  ///   - batch: which grid.
  ///   - frequency: one for each grid axis.
  ///   - channel: which channel.
  /// - Precondition: the frequencies are kept; the other indices lie within their axes.
  public subscript(batch batch: Int, frequency frequency: [Int], channel channel: Int)
    -> (real: Float, imaginary: Float)
  {
    get {
      let at = offset(batch, frequency, channel)
      return (values.pointer[at], values.pointer[at + 1])
    }
    set {
      let at = offset(batch, frequency, channel)
      let pointer = values.mutablePointer()
      (pointer[at], pointer[at + 1]) = newValue
    }
  }

  private func offset(_ batch: Int, _ frequency: [Int], _ channel: Int) -> Int {
    let rank = modeShape.rank
    require(
      frequency.count == rank
        && (0..<rank).allSatisfy { frequencies(axis: $0).contains(frequency[$0]) }
        && batch >= 0 && batch < self.batch && channel >= 0 && channel < channels,
      "TruncatedSpectrum: batch \(batch), frequency \(frequency), channel \(channel)"
        + " of values \(values.shape)")
    var offset = batch
    for axis in 0..<rank {
      let kept = frequencies(axis: axis)
      offset = offset * kept.count + frequency[axis] - kept.lowerBound
    }
    return 2 * (offset * channels + channel)
  }
}
