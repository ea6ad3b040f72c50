import Longwave

/// The kept modes of grids, by each method and by the transform of all modes.
///
/// The rate is in values of the grid a nanosecond.
func measureTruncatedTransforms(_ measurement: Measurement) {
  let cases: [(grid: Shape, modes: Shape, batch: Int)] =
    measurement.settings.isQuick
    ? [([64], [8], 2), ([16, 16], [8, 5], 1)]
    : [
      ([64], [8], 32), ([64], [16], 32), ([256], [16], 32), ([1024], [16], 16),
      ([1024], [32], 16), ([1024], [64], 16), ([1024], [128], 16),
      ([64, 64], [16, 9], 8), ([128, 128], [16, 9], 4), ([128, 128], [32, 17], 4),
      ([256, 256], [16, 9], 1), ([256, 256], [32, 17], 1), ([256, 256], [64, 33], 1),
      ([32, 32, 32], [8, 8, 5], 2), ([32, 32, 32], [16, 16, 9], 2), ([64, 64, 64], [8, 8, 5], 1),
      ([64, 64, 64], [16, 16, 9], 1),
    ]
  for (grid, modes, batch) in cases {
    for channels in measurement.settings.isQuick ? [16] : [16, 32, 64] {
      measure(measurement, grid: grid, modes: modes, batch: batch, channels: channels)
    }
  }
  measureAxisCrossover(measurement)
}

/// One axis by each method over the number of modes.
///
/// The planner goes over from one to the other where the two meet. The complex axis is the first
/// of a grid whose second has few points.
private func measureAxisCrossover(_ measurement: Measurement) {
  let isQuick = measurement.settings.isQuick
  for size in isQuick ? [32] : [64, 256, 1024] {
    for modes in [16, 32, 48, 64, 96, 128, 192, 256] where modes <= size / 2 + 1 {
      let batch = max(1, (1 << 14) / size)
      measureAxis(
        measurement, "real", grid: [size], modes: [modes], batch: batch, work: size * batch * 32)
    }
    for modes in [16, 32, 64, 96, 128, 192, 256, 384] where modes <= size {
      let batch = max(1, (1 << 12) / size)
      measureAxis(
        measurement, "complex", grid: [size, 4], modes: [modes, 3], batch: batch,
        work: size * batch * 32 * 6)
    }
  }
}

private func measureAxis(
  _ measurement: Measurement, _ kind: String, grid: Shape, modes: Shape, batch: Int, work: Int
) {
  var random = RandomSource(seed: 0)
  let x = Tensor(normal: Shape([batch] + grid.sizes + [32]), using: &random)
  for method in AxisMethod.allCases {
    let transform = TruncatedTransform(
      gridShape: grid, modeShape: modes,
      methods: [method] + grid.sizes.dropFirst().map { _ in .matrix })
    let spectrum = transform.forward(x)
    measurement.time(
      "axis-crossover \(kind) \(modes[0]) of \(grid[0]) \(method.rawValue)", work: Double(work),
      unit: "values/ns"
    ) {
      _ = transform.forward(x)
      _ = transform.inverse(spectrum)
    }
  }
}

private func measure(
  _ measurement: Measurement, grid: Shape, modes: Shape, batch: Int, channels: Int
) {
  var random = RandomSource(seed: 0)
  let x = Tensor(normal: Shape([batch] + grid.sizes + [channels]), using: &random)
  let name = "modes \(modes) of \(batch)x\(grid)x\(channels)"
  func time(_ way: String, _ body: () -> Void) {
    measurement.time("\(name) \(way)", work: Double(x.count), unit: "values/ns", body)
  }
  for method in AxisMethod.allCases {
    let transform = TruncatedTransform(
      gridShape: grid, modeShape: modes, methods: grid.sizes.map { _ in method })
    let spectrum = transform.forward(x)
    time("\(method.rawValue) forward") { _ = transform.forward(x) }
    time("\(method.rawValue) inverse") { _ = transform.inverse(spectrum) }
  }
  // The product that the last axis would be, were its values already where it wants them.
  let points = Tensor(normal: [x.count / grid.last, grid.last], using: &random)
  let table = Tensor(normal: [grid.last, 2 * modes.last], using: &random)
  time("last axis by oneDNN") { _ = Tensor.matmul(points, table) }
  let full = RealTransform(gridShape: grid, normalization: .forward)
  let spectrum = full.forward(x)
  time("all forward") { _ = full.forward(x) }
  time("all inverse") { _ = full.inverse(spectrum) }
}
