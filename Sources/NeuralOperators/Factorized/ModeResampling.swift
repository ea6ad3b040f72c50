import Differentiation
import SequenceTensor
import SpectralCore

extension Variable {
  /// The field with the same Fourier modes on another grid: those that both resolve.
  ///
  /// A mode at half the sampling rate of either grid is dropped, since the other does not know its
  /// phase.
  ///
  /// - Precondition: `self` is `[batch, x, (y, (z,)) channels]` with as many axes as the grid.
  func resampledByModes(to grid: Shape) -> Variable {
    let own = Shape(Array(shape.sizes[1..<shape.rank - 1]))
    require(
      grid.rank == own.rank && grid.count > 0,
      "Field resampling: grid \(grid) for \(shape) [batch, x, (y, (z,)) channels]")
    let modes = Shape(
      (0..<grid.rank).map { axis in
        let highest = (min(grid[axis], own[axis]) - 1) / 2
        return axis == grid.rank - 1 ? highest + 1 : 2 * highest + 1
      })
    return spectrum(by: TruncatedTransform(gridShape: own, modeShape: modes))
      .grid(by: TruncatedTransform(gridShape: grid, modeShape: modes))
  }
}
