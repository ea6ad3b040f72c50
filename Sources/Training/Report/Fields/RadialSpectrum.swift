import SequenceTensor
import SpectralCore

/// How much of a field lies in waves of which length: its power over the wave number.
///
/// With û the discrete Fourier transform over N points, shell s holds the modes whose wave vector
/// k, in periods over the domain, has a length that rounds to s:
///
///     power[s] = Σ |û[k]|² / N²
///
/// so that all shells sum to the mean square of the field.
public struct RadialSpectrum: Sendable, Hashable {
  /// The power of each shell, from wave number 0.
  public let power: [Double]

  /// The spectrum of a field over one to three axes.
  ///
  /// - Precondition: the field has one to three axes and no empty one.
  /// - Complexity: O(N log N).
  public init(_ field: FieldFigure.Field) {
    let grid = Shape(field.sizes)
    let values = Tensor(field.values, shape: Shape([1] + field.sizes + [1]))
    // The transform may share a rounding error, and one infinite value, among all modes.
    let spectrum = RealTransform(gridShape: grid, normalization: .forward).forward(values)
    let modes = spectrum.modeShape.sizes
    let last = field.sizes.count - 1
    var power: [Double] = []
    for mode in 0..<modes.reduce(1, *) {
      var rest = mode
      var square = 0
      var weight = 1.0
      for axis in stride(from: last, through: 0, by: -1) {
        let (index, size) = (rest % modes[axis], field.sizes[axis])
        rest /= modes[axis]
        let wave = min(index, size - index)
        square += wave * wave
        // Of the last axis, modes between its ends stand for their conjugates too.
        if axis == last, index > 0, 2 * index != size { weight = 2 }
      }
      let shell = Int(Double(square).squareRoot().rounded())
      while power.count <= shell { power.append(0) }
      let real = Double(spectrum.values.pointer[2 * mode])
      let imaginary = Double(spectrum.values.pointer[2 * mode + 1])
      power[shell] += weight * (real * real + imaginary * imaginary)
    }
    self.power = power
  }

  /// The mean of several spectra, shell by shell, each over the spectra that have the shell.
  public static func mean(_ spectra: [RadialSpectrum]) -> [Double] {
    let count = spectra.map(\.power.count).max() ?? 0
    return (0..<count).map { shell in
      let values = spectra.compactMap { $0.power.indices.contains(shell) ? $0.power[shell] : nil }
      return values.reduce(0, +) / Double(values.count)
    }
  }
}
