import SequenceTensor

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Times and their embedding for the taps of an implicit filter.
///
/// t = n/(length - 1), and for frequencies fₖ evenly spaced from 10⁻⁴ to bands - 1 the cosines and
/// the negative sines of 2π·fₖ·n/length, computed in double precision.
struct PositionGrid {
  /// t, `[length, 1]`.
  let times: Tensor
  /// `[length, channels]`: t, then the cosines, then the negative sines.
  let embedding: Tensor

  init(length: Int, channels: Int) {
    let bands = (channels - 1) / 2
    let frequencies = evenlySpaced(from: 1e-4, to: Double(bands - 1), count: bands)
    let t = evenlySpaced(from: 0, to: 1, count: length)
    times = Tensor(t.map { Float($0) }, shape: [length, 1])
    embedding = Tensor(
      t.indices.flatMap { n in
        let angles = frequencies.map { 2 * Double.pi * $0 * Double(n) / Double(length) }
        return [Float(t[n])] + angles.map { Float(cos($0)) } + angles.map { Float(-sin($0)) }
      }, shape: [length, channels])
  }
}
