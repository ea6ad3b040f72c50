public import Differentiation
import SequenceTensor
import SpectralCore

extension Variable {
  /// The field without its high frequencies: of each sample and channel the modes with
  /// √(Σ_axis (2κ/n)²) ≤ fraction stay, κ being the frequency along an axis of n points.
  ///
  /// 2/3 removes what products of two kept modes alias to. The map is a projection and its own
  /// adjoint.
  ///
  /// Source: McCabe et al., "Towards stability of autoregressive neural operators" (2023), whose
  /// masks are isotropic too.
  ///
  /// - Precondition: `self` is `[batch, x, (y, (z,)) channels]` with 1 to 3 axes; the fraction is not
  ///   negative.
  public func lowPassed(fraction: Double) -> Variable {
    require(
      (3...5).contains(shape.rank) && fraction >= 0,
      "Variable.lowPassed: \(shape) [batch, x, (y, (z,)) channels], fraction \(fraction)")
    let grid = Shape(Array(shape.sizes[1..<shape.rank - 1]))
    let transform = RealTransform(gridShape: grid)
    let keeps = SpectralPowers.relativeFrequencies(grid: grid).map { $0 <= fraction + 1e-12 }
    let width = 2 * shape.last
    func filtered(_ x: Tensor) -> Tensor {
      var modes = transform.forward(x).values
      let z = modes.mutablePointer()
      for row in 0..<modes.count / width where !keeps[row % keeps.count] {
        (z + row * width).update(repeating: 0, count: width)
      }
      return transform.inverse(Spectrum(values: modes, gridShape: grid))
    }
    return Self.primitive([self], value: filtered(value)) { [filtered($0)] }
  }
}

extension SpectralPowers {
  /// √(Σ_axis (2κ/n)²) of each kept mode of a real field: 1 is the highest frequency of an axis.
  static func relativeFrequencies(grid: Shape) -> [Double] {
    let modes = Spectrum.modeShape(of: grid)
    return (0..<modes.count).map { mode in
      var (rest, square) = (mode, 0.0)
      for axis in (0..<grid.rank).reversed() {
        let index = rest % modes[axis]
        rest /= modes[axis]
        let frequency = min(index, grid[axis] - index)
        let relative = 2 * Double(frequency) / Double(grid[axis])
        square += relative * relative
      }
      return square.squareRoot()
    }
  }
}
