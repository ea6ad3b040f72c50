import LaneKernels
import SequenceTensor

/// What the modes of a contiguous spectrum are multiplied by.
struct ModeScaling {
  private let scale: Float
  private let interior: Float
  private let rows: Int
  private let modes: Int
  private let interiorModes: Int

  /// - Parameter interior: a further factor for the modes of the last axis that have a conjugate
  ///   of their own: all but 0 and, for an even size n, n/2.
  init(gridShape: Shape, scale: Double, interior: Double) {
    self.scale = Float(scale)
    self.interior = Float(scale * interior)
    rows = gridShape.rows
    modes = gridShape.last / 2 + 1
    interiorModes = (gridShape.last - 1) / 2
  }

  func apply(to z: UnsafeMutablePointer<Float>) {
    if scale == interior {
      if scale != 1 { lanes.scale(z, z, scale, 2 * rows * modes) }
      return
    }
    for row in 0..<rows {
      let first = z + 2 * row * modes
      let last = first + 2 * (1 + interiorModes)
      lanes.scale(first, first, scale, 2)
      lanes.scale(first + 2, first + 2, interior, 2 * interiorModes)
      lanes.scale(last, last, scale, 2 * (modes - 1 - interiorModes))
    }
  }
}
