public import SequenceTensor

/// The low modes of the real transform of channels-last grids in 1, 2 or 3 dimensions.
///
/// It computes only the modes that are kept (see `TruncatedSpectrum` for which) where that is
/// faster than to compute all. The definition is that of `RealTransform`: the inverse sums over
/// the kept modes and the conjugates of those of the last axis, and reads of its mode 0, and of
/// its mode n/2 if n is even, what a real grid can have. Frequencies that a grid is too coarse for
/// are zero in its modes, and its inverse ignores them, so that any grid goes with any modes.
///
/// Two transforms with the same modes resample: `fine.inverse(coarse.forward(grid))` is the same
/// function on another grid if it has no other frequencies, exactly so with
/// `Normalization.forward`; with `.backward` it is multiplied by the ratio of the numbers of
/// points, as `torch.fft.irfftn(s:)` does.
///
/// Transforms are values that share tables and FFTW plans; one may run on many threads. The
/// relative L2 error against double precision is that of `RealTransform`.
///
/// - Complexity: for each axis the values on its larger side times about half the kept modes
///   (`matrix`), or times the logarithm of its points (`FFT`); memory beyond the result is the
///   modes of one axis.
public struct TruncatedTransform: Sendable {
  /// The sizes of the grid, `[x, (y, (z))]`.
  public let gridShape: Shape
  /// The number of kept modes of each grid axis.
  public let modeShape: Shape
  /// Where the factor 1/N, N being the number of grid points, goes.
  public let normalization: Normalization
  private let separable: SeparableTransform
  /// How each axis is computed.
  public let methods: [AxisMethod]

  /// Plans the transform of a grid.
  ///
  /// - Parameters:
  ///   - gridShape: the sizes of the grid, 1 to 3 axes.
  ///   - modeShape: how many modes are kept of each: of the last axis those of 0...n/2, so
  ///     `n_modes/2 + 1` for the `n_modes` of neuraloperator, of the others those of all n.
  ///   - normalization: where the factor 1/N goes. With the default modes do not depend on the
  ///     resolution.
  ///   - effort: how hard FFTW looks for the fastest way.
  ///   - methods: how each axis is computed; by default the faster way, by measured costs.
  /// - Precondition: 1 to 3 axes, as many of modes, and none is empty.
  public init(
    gridShape: Shape, modeShape: Shape, normalization: Normalization = .forward,
    effort: PlanningEffort = .estimate, methods: [AxisMethod]? = nil
  ) {
    require(
      (1...3).contains(gridShape.rank) && gridShape.count > 0
        && modeShape.rank == gridShape.rank && modeShape.count > 0
        && methods?.count ?? modeShape.rank == modeShape.rank,
      "TruncatedTransform: modes \(modeShape) of grid \(gridShape): not 1 to 3 axes of positive"
        + " sizes each, with a method each if any")
    self.gridShape = gridShape
    self.modeShape = modeShape
    self.normalization = normalization
    let last = gridShape.rank - 1
    let modes = (0...last).map { axis in
      axis == last
        ? AxisModes.halved(count: modeShape[axis], size: gridShape[axis])
        : AxisModes.centred(count: modeShape[axis], size: gridShape[axis])
    }
    self.methods = methods ?? modes.map(AxisPlanner.method(for:))
    separable = SeparableTransform(
      axes: zip(modes, self.methods).map {
        AxisPlanner.axis($0, method: $1, effort: effort)
      })
  }

  /// The kept modes of a grid.
  ///
  /// - Parameter grid: `[batch, x, (y, (z,)) channels]`.
  /// - Returns: `[batch, modes…, channels]` complex values.
  /// - Precondition: the grid axes are `gridShape`.
  public func forward(_ grid: Tensor) -> TruncatedSpectrum {
    analyzed(grid, "forward", normalization.weights(\.forward, doublesInterior: false))
  }

  /// The grid that has the kept modes and no others.
  ///
  /// - Returns: `[batch, x, (y, (z,)) channels]`.
  /// - Precondition: the spectrum has `modeShape`.
  public func inverse(_ spectrum: TruncatedSpectrum) -> Tensor {
    synthesized(spectrum, "inverse", normalization.weights(\.inverse, doublesInterior: true))
  }

  /// The adjoint of `forward`: ⟨forward(x), Y⟩ = ⟨x, forwardAdjoint(Y)⟩, the inner product of
  /// spectra being the sum over kept modes of the products of real and of imaginary parts.
  ///
  /// - Returns: `[batch, x, (y, (z,)) channels]`.
  /// - Precondition: the spectrum has `modeShape`.
  public func forwardAdjoint(_ spectrum: TruncatedSpectrum) -> Tensor {
    synthesized(
      spectrum, "forwardAdjoint", normalization.weights(\.forward, doublesInterior: false))
  }

  /// The adjoint of `inverse`: ⟨inverse(X), y⟩ = ⟨X, inverseAdjoint(y)⟩.
  ///
  /// - Parameter grid: `[batch, x, (y, (z,)) channels]`.
  /// - Precondition: the grid axes are `gridShape`.
  public func inverseAdjoint(_ grid: Tensor) -> TruncatedSpectrum {
    analyzed(grid, "inverseAdjoint", normalization.weights(\.inverse, doublesInterior: true))
  }

  private func analyzed(
    _ grid: Tensor, _ operation: String, _ weights: (Int) -> AxisWeights
  ) -> TruncatedSpectrum {
    let sizes = grid.shape.sizes
    require(
      sizes.count == gridShape.rank + 2 && Array(sizes[1...gridShape.rank]) == gridShape.sizes,
      "TruncatedTransform.\(operation): \(grid.shape) is not [batch, \(gridShape) grid, channels]")
    return TruncatedSpectrum(values: separable.analyzed(grid, weights: weights))
  }

  private func synthesized(
    _ spectrum: TruncatedSpectrum, _ operation: String, _ weights: (Int) -> AxisWeights
  ) -> Tensor {
    require(
      spectrum.modeShape == modeShape,
      "TruncatedTransform.\(operation): spectrum \(spectrum.values.shape) is not"
        + " [batch, \(modeShape) modes, channels, 2]")
    return separable.synthesized(spectrum.values, weights: weights)
  }
}

extension TruncatedTransform: CustomStringConvertible {
  /// The grid, and for each axis what is kept and how it is computed.
  public var description: String {
    let axes = methods.indices.map { axis in
      "\(modeShape[axis]) of \(axis == methods.count - 1 ? gridShape[axis] / 2 + 1 : gridShape[axis])"
        + " modes by \(methods[axis].rawValue)"
    }
    return "TruncatedTransform of grid \(gridShape): \(axes.joined(separator: ", "))"
  }
}
