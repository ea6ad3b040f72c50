import SequenceTensor
import SpectralCore

/// Sums over the modes of real fields, each mode of the kept half counted as often as the full
/// spectrum has it.
struct SpectralPowers {
  /// |κ|² of each kept mode in integer frequencies.
  let squaredFrequencies: [Double]
  /// How often each kept mode stands in the full spectrum: once or twice.
  let multiplicities: [Double]

  init(grid: Shape) {
    let sizes = grid.sizes
    let modes = Spectrum.modeShape(of: grid)
    var squares: [Double] = []
    var counts: [Double] = []
    squares.reserveCapacity(modes.count)
    counts.reserveCapacity(modes.count)
    let last = sizes.count - 1
    for mode in 0..<modes.count {
      var (rest, square, multiplicity) = (mode, 0.0, 1.0)
      for axis in (0...last).reversed() {
        let index = rest % modes[axis]
        rest /= modes[axis]
        let frequency = 2 * index > sizes[axis] ? index - sizes[axis] : index
        square += Double(frequency * frequency)
        if axis == last && index != 0 && 2 * index != sizes[axis] { multiplicity = 2 }
      }
      squares.append(square)
      counts.append(multiplicity)
    }
    (squaredFrequencies, multiplicities) = (squares, counts)
  }

  /// Σ m·w²·|X|² of each sample, for each table of w².
  func sums(_ spectrum: Spectrum, squares: [[Double]], channels: Int) -> [[Double]] {
    let modes = squaredFrequencies.count
    let batch = spectrum.values.shape[0]
    let energies = energies(spectrum, channels: channels)
    return squares.map { table in
      (0..<batch).map { sample in
        (0..<modes).reduce(0) {
          $0 + multiplicities[$1] * table[$1] * energies[sample * modes + $1]
        }
      }
    }
  }

  /// Σ|X|² over the channels, of each sample and mode.
  func energies(_ spectrum: Spectrum, channels: Int) -> [Double] {
    let values = spectrum.values
    let rows = values.count / max(1, 2 * channels)
    return (0..<rows).map { row in
      let first = values.pointer + row * 2 * channels
      return (0..<2 * channels).reduce(0) { $0 + Double(first[$1]) * Double(first[$1]) }
    }
  }

  /// Σ s·m·w²·X over the tables of w², s being the slope of the sample: half the gradient by X.
  func weighted(
    _ spectrum: Spectrum, squares: [[Double]], slopes: [[Double]], channels: Int
  ) -> Tensor {
    let values = spectrum.values
    let modes = squaredFrequencies.count
    let batch = values.shape[0]
    return Tensor(uninitialized: values.shape) { y in
      Parallel.forEachRange(batch * modes, grain: max(1, 8192 / max(1, channels))) { range in
        for row in range {
          let (sample, mode) = (row / modes, row % modes)
          var factor = 0.0
          for (table, slope) in zip(squares, slopes) { factor += slope[sample] * table[mode] }
          let scale = Float(factor * multiplicities[mode])
          for at in row * 2 * channels..<(row + 1) * 2 * channels {
            y[at] = scale * values.pointer[at]
          }
        }
      }
    }
  }
}
