import LongConvolution
import SequenceTensor

/// The sizes of a distilled `ModalFilter`: what is needed to make one before its values are read.
public struct ModalFilterShape: Sendable, Hashable, Codable {
  /// The number of channels.
  public var channels: Int
  /// The number of modes of a channel.
  public var modes: Int
  /// K, the number of direct taps.
  public var headLength: Int

  /// Creates sizes.
  public init(channels: Int, modes: Int, headLength: Int) {
    (self.channels, self.modes, self.headLength) = (channels, modes, headLength)
  }
}

extension ModalFilter {
  /// Its sizes.
  public var shape: ModalFilterShape {
    ModalFilterShape(channels: channels, modes: modes, headLength: headLength)
  }

  /// A filter of sizes, all residues and direct taps zero, with parameters of distilled filters.
  ///
  /// - Precondition: there is a channel and a mode.
  public init(zeros shape: ModalFilterShape) {
    require(
      shape.channels > 0 && shape.modes > 0 && shape.headLength >= 0, "ModalFilter: \(shape)")
    let zeros = Tensor(zeros: [shape.channels, shape.modes, 2])
    self.init(
      poles: zeros, residues: zeros,
      head: shape.headLength > 0 ? Tensor(zeros: [shape.headLength, shape.channels]) : nil,
      parameterization: .decay)
  }
}
