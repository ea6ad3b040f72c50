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
/// Transforms are values that share FFTW plans through a cache; one may run on many threads. The
/// relative L2 error against a transform in double precision is about 1e-7·log₂ N.
///
/// - Complexity: O(batch·channels·N log N) for any N, also prime; scratch of each thread is 16
///   grids in real and complex form, fewer for grids of more than 2¹⁸ points.
public struct RealTransform: Sendable {
  /// The sizes of the grid, `[x, (y, (z))]`.
  public let gridShape: Shape
  /// Where the factor 1/N goes.
  public let normalization: Normalization
  private let rows: RealRowTransform

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
    rows = RealRowTransform.plan(gridShape, effort: effort)
  }

  /// The spectrum of a grid.
  ///
  /// - Parameter grid: `[batch, x, (y, (z,)) channels]`.
  /// - Returns: `[batch, x, (y, (z/2 + 1,)) channels]` complex values (of the last axis, whichever
  ///   it is, n/2 + 1 modes).
  /// - Precondition: the grid axes are `gridShape`.
  public func forward(_ grid: Tensor) -> Spectrum {
    analyzed(grid, "forward", scale: scales.forward, interior: 1)
  }

  /// The grid of a spectrum; undoes `forward`.
  ///
  /// - Returns: `[batch, x, (y, (z,)) channels]`.
  /// - Precondition: the spectrum's grid is `gridShape`.
  public func inverse(_ spectrum: Spectrum) -> Tensor {
    synthesized(spectrum, "inverse", scale: scales.inverse, interior: 1)
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
    synthesized(spectrum, "forwardAdjoint", scale: scales.forward, interior: 0.5)
  }

  /// The adjoint of `inverse`: ⟨inverse(X), y⟩ = ⟨X, inverseAdjoint(y)⟩.
  ///
  /// - Parameter grid: `[batch, x, (y, (z,)) channels]`.
  /// - Precondition: the grid axes are `gridShape`.
  public func inverseAdjoint(_ grid: Tensor) -> Spectrum {
    analyzed(grid, "inverseAdjoint", scale: scales.inverse, interior: 2)
  }

  private var scales: (forward: Double, inverse: Double) {
    normalization.scales(count: gridShape.count)
  }

  private func analyzed(
    _ grid: Tensor, _ operation: String, scale: Double, interior: Double
  ) -> Spectrum {
    let sizes = grid.shape.sizes
    require(
      sizes.count == gridShape.rank + 2 && Array(sizes[1...gridShape.rank]) == gridShape.sizes,
      "RealTransform.\(operation): \(grid.shape) is not [batch, \(gridShape) grid, channels]")
    let (batch, channels) = (grid.shape[0], grid.shape[-1])
    let modes = Spectrum.modeShape(of: gridShape)
    let weights = ModeScaling(gridShape: gridShape, scale: scale, interior: interior)
    let shape = Shape([batch] + modes.sizes + [channels, 2])
    let values = Tensor(uninitialized: shape) { y in
      rows.forEachGroup(batch: batch, channels: channels) { item, range, real, complex in
        let x = grid.pointer + item * gridShape.count * channels + range.lowerBound
        ChannelRows.gather(
          to: real, pitch: rows.realPitch, from: x, stride: channels, width: range.count,
          count: gridShape.count)
        for row in 0..<range.count {
          let z = complex + row * rows.complexPitch
          rows.forward(from: real + row * rows.realPitch, to: z)
          weights.apply(to: z)
        }
        ChannelRows.scatter(
          to: y.pairs + item * modes.count * channels + range.lowerBound, stride: channels,
          from: complex.pairs, pitch: rows.complexPitch / 2, width: range.count,
          count: modes.count)
      }
    }
    return Spectrum(values: values, gridShape: gridShape)
  }

  private func synthesized(
    _ spectrum: Spectrum, _ operation: String, scale: Double, interior: Double
  ) -> Tensor {
    require(
      spectrum.gridShape == gridShape,
      "RealTransform.\(operation): spectrum of grid \(spectrum.gridShape), planned for "
        + "\(gridShape)")
    let (batch, channels) = (spectrum.batch, spectrum.channels)
    let modes = spectrum.modeShape.count
    let weights = ModeScaling(gridShape: gridShape, scale: scale, interior: interior)
    let shape = Shape([batch] + gridShape.sizes + [channels])
    return Tensor(uninitialized: shape) { y in
      rows.forEachGroup(batch: batch, channels: channels) { item, range, real, complex in
        ChannelRows.gather(
          to: complex.pairs, pitch: rows.complexPitch / 2,
          from: spectrum.values.pointer.pairs + item * modes * channels + range.lowerBound,
          stride: channels, width: range.count, count: modes)
        for row in 0..<range.count {
          let z = complex + row * rows.complexPitch
          weights.apply(to: z)
          rows.inverse(from: z, to: real + row * rows.realPitch)
        }
        ChannelRows.scatter(
          to: y + item * gridShape.count * channels + range.lowerBound, stride: channels,
          from: real, pitch: rows.realPitch, width: range.count, count: gridShape.count)
      }
    }
  }
}
