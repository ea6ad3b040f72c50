import Longwave
import Testing

/// `hyena_*`: safari's implicit filter, the filter applied, and the operator, which also exists as
/// a file of its own.
func checkHyena(_ c: inout GoldenComparison) throws {
  if c.golden.args["d_model"] != nil, c.file.metadata["class"]?.hasPrefix("HyenaFilter") == true {
    try checkHyenaFilter(&c)
  } else {
    try checkHyenaOperator(&c)
  }
}

private func isStandalone(_ c: GoldenComparison) -> Bool {
  c.file.metadata["source"]?.hasSuffix("standalone_hyena.py") == true
}

private func checkHyenaFilter(_ c: inout GoldenComparison) throws {
  let options = HyenaFilterOptions(
    original: c.golden.args, isPart: false, isStandalone: isStandalone(c))
  let channels = Int(try #require(c.golden.args["d_model"]?.number))
  var random = RandomSource(seed: 3)
  var linear = LongConvolutionOptions()
  linear.isLinear = true
  // The layer's skip term is the `bias` of the original's filter.
  var layer = LongConvolution(
    HyenaFilter(channels: channels, options: options, using: &random), channels: channels,
    options: linear, using: &random)
  expectSameStart(layer.filter, c)
  try layer.filter.load(try c.weights()) { $0 == "bias" }
  let hasBias = c.golden.args["bias"]?.bool ?? true
  layer.skip.value = hasBias ? try c.tensor("bias") : Tensor(zeros: [channels])
  let tape = Tape()
  let seed = try c.tensor("grad_output")
  let gradients: Gradients
  if c.golden.tensors["input"] != nil {
    let x = tape.variable(swapped(try c.tensor("input")))
    let y = layer(x, mask: nil)
    try c.expect("output", equals: swapped(y.value))
    gradients = tape.gradients(of: y, seed: swapped(seed))
    try c.expectGradients([("input", gradients[x].map(swapped))])
  } else {
    let length = Int(c.golden.args["L"]?.number ?? Double(options.maximumLength))
    var taps = layer.filter.taps(length: length, on: tape)
    if length > seed.shape[1] { taps = taps.sliced(axis: 0, 0..<seed.shape[1]) }
    try c.expect("output", equals: taps.value.reshaped(to: seed.shape))
    gradients = tape.gradients(of: taps, seed: seed.reshaped(-1, channels))
  }
  try c.expectGradients(of: layer.filter, gradients)
  if c.golden.tensors["grad.bias"] != nil {
    let gradient = hasBias ? gradients[layer.skip.id] : nil
    try c.expect("grad.bias", equals: gradient ?? Tensor(zeros: [channels]))
  }
}

/// What is not random at the start is the original's.
private func expectSameStart(_ filter: HyenaFilter, _ c: GoldenComparison) {
  for (name, found) in filter.referenceTensors({ $0.value })
  where name.hasSuffix("pos_emb.t") || name.hasSuffix("deltas") {
    guard let stored = try? c.tensor(name) else { continue }
    #expect(
      (found - stored).maximumMagnitude() <= 1e-6 * max(1, stored.maximumMagnitude()),
      "\(c.golden.name) \(name)")
  }
}

private func checkHyenaOperator(_ c: inout GoldenComparison) throws {
  let arguments = c.golden.args
  let channels = try arguments.size("d_model")
  let options = try HyenaOptions(original: arguments, isStandalone: isStandalone(c))
  let filter = HyenaFilterOptions(
    original: arguments, isPart: true, isStandalone: isStandalone(c))
  var random = RandomSource(seed: 3)
  var layer = HyenaOperator(channels: channels, options: options, using: &random) {
    HyenaFilter(channels: $0, options: filter, using: &$1)
  }
  let hasSkip = options.hasSkip
  try layer.load(try c.weights()) { !hasSkip && $0 == "filter_fn.bias" }
  let tape = Tape()
  let x = tape.variable(try c.tensor("input"))
  let y = layer(x, mask: nil)
  // The original's output ends at l_max.
  let (length, kept) = (x.shape[1], min(x.shape[1], filter.maximumLength))
  try c.expect("output", equals: y.value.sliced(axis: 1, 0..<kept))
  if c.golden.tensors["aux.filter"] != nil {
    let taps = layer.filter.taps(length: kept, on: nil).value
    try c.expect("aux.filter", equals: taps.reshaped(1, kept, -1))
  }
  let seed = try c.tensor("grad_output").padded(axis: 1, after: length - kept)
  let gradients = tape.gradients(of: y, seed: seed)
  try c.expectGradients([("input", gradients[x])])
  try c.expectGradients(of: layer, gradients)
  if !hasSkip, let sizes = c.golden.tensors["grad.filter_fn.bias"] {
    try c.expect("grad.filter_fn.bias", equals: Tensor(zeros: Shape(sizes)))
  }
}
