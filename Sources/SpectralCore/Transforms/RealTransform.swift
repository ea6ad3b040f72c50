public import SequenceTensor

/// The discrete Fourier transform of real grids in 1, 2 or 3 dimensions.
///
/// With N grid points, x the grid and X its spectrum,
///
///     X[k] = s Σ x[n]·exp(-2πi Σ_axis k·n/size),   s = 1 for `Normalization.backward`,
///
/// for each batch item and channel. The inverse sums over all modes, those that are not kept being
/// the conjugates of the kept ones. It treats the last axis last, so that of its modes 0 and (for
/// an even size) n/2 it sees only what a real signal can have; what else a spectrum holds there
/// is ignored, as in `torch.fft.irfftn`.
///
/// Transforms are values that share tables and FFTW plans; one may run on many threads. The
/// relative L2 error against a transform in double precision is about 1e-7·log₂ N. Channels 2i and
/// 2i + 1 may share a transform, so that rounding errors of the larger show in the other.
///
/// - Complexity: O(batch·channels·N log N) for any N, also prime; short axes are products with
///   tables of cosines and sines. Memory beyond the result is the spectrum of one axis, and a few
///   columns of an axis for each thread.
public struct RealTransform: Sendable {
  /// The sizes of the grid, `[x, (y, (z))]`.
  public let gridShape: Shape
  /// Where the factor 1/N goes.
  public let normalization: Normalization
  private let separable: SeparableTransform

  /// Plans the transform of a grid.
  ///
  /// - Parameters:
  ///   - gridShape: the sizes of the grid, 1 to 3 axes.
  ///   - normalization: where the factor 1/N goes.
  ///   - effort: how hard FFTW looks for the fastest way.
  /// - Precondition: the grid has 1 to 3 axes and no empty one.
  public init(
    gridShape: Shape, normalization: Normalization = .backward, effort: PlanningEffort = .estimate
  ) {
    require(
      (1...3).contains(gridShape.rank) && gridShape.count > 0,
      "RealTransform: grid \(gridShape) does not have 1 to 3 axes of positive sizes")
    self.gridShape = gridShape
    self.normalization = normalization
    let last = gridShape.rank - 1
    separable = SeparableTransform(
      axes: gridShape.sizes.enumerated().map { axis, size in
        let modes: AxisModes =
          axis == last ? .halved(count: size / 2 + 1, size: size) : .wrapped(size: size)
        return AxisPlanner.axis(modes, method: AxisPlanner.method(for: modes), effort: effort)
      })
  }

  /// The spectrum of a grid.
  ///
  /// - Parameter grid: `[batch, x, (y, (z,)) channels]`.
  /// - Returns: `[batch, x, (y, (z/2 + 1,)) channels]` complex values (of the last axis, whichever
  ///   it is, n/2 + 1 modes).
  /// - Precondition: the grid axes are `gridShape`.
  public func forward(_ grid: Tensor) -> Spectrum {
    analyzed(grid, "forward", normalization.weights(\.forward, doublesInterior: false))
  }

  /// The grid of a spectrum; undoes `forward`.
  ///
  /// - Returns: `[batch, x, (y, (z,)) channels]`.
  /// - Precondition: the spectrum's grid is `gridShape`.
  public func inverse(_ spectrum: Spectrum) -> Tensor {
    synthesized(spectrum, "inverse", normalization.weights(\.inverse, doublesInterior: true))
  }

  /// The adjoint of `forward`: ⟨forward(x), Y⟩ = ⟨x, forwardAdjoint(Y)⟩, the inner product of
  /// spectra being the sum over kept modes of the products of real and of imaginary parts.
  ///
  /// It pulls a gradient with respect to a spectrum back to the grid. The inverse counts a mode
  /// strictly between the ends of the last axis twice, once for its conjugate; the adjoint must
  /// count it once.
  ///
  /// - Returns: `[batch, x, (y, (z,)) channels]`.
  /// - Precondition: the spectrum's grid is `gridShape`.
  public func forwardAdjoint(_ spectrum: Spectrum) -> Tensor {
    synthesized(
      spectrum, "forwardAdjoint", normalization.weights(\.forward, doublesInterior: false))
  }

  /// The adjoint of `inverse`: ⟨inverse(X), y⟩ = ⟨X, inverseAdjoint(y)⟩.
  ///
  /// - Parameter grid: `[batch, x, (y, (z,)) channels]`.
  /// - Precondition: the grid axes are `gridShape`.
  public func inverseAdjoint(_ grid: Tensor) -> Spectrum {
    analyzed(grid, "inverseAdjoint", normalization.weights(\.inverse, doublesInterior: true))
  }

  private func analyzed(
    _ grid: Tensor, _ operation: String, _ weights: (Int) -> AxisWeights
  ) -> Spectrum {
    let sizes = grid.shape.sizes
    require(
      sizes.count == gridShape.rank + 2 && Array(sizes[1...gridShape.rank]) == gridShape.sizes,
      "RealTransform.\(operation): \(grid.shape) is not [batch, \(gridShape) grid, channels]")
    return Spectrum(values: separable.analyzed(grid, weights: weights), gridShape: gridShape)
  }

  private func synthesized(
    _ spectrum: Spectrum, _ operation: String, _ weights: (Int) -> AxisWeights
  ) -> Tensor {
    require(
      spectrum.gridShape == gridShape,
      "RealTransform.\(operation): spectrum of grid \(spectrum.gridShape), planned for "
        + "\(gridShape)")
    return separable.synthesized(spectrum.values, weights: weights)
  }
}
