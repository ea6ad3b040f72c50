import Longwave

/// Matrix products at the shapes of a net of 64 and of 256 channels.
func measureMatrixProducts(_ measurement: Measurement) {
  var random = RandomSource(seed: 0)
  let rows = measurement.settings.isQuick ? 512 : 8192
  for (inner, outer) in [(64, 64), (64, 128), (128, 64), (256, 256), (256, 512)] {
    let a = Tensor(normal: [rows, inner], using: &random)
    let b = Tensor(normal: [inner, outer], using: &random)
    measurement.time(
      "matmul [\(rows), \(inner)] x [\(inner), \(outer)]",
      work: 2 * Double(rows * inner * outer), unit: "GFLOP/s"
    ) { _ = Tensor.matmul(a, b) }
  }
  let weight = Parameter(Tensor(normal: [128, 64], using: &random))
  let x = Tensor(normal: [rows, 64], using: &random)
  let seed = Tensor(normal: [rows, 128], using: &random)
  measurement.time(
    "linear [\(rows), 64] to 128 with gradients",
    work: 6 * Double(rows * 64 * 128), unit: "GFLOP/s"
  ) {
    let tape = Tape()
    let y = tape.variable(x).linear(weight: weight(on: tape))
    _ = tape.gradients(of: y, seed: seed)
  }
}
