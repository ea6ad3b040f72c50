import SequenceTensor
import SpectralCore

/// Which frequencies count as low, middle and high, and how the error of a band is measured.
///
/// The frequency of a mode is |κ| = √(κ_x² + κ_y² + κ_z²), κ being integers of both signs up to half
/// the number of points of each axis.
public struct FourierBands: Sendable, Hashable, Codable {
  /// The first |κ| of the middle band.
  public var middle: Double
  /// The first |κ| of the high band.
  public var high: Double
  /// Whether the error of a band is divided by its number of whole wavenumbers.
  ///
  /// The formula of Takamoto et al. (2022) does. Without, the squares of the three bands add up to
  /// the mean square of the error.
  public var averagesWavenumbers: Bool

  /// Creates bands: |κ| < 4, 4 ≤ |κ| < 12 and |κ| ≥ 12 are PDEBench's.
  public init(middle: Double = 4, high: Double = 12, averagesWavenumbers: Bool = false) {
    self.middle = middle
    self.high = high
    self.averagesWavenumbers = averagesWavenumbers
  }

  /// The errors of the bands: for each the root of the sum of |ê|² of its modes, ê being the
  /// transform of the error divided by the number of points.
  ///
  /// - Parameter error: `[batch, x, (y, (z,)) channels]`.
  /// - Returns: the means over batch and channels.
  func errors(_ error: Tensor) -> [Double] {
    let sizes = error.shape.sizes
    let grid = Shape(Array(sizes[1..<sizes.count - 1]))
    let modes = RealTransform(gridShape: grid, normalization: .forward).forward(error).values
    let powers = SpectralPowers(grid: grid)
    let frequencies = powers.squaredFrequencies.map { $0.squareRoot() }
    let bands = frequencies.map { $0 < middle ? 0 : $0 < high ? 1 : 2 }
    let (batch, channels) = (sizes[0], error.shape.last)
    var sums = [Double](repeating: 0, count: 3 * batch * channels)
    for sample in 0..<batch {
      for mode in bands.indices {
        let row = modes.pointer + (sample * bands.count + mode) * 2 * channels
        for channel in 0..<channels {
          let (real, imaginary) = (Double(row[2 * channel]), Double(row[2 * channel + 1]))
          sums[(bands[mode] * batch + sample) * channels + channel] +=
            powers.multiplicities[mode] * (real * real + imaginary * imaginary)
        }
      }
    }
    let entries = batch * channels
    return (0..<3).map { band in
      let mean = RelativeL2.mean(
        sums[band * entries..<(band + 1) * entries].map { $0.squareRoot() })
      return averagesWavenumbers ? mean / wavenumbers(of: band, frequencies) : mean
    }
  }

  /// The number of whole wavenumbers of a band on a grid, at least 1.
  private func wavenumbers(of band: Int, _ frequencies: [Double]) -> Double {
    let largest = frequencies.max() ?? 0
    let limits = [0, middle, high, largest.rounded(.down) + 1]
    let (first, end) = (limits[band].rounded(.up), min(limits[band + 1], limits[3]).rounded(.up))
    return max(1, end - first)
  }
}
