import LaneKernels
import SequenceTensor

/// An axis of complex values by FFTW.
struct ComplexFFTAxis: AxisTransform {
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
    columns.forEachGroup(items: items, columns: channels) { item, range, input, output in
      lanes.gather_channel_pair(
        input, columns.pitch, x + 2 * (item * modes.size * channels + range.lowerBound), nil,
        modes.size, 2 * channels, 2 * range.count)
      scale(input, rows: range.count, by: weights.scale)
      columns.transform(.forward, from: input, to: output, rows: range.count)
      forEachRun { first, row, count in
        var finish = LaneFinish(
          y1: z + 2 * ((item * modes.count + row) * channels + range.lowerBound), m1: nil, y2: nil,
          m2: nil)
        lanes.scatter_channel_pair(
          &finish, output + 2 * first, columns.pitch, count, 2 * channels, 2 * range.count)
      }
    }
  }

  func synthesize(
    to x: UnsafeMutablePointer<Float>, from z: UnsafePointer<Float>, items: Int, channels: Int,
    weights: AxisWeights
  ) {
    let missing = modes.size - modes.positive - modes.negative
    columns.forEachGroup(items: items, columns: channels) { item, range, input, output in
      forEachRun { first, row, count in
        lanes.gather_channel_pair(
          input + 2 * first, columns.pitch,
          z + 2 * ((item * modes.count + row) * channels + range.lowerBound), nil, count,
          2 * channels, 2 * range.count)
      }
      for row in 0..<range.count {
        (input + 2 * (row * columns.pitch + modes.positive))
          .update(repeating: 0, count: 2 * missing)
      }
      scale(input, rows: range.count, by: weights.scale)
      columns.transform(.inverse, from: input, to: output, rows: range.count)
      var finish = LaneFinish(
        y1: x + 2 * (item * modes.size * channels + range.lowerBound), m1: nil, y2: nil, m2: nil)
      lanes.scatter_channel_pair(
        &finish, output, columns.pitch, modes.size, 2 * channels, 2 * range.count)
    }
  }

  /// Calls `body(first, row, count)` for each run of kept modes: its first mode in FFTW's order and
  /// its first row.
  private func forEachRun(_ body: (_ first: Int, _ row: Int, _ count: Int) -> Void) {
    body(0, modes.positiveRow, modes.positive)
    body(modes.size - modes.negative, modes.negativeRow, modes.negative)
  }

  private func scale(_ input: UnsafeMutablePointer<Float>, rows: Int, by factor: Double) {
    guard factor != 1 else { return }
    for row in 0..<rows {
      let z = input + 2 * row * columns.pitch
      lanes.scale(z, z, Float(factor), 2 * modes.size)
    }
  }
}
