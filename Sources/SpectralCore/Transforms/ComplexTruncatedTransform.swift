public import SequenceTensor

/// Which modes of an axis of complex values are kept, in the order of their rows.
public enum ModeBand: Sendable, Hashable {
  /// -count/2 ..< count - count/2, as a `TruncatedSpectrum` keeps of all axes but the last.
  case centred(Int)
  /// 0 ..< count.
  case leading(Int)

  /// The number of rows.
  public var count: Int {
    switch self {
    case .centred(let count), .leading(let count): count
    }
  }

  func modes(size: Int) -> AxisModes {
    switch self {
    case .centred(let count): .centred(count: count, size: size)
    case .leading(let count):
      AxisModes(
        size: size, count: count, isHalved: false, positive: min(count, size), positiveRow: 0,
        negative: 0, negativeRow: 0)
    }
  }
}

/// Some modes of the transform of complex channels-last grids in 1, 2 or 3 dimensions.
///
/// The sibling of `TruncatedTransform` for complex values: no mode stands for another, so none is
/// left out for symmetry and none counts twice. What a grid is too coarse for is zero in its modes
/// and ignored by its inverse.
///
/// - Complexity: that of `TruncatedTransform` for a complex axis, on every axis.
public struct ComplexTruncatedTransform: Sendable {
  /// The sizes of the grid, `[x, (y, (z))]`.
  public let gridShape: Shape
  /// The kept modes of each grid axis.
  public let bands: [ModeBand]
  /// Where the factor 1/N, N being the number of grid points, goes.
  public let normalization: Normalization
  private let separable: SeparableTransform

  /// Plans the transform of a grid.
  ///
  /// - Precondition: 1 to 3 axes, a band for each, and none is empty.
  public init(gridShape: Shape, bands: [ModeBand], normalization: Normalization = .forward) {
    require(
      (1...3).contains(gridShape.rank) && gridShape.count > 0 && bands.count == gridShape.rank
        && bands.allSatisfy { $0.count > 0 },
      "ComplexTruncatedTransform: bands \(bands) of grid \(gridShape): not 1 to 3 axes of"
        + " positive sizes each")
    self.gridShape = gridShape
    self.bands = bands
    self.normalization = normalization
    separable = SeparableTransform(
      axes: zip(bands, gridShape.sizes).map { band, size in
        let modes = band.modes(size: size)
        return AxisPlanner.axis(modes, method: AxisPlanner.method(for: modes), effort: .estimate)
      })
  }

  /// The number of kept modes of each grid axis.
  public var modeShape: Shape { Shape(bands.map(\.count)) }

  /// The kept modes of a grid, or the adjoint of `inverse`.
  ///
  /// - Parameters:
  ///   - grid: `[batch, x, (y, (z,)) channels, 2]`.
  ///   - adjoint: whether the factor is that of `inverse`.
  /// - Returns: `[batch, modes…, channels, 2]`.
  public func forward(_ grid: Tensor, adjoint: Bool = false) -> Tensor {
    check(grid, gridShape, "forward")
    return separable.analyzed(grid, weights: weights(adjoint ? \.inverse : \.forward))
  }

  /// The grid that has the kept modes and no others, or the adjoint of `forward`.
  ///
  /// - Parameters:
  ///   - modes: `[batch, modes…, channels, 2]`.
  ///   - adjoint: whether the factor is that of `forward`.
  /// - Returns: `[batch, x, (y, (z,)) channels, 2]`.
  public func inverse(_ modes: Tensor, adjoint: Bool = false) -> Tensor {
    check(modes, modeShape, "inverse")
    return separable.synthesized(modes, weights: weights(adjoint ? \.forward : \.inverse))
  }

  private func weights(
    _ scale: KeyPath<(forward: Double, inverse: Double), Double>
  ) -> (Int) -> AxisWeights {
    normalization.weights(scale, doublesInterior: false)
  }

  private func check(_ tensor: Tensor, _ axes: Shape, _ operation: String) {
    let sizes = tensor.shape.sizes
    require(
      sizes.count == axes.rank + 3 && Array(sizes[1...axes.rank]) == axes.sizes
        && tensor.shape.last == 2,
      "ComplexTruncatedTransform.\(operation): \(tensor.shape) is not"
        + " [batch, \(axes), channels, 2]")
  }
}
