public import Layers

/// A mixer around long filters, in the place of which others can be put.
public protocol FilterReplaceable: SequenceMixer {
  /// The mixer with each of its long filters replaced, and all else the same parameters.
  ///
  /// - Parameter replacement: a filter of as many channels for each filter.
  /// - Precondition: replacements have the channels of the filters.
  func replacingFilters<New: LongFilter, Failure: Error>(
    _ replacement: (any LongFilter) throws(Failure) -> New
  ) throws(Failure) -> any FilterReplaceable
}

extension LongConvolution: FilterReplaceable {
  /// The layer with another filter.
  public func replacingFilters<New: LongFilter, Failure: Error>(
    _ replacement: (any LongFilter) throws(Failure) -> New
  ) throws(Failure) -> any FilterReplaceable {
    LongConvolution<New>(self, filter: try replacement(filter))
  }
}

extension HyenaOperator: FilterReplaceable {
  /// The operator with another filter, and another residual filter if it has one.
  public func replacingFilters<New: LongFilter, Failure: Error>(
    _ replacement: (any LongFilter) throws(Failure) -> New
  ) throws(Failure) -> any FilterReplaceable {
    let new = try replacement(filter)
    var second: LongConvolution<New>?
    if let residual {
      second = LongConvolution<New>(residual, filter: try replacement(residual.filter))
    }
    return HyenaOperator<New>(self, filter: new, residual: second)
  }
}
