public import SequenceTensor

/// The real transform of a channels-last grid: a complex number for each mode and channel.
///
/// A spectrum is not a tensor, so that a forgotten transform does not compile. Of the last grid
/// axis of size n only the modes 0...n/2 are kept; the others are their conjugates at the
/// negated mode of every axis. Mode k of an axis of size n has frequency k for k ≤ n/2 and else
/// k - n, as in `torch.fft.rfftn`.
public struct Spectrum: Sendable, Equatable {
  /// `[batch, modes…, channels, 2]`: real and imaginary parts, interleaved.
  public private(set) var values: Tensor
  /// The sizes of the grid that the spectrum belongs to, `[x, (y, (z))]`.
  public let gridShape: Shape

  /// Creates a spectrum from its values.
  ///
  /// - Parameters:
  ///   - values: `[batch, modes…, channels, 2]`, with `modeShape(of: gridShape)` for the modes.
  ///   - gridShape: the sizes of the grid; they tell an even last axis from an odd one.
  /// - Precondition: the shapes agree.
  public init(values: Tensor, gridShape: Shape) {
    let modes = Spectrum.modeShape(of: gridShape)
    let sizes = values.shape.sizes
    require(
      sizes.count == modes.rank + 3 && Array(sizes[1...modes.rank]) == modes.sizes
        && values.shape.last == 2,
      "Spectrum: values \(values.shape) are not [batch, \(modes) modes, channels, 2] "
        + "of grid \(gridShape)")
    self.values = values
    self.gridShape = gridShape
  }

  /// Creates a spectrum of zeros.
  ///
  /// - Parameters:
  ///   - gridShape: the sizes of the grid.
  ///   - batch: the number of grids.
  ///   - channels: the number of channels of each.
  public init(zeros gridShape: Shape, batch: Int, channels: Int) {
    let modes = Spectrum.modeShape(of: gridShape)
    self.init(
      values: Tensor(zeros: Shape([batch] + modes.sizes + [channels, 2])), gridShape: gridShape)
  }

  /// The number of grids.
  public var batch: Int { values.shape[0] }

  /// The number of channels.
  public var channels: Int { values.shape[-2] }

  /// The number of modes of each grid axis; the last axis has n/2 + 1.
  public var modeShape: Shape { Spectrum.modeShape(of: gridShape) }

  /// The number of modes that a grid's real transform keeps of each axis.
  ///
  /// - Precondition: the grid has 1 to 3 axes and no empty one.
  public static func modeShape(of gridShape: Shape) -> Shape {
    require(
      (1...3).contains(gridShape.rank) && gridShape.count > 0,
      "Spectrum: grid \(gridShape) does not have 1 to 3 axes of positive sizes")
    return gridShape.replacing(axis: -1, with: gridShape.last / 2 + 1)
  }

  /// One complex value.
  ///
  /// - Parameters:
  ///   - batch: which grid.
  ///   - mode: an index for each axis of `modeShape`.
  ///   - channel: which channel.
  /// - Precondition: every index lies within its axis.
  public subscript(batch batch: Int, mode mode: [Int], channel channel: Int)
    -> (real: Float, imaginary: Float)
  {
    get {
      let at = offset(batch, mode, channel)
      return (values.pointer[at], values.pointer[at + 1])
    }
    set {
      let at = offset(batch, mode, channel)
      let pointer = values.mutablePointer()
      (pointer[at], pointer[at + 1]) = newValue
    }
  }

  private func offset(_ batch: Int, _ mode: [Int], _ channel: Int) -> Int {
    let indices = [batch] + mode + [channel]
    let sizes = values.shape.sizes.dropLast()
    require(
      indices.count == sizes.count, "Spectrum: mode \(mode) for modes \(modeShape)")
    var offset = 0
    for (index, size) in zip(indices, sizes) {
      require(
        index >= 0 && index < size,
        "Spectrum: [batch, mode, channel] \(indices) outside \(Array(sizes))")
      offset = offset * size + index
    }
    return 2 * offset
  }
}
