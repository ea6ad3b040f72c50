import LaneKernels
import SequenceTensor

/// An axis of real values by FFTW, two neighbouring channels as the parts of one complex number.
///
/// FFTW's transforms of real values would take more than twice the time of this. The bits of a
/// channel depend on its partner's values, as rounding errors of the two mix.
struct RealFFTAxis: AxisTransform {
  let modes: AxisModes
  private let columns: ColumnGroups

  init(modes: AxisModes, effort: PlanningEffort) {
    self.modes = modes
    columns = ColumnGroups(size: modes.size, effort: effort)
  }

  func analyze(
    to z: UnsafeMutablePointer<Float>, from x: UnsafePointer<Float>, items: Int, channels: Int,
    weights: AxisWeights
  ) {
    forEachGroup(items: items, channels: channels) { item, range, input, output in
      lanes.gather_channel_pair(
        input, columns.pitch, x + item * modes.size * channels + range.lowerBound, nil, modes.size,
        channels, range.count)
      columns.transform(.forward, from: input, to: output, rows: (range.count + 1) / 2)
      separate(
        output.pairs, to: z.pairs + item * modes.count * channels + range.lowerBound,
        stride: channels, width: range.count, weights: weights)
    }
  }

  func synthesize(
    to x: UnsafeMutablePointer<Float>, from z: UnsafePointer<Float>, items: Int, channels: Int,
    weights: AxisWeights
  ) {
    forEachGroup(items: items, channels: channels) { item, range, input, output in
      combine(
        z.pairs + item * modes.count * channels + range.lowerBound, stride: channels,
        width: range.count, to: input.pairs, weights: weights)
      columns.transform(.inverse, from: input, to: output, rows: (range.count + 1) / 2)
      var finish = LaneFinish(
        y1: x + item * modes.size * channels + range.lowerBound, m1: nil, y2: nil, m2: nil)
      lanes.scatter_channel_pair(
        &finish, output, columns.pitch, modes.size, channels, range.count)
    }
  }

  private func forEachGroup(
    items: Int, channels: Int,
    _ body: (
      _ item: Int, _ channels: Range<Int>, _ input: UnsafeMutablePointer<Float>,
      _ output: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    columns.forEachGroup(items: items, columns: (channels + 1) / 2) { item, pairs, input, output in
      let range = 2 * pairs.lowerBound..<min(channels, 2 * pairs.upperBound)
      body(item, range, input, output)
    }
  }

  /// With a = Z[k] and b the conjugate of Z[-k], the first channel of a pair has (a + b)/2 and the
  /// second (a - b)/2i.
  private func separate(
    _ rows: UnsafeMutablePointer<SIMD2<Float>>, to z: UnsafeMutablePointer<SIMD2<Float>>,
    stride: Int, width: Int, weights: AxisWeights
  ) {
    for k in 0..<modes.positive {
      let half = Float(0.5 * weights.weight(of: k, in: modes))
      let opposite = k == 0 ? 0 : modes.size - k
      let to = z + k * stride
      var row = rows
      for channel in Swift.stride(from: 0, to: width, by: 2) {
        let (a, b) = (row[k], row[opposite])
        to[channel] = half * SIMD2(a.x + b.x, a.y - b.y)
        if channel + 1 < width { to[channel + 1] = half * SIMD2(a.y + b.y, b.x - a.x) }
        row += columns.pitch
      }
    }
  }

  /// Z[k] is X + iY for modes X and Y of a pair of channels, and Z[-k] the same of their conjugates;
  /// a mode that is its own negative has the real parts alone.
  private func combine(
    _ z: UnsafePointer<SIMD2<Float>>, stride: Int, width: Int,
    to rows: UnsafeMutablePointer<SIMD2<Float>>, weights: AxisWeights
  ) {
    let count = modes.positive
    for k in 0..<count {
      let isOwn = k == 0 || 2 * k == modes.size
      let weight = Float((isOwn ? 1 : 0.5) * weights.weight(of: k, in: modes))
      let from = z + k * stride
      var row = rows
      for channel in Swift.stride(from: 0, to: width, by: 2) {
        let x = weight * from[channel]
        let y = channel + 1 < width ? weight * from[channel + 1] : .zero
        if isOwn {
          row[k] = SIMD2(x.x, y.x)
        } else {
          row[k] = SIMD2(x.x - y.y, x.y + y.x)
          row[modes.size - k] = SIMD2(x.x + y.y, y.x - x.y)
        }
        row += columns.pitch
      }
    }
    // The negatives of modes 1..<count are there too, so what is missing lies between.
    let end = modes.size - count + 1
    guard count < end else { return }
    for row in 0..<(width + 1) / 2 {
      (rows + row * columns.pitch + count).update(repeating: .zero, count: end - count)
    }
  }
}

extension UnsafeMutablePointer<Float> {
  /// Interleaved complex values as pairs; a tensor's storage is aligned for them.
  fileprivate var pairs: UnsafeMutablePointer<SIMD2<Float>> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: SIMD2<Float>.self)
  }
}

extension UnsafePointer<Float> {
  /// Interleaved complex values as pairs; a tensor's storage is aligned for them.
  fileprivate var pairs: UnsafePointer<SIMD2<Float>> {
    UnsafeRawPointer(self).assumingMemoryBound(to: SIMD2<Float>.self)
  }
}
