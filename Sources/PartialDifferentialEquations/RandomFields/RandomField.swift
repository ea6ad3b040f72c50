public import SequenceTensor

/// A distribution of functions on grids.
///
/// A sample depends on the seed and its index alone: not on the other samples, their number or the
/// number of threads.
public protocol RandomField: Sendable {
  /// Draws one function.
  ///
  /// - Throws: `EquationError` if a parameter is out of range or the grid does not fit.
  func sample(
    on grid: SpatialGrid, using random: inout RandomSource
  ) throws(EquationError) -> GridField
}

extension RandomField {
  /// The sample with an index.
  public func sample(
    on grid: SpatialGrid, seed: UInt64, index: Int
  ) throws(EquationError) -> GridField {
    var random = RandomSource(seed: seed, stream: UInt64(bitPattern: Int64(index)))
    return try sample(on: grid, using: &random)
  }

  /// The samples of a range of indices, in parallel.
  public func samples(
    _ indices: Range<Int>, on grid: SpatialGrid, seed: UInt64
  ) throws(EquationError) -> [GridField] {
    try inParallel(count: indices.count, place: "sample") { offset throws(EquationError) in
      try sample(on: grid, seed: seed, index: indices.lowerBound + offset)
    }
  }
}
