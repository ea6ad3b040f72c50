import Longwave

/// Arithmetic, activations and normalisation over [8, 1024, 64]; the rate is elements a nanosecond.
func measureElementwise(_ measurement: Measurement) {
  var random = RandomSource(seed: 0)
  let shape: Shape = measurement.settings.isQuick ? [1, 256, 64] : [8, 1024, 64]
  let a = Tensor(normal: shape, using: &random)
  let b = Tensor(normal: shape, using: &random)
  let row = Tensor(normal: [64], using: &random)
  let work = Double(shape.count)
  func time(_ name: String, _ body: () -> Void) {
    measurement.time(name, work: work, unit: "elements/ns", body)
  }
  time("add") { _ = a + b }
  time("multiply by a row") { _ = a * row }
  time("sum of rows") { _ = a.summedRows() }
  time("sum of squares") { _ = a.sumOfSquares() }

  let constant = Variable(a)
  time("gelu") { _ = constant.gelu() }
  time("silu") { _ = constant.silu() }
  time("glu") { _ = constant.glu() }
  let norm = LayerNorm(channels: 64)
  time("layer norm") { _ = norm(constant) }
  time("gelu with gradient") { differentiate(a, b) { $0.gelu() } }
  time("layer norm with gradients") { differentiate(a, b) { norm($0) } }
  time("dropout with gradient") { differentiate(a, b) { $0.dropout(0.1) } }
}

private func differentiate(_ x: Tensor, _ seed: Tensor, _ body: (Variable) -> Variable) {
  let tape = Tape()
  _ = tape.gradients(of: body(tape.variable(x)), seed: seed)
}
