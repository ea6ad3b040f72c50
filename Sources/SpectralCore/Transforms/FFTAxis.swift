import LaneKernels
import SequenceTensor

/// An axis of real values by FFTW, channel by channel.
struct RealFFTAxis: AxisTransform {
  let modes: AxisModes
  private let rows: RealRowTransform

  init(modes: AxisModes, effort: PlanningEffort) {
    self.modes = modes
    rows = RealRowTransform.plan([modes.size], effort: effort)
  }

  func analyze(
    to z: UnsafeMutablePointer<Float>, from x: UnsafePointer<Float>, items: Int, channels: Int,
    weights: AxisWeights
  ) {
    let scaling = ModeScaling(
      gridShape: [modes.size], scale: weights.scale, interior: weights.doublesInterior ? 2 : 1)
    rows.forEachGroup(batch: items, channels: channels) { item, range, real, complex in
      ChannelRows.gather(
        to: real, pitch: rows.realPitch,
        from: x + item * modes.size * channels + range.lowerBound, stride: channels,
        width: range.count, count: modes.size)
      for row in 0..<range.count {
        let spectrum = complex + row * rows.complexPitch
        rows.forward(from: real + row * rows.realPitch, to: spectrum)
        scaling.apply(to: spectrum)
      }
      ChannelRows.scatter(
        to: z.pairs + item * modes.count * channels + range.lowerBound, stride: channels,
        from: complex.pairs, pitch: rows.complexPitch / 2, width: range.count,
        count: modes.positive)
    }
  }

  func synthesize(
    to x: UnsafeMutablePointer<Float>, from z: UnsafePointer<Float>, items: Int, channels: Int,
    weights: AxisWeights
  ) {
    // FFTW counts the interior modes twice.
    let scaling = ModeScaling(
      gridShape: [modes.size], scale: weights.scale, interior: weights.doublesInterior ? 1 : 0.5)
    let missing = modes.size / 2 + 1 - modes.positive
    rows.forEachGroup(batch: items, channels: channels) { item, range, real, complex in
      ChannelRows.gather(
        to: complex.pairs, pitch: rows.complexPitch / 2,
        from: z.pairs + item * modes.count * channels + range.lowerBound, stride: channels,
        width: range.count, count: modes.positive)
      for row in 0..<range.count {
        let spectrum = complex + row * rows.complexPitch
        (spectrum + 2 * modes.positive).update(repeating: 0, count: 2 * missing)
        scaling.apply(to: spectrum)
        rows.inverse(from: spectrum, to: real + row * rows.realPitch)
      }
      ChannelRows.scatter(
        to: x + item * modes.size * channels + range.lowerBound, stride: channels, from: real,
        pitch: rows.realPitch, width: range.count, count: modes.size)
    }
  }
}

/// An axis of complex values by FFTW, channel by channel.
struct ComplexFFTAxis: AxisTransform {
  let modes: AxisModes
  private let transform: ComplexTransform
  /// Complex numbers from one row of scratch to the next: whole cache lines, so that all rows are
  /// aligned alike.
  private let pitch: Int

  /// Channels that are transformed together: two cache lines.
  private static let groupWidth = 16

  init(modes: AxisModes, effort: PlanningEffort) {
    self.modes = modes
    transform = ComplexTransform.cached(length: modes.size, effort: effort)
    pitch = (modes.size + 7) / 8 * 8
  }

  func analyze(
    to z: UnsafeMutablePointer<Float>, from x: UnsafePointer<Float>, items: Int, channels: Int,
    weights: AxisWeights
  ) {
    forEachGroup(items: items, channels: channels) { item, range, input, output in
      lanes.gather_channel_pair(
        input, pitch, x + 2 * (item * modes.size * channels + range.lowerBound), nil, modes.size,
        2 * channels, 2 * range.count)
      transformRows(.forward, from: input, to: output, rows: range.count, scale: weights.scale)
      forEachRun { first, row, count in
        var finish = LaneFinish(
          y1: z + 2 * ((item * modes.count + row) * channels + range.lowerBound), m1: nil, y2: nil,
          m2: nil)
        lanes.scatter_channel_pair(
          &finish, output + 2 * first, pitch, count, 2 * channels, 2 * range.count)
      }
    }
  }

  func synthesize(
    to x: UnsafeMutablePointer<Float>, from z: UnsafePointer<Float>, items: Int, channels: Int,
    weights: AxisWeights
  ) {
    forEachGroup(items: items, channels: channels) { item, range, input, output in
      let missing = modes.size - modes.positive - modes.negative
      for row in 0..<range.count {
        (input + 2 * (row * pitch + modes.positive)).update(repeating: 0, count: 2 * missing)
      }
      forEachRun { first, row, count in
        lanes.gather_channel_pair(
          input + 2 * first, pitch,
          z + 2 * ((item * modes.count + row) * channels + range.lowerBound), nil, count,
          2 * channels, 2 * range.count)
      }
      transformRows(.inverse, from: input, to: output, rows: range.count, scale: weights.scale)
      var finish = LaneFinish(
        y1: x + 2 * (item * modes.size * channels + range.lowerBound), m1: nil, y2: nil, m2: nil)
      lanes.scatter_channel_pair(
        &finish, output, pitch, modes.size, 2 * channels, 2 * range.count)
    }
  }

  /// Calls `body(first, row, count)` for the kept modes in FFTW's order that lie in one run of rows.
  private func forEachRun(_ body: (_ first: Int, _ row: Int, _ count: Int) -> Void) {
    body(0, modes.positiveRow, modes.positive)
    body(modes.size - modes.negative, modes.negativeRow, modes.negative)
  }

  private func transformRows(
    _ direction: TransformDirection, from input: UnsafeMutablePointer<Float>,
    to output: UnsafeMutablePointer<Float>, rows: Int, scale: Double
  ) {
    for row in 0..<rows {
      let at = 2 * row * pitch
      if scale != 1 { lanes.scale(input + at, input + at, Float(scale), 2 * modes.size) }
      transform.execute(direction, from: input + at, to: output + at)
    }
  }

  private func forEachGroup(
    items: Int, channels: Int,
    _ body: (
      _ item: Int, _ channels: Range<Int>, _ input: UnsafeMutablePointer<Float>,
      _ output: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    let width = min(Self.groupWidth, channels)
    guard width > 0, items > 0 else { return }
    let groups = (channels + width - 1) / width
    let workers = Parallel.workerCount(tasks: items * groups)
    let size = 2 * width * pitch
    var scratch = Tensor(uninitialized: [workers, 2 * size]) { _ in }
    let rows = scratch.mutablePointer()
    Parallel.forEach(tasks: items * groups, workers: workers) { task, worker in
      let first = task % groups * width
      let input = rows + worker * 2 * size
      body(task / groups, first..<min(channels, first + width), input, input + size)
    }
  }
}
