import Differentiation
public import Layers
public import SequenceTensor

/// A mixer whose long filters can be looked at.
public protocol FilteringMixer: SequenceMixer {
  /// The lag of the first row of `filterTaps(length:)`: 0, or 1 - length with a future.
  func firstLag(length: Int) -> Int

  /// The taps that the mixer has now, `[rows, filters]`, for a sequence of a length.
  func filterTaps(length: Int) -> Tensor
}

extension FilteringMixer {
  /// 0: no row looks into the future.
  public func firstLag(length: Int) -> Int { 0 }
}

extension LongConvolution: FilteringMixer {
  /// 0, or 1 - length if the filter is bidirectional.
  public func firstLag(length: Int) -> Int { filter.isBidirectional ? 1 - length : 0 }

  /// The taps of the filter.
  public func filterTaps(length: Int) -> Tensor { filter.taps(length: length, on: nil).value }
}
