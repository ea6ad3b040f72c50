import LaneKernels
import SequenceTensor

/// Transforms of two blocks of `side` positions, two channels to a complex row, for overlap-save.
///
/// Spectra are kept per channel and only for the bins 0...side, since the others are conjugates.
struct PairedSpectra: Sendable {
  /// Positions of a block; a multiple of 8.
  let side: Int
  private let transform: ComplexTransform

  init(side: Int) {
    self.side = side
    transform = ComplexTransform.cached(length: 2 * side)
  }

  /// Complex values from the spectrum of one channel to the next: whole cache lines.
  var bins: Int { side + 8 }

  /// Floats of the spectra of a pair of channels.
  var slotFloats: Int { 4 * bins }

  /// Complex values from one row of a group to the next: not a power of two, so that the rows do
  /// not meet in the same cache sets.
  private var rowPitch: Int { 2 * side + 8 }

  /// Pairs of channels that travel together: a cache line of channels.
  static let pairsOfGroup = 8

  /// Floats of scratch that the functions below need.
  var scratchFloats: Int { 2 * rowPitch * (Self.pairsOfGroup + 2) }

  /// The spectra of up to 16 channels of two blocks, times `scale`.
  ///
  /// - Parameters:
  ///   - first: `side` rows, zero if nil.
  ///   - second: the `side` rows after them, zero if nil.
  ///   - slot: where the spectra of a pair of the group go.
  func forward(
    first: UnsafePointer<Float>?, second: UnsafePointer<Float>?, stride: Int, pairs: Int,
    scale: Float = 1, scratch: UnsafeMutablePointer<Float>,
    slot: (Int) -> UnsafeMutablePointer<Float>
  ) {
    for (half, rows) in [first, second].enumerated() {
      let at = scratch + 2 * half * side
      if let rows {
        lanes.gather_channel_pair(at, rowPitch, rows, nil, side, stride, 2 * pairs)
      } else {
        for pair in 0..<pairs {
          (at + 2 * pair * rowPitch).update(repeating: 0, count: 2 * side)
        }
      }
    }
    let spectrum = scratch + 2 * rowPitch * Self.pairsOfGroup
    let mirrored = spectrum + 2 * rowPitch
    for pair in 0..<pairs {
      transform.execute(.forward, from: scratch + 2 * pair * rowPitch, to: spectrum)
      let target = slot(pair)
      lanes.pair_separate(
        target, mirrored, target + 2 * bins, mirrored, spectrum, spectrum, scale, 2 * side, 0, true)
    }
  }

  /// The second block of up to 16 channels of the circular convolution that `sum` gives for each
  /// pair as 2·side bins and one more value.
  func inverse(
    to output: UnsafeMutablePointer<Float>, stride: Int, pairs: Int,
    scratch: UnsafeMutablePointer<Float>, sum: (Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    let spectrum = scratch + 2 * rowPitch * Self.pairsOfGroup
    for pair in 0..<pairs {
      sum(pair, spectrum)
      transform.execute(.inverse, from: spectrum, to: scratch + 2 * pair * rowPitch)
    }
    var finish = LaneFinish(y1: output, m1: nil, y2: nil, m2: nil)
    lanes.scatter_channel_pair(&finish, scratch + 2 * side, rowPitch, side, stride, 2 * pairs)
  }
}
