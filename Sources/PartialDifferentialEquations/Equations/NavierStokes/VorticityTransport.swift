internal import SequenceTensor

/// The transport of vorticity by its own flow, in the modes of a doubly periodic grid.
///
/// The workspace of one solution.
final class VorticityTransport {
  let transform: ModeTransform
  /// |k|² of every mode.
  let squares: [Double]
  /// The numbers by which i·ŵ is multiplied for the fields, mode by mode.
  private let velocity: [[Double]]
  private let gradient: [[Double]]
  private let kept: [Double]
  private let scratch: DoubleBuffer
  private let fields: [DoubleBuffer]

  /// - Parameters:
  ///   - grid: a periodic grid of two axes.
  ///   - masksFactors: whether the modes that are dropped from the product are dropped from its
  ///     factors too, so that the kept ones have no aliases.
  ///   - keepsLimit: whether the modes at exactly 2/3 of the highest are kept.
  init(_ grid: SpatialGrid, masksFactors: Bool, keepsLimit: Bool) {
    let transform = ModeTransform(grid, .periodic)
    self.transform = transform
    squares = transform.squaredWavenumbers
    let across = Self.wavenumbers(transform, axis: 0)
    let along = Self.wavenumbers(transform, axis: 1)
    kept = transform.lowModes(below: keepsLimit ? 2.0 / 3 * (1 + 1e-9) : 2.0 / 3)
    let mask = masksFactors ? kept : [Double](repeating: 1, count: kept.count)
    // The stream function solves -Δψ = w; u = ψ_y and v = -ψ_x.
    let inverse = squares.map { $0 == 0 ? 0 : 1 / $0 }
    velocity = [
      kept.indices.map { along[$0] * inverse[$0] * mask[$0] },
      kept.indices.map { -across[$0] * inverse[$0] * mask[$0] },
    ]
    gradient = [
      kept.indices.map { across[$0] * mask[$0] }, kept.indices.map { along[$0] * mask[$0] },
    ]
    scratch = DoubleBuffer(count: transform.coefficientCount)
    fields = (0..<4).map { _ in DoubleBuffer(count: grid.pointCount) }
  }

  /// The wavenumber of every mode along an axis, the highest of an even axis below zero.
  private static func wavenumbers(_ transform: ModeTransform, axis: Int) -> [Double] {
    let (unit, points) = (transform.fundamental(axis: axis), transform.grid.axes[axis].count)
    return transform.sumOverAxes { other, mode in
      guard other == axis else { return 0 }
      return (2 * mode == points ? -Double(mode) : Double(mode)) * unit
    }
  }

  private func synthesise(
    _ factors: [Double], times spectrum: UnsafePointer<Double>, into field: DoubleBuffer
  ) {
    let scratch = scratch.pointer
    for mode in factors.indices {
      scratch[2 * mode] = -factors[mode] * spectrum[2 * mode + 1]
      scratch[2 * mode + 1] = factors[mode] * spectrum[2 * mode]
    }
    transform.synthesise(destroying: scratch, into: field.pointer)
  }

  /// The spectrum of u·w_x + v·w_y, the modes above 2/3 of the highest zero.
  func spectrum(
    of vorticity: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>
  ) {
    synthesise(velocity[0], times: vorticity, into: fields[0])
    synthesise(velocity[1], times: vorticity, into: fields[1])
    synthesise(gradient[0], times: vorticity, into: fields[2])
    synthesise(gradient[1], times: vorticity, into: fields[3])
    let (u, v) = (fields[0].pointer, fields[1].pointer)
    let (across, along) = (fields[2].pointer, fields[3].pointer)
    for point in 0..<fields[0].count {
      u[point] = u[point] * across[point] + v[point] * along[point]
    }
    transform.analyse(u, into: result)
    for mode in kept.indices {
      let factor = kept[mode] * transform.scale
      result[2 * mode] *= factor
      result[2 * mode + 1] *= factor
    }
  }

  /// How many spacings the flow crosses in a unit of time, at most.
  func crossings(of vorticity: UnsafePointer<Double>) -> Double {
    (0..<2).reduce(0) { sum, axis in
      synthesise(velocity[axis], times: vorticity, into: fields[axis])
      let speeds = UnsafeBufferPointer(start: fields[axis].pointer, count: fields[axis].count)
      return sum + speeds.reduce(0) { max($0, abs($1)) } / transform.grid.axes[axis].spacing
    }
  }
}
