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

/// The options of the filter; its width has another name in the operator's arguments.
private func filterOptions(_ c: GoldenComparison, isPart: Bool) throws -> HyenaFilterOptions {
  let arguments = c.golden.args
  func number(_ name: String) -> Float? { arguments[name]?.number.map { Float($0) } }
  var options = HyenaFilterOptions()
  options.maximumLength = Int(number(isPart ? "l_max" : "seq_len") ?? 1024)
  options.width = Int(number(isPart ? "filter_order" : "order") ?? (isPart ? 64 : 16))
  options.embeddingChannels = Int(number("emb_dim") ?? 3)
  options.innerLayers = Int(number("num_inner_mlps") ?? 2)
  options.frequency = number("w") ?? 1
  options.learningRate = number("lr") ?? 1e-3
  options.weightDecay = number("wd") ?? 0
  options.embeddingLearningRate = number("lr_pos_emb") ?? 1e-5
  options.modulationLearningRate = number("modulation_lr") ?? 0
  options.isModulated = arguments["modulate"]?.bool ?? true
  options.fastDecay = number("fast_decay_pct") ?? 0.3
  options.slowDecay = number("slow_decay_pct") ?? 1.5
  options.decayTarget = number("target") ?? 1e-2
  options.shift = number("shift") ?? 0
  let isNormalized = arguments["normalized"]?.bool ?? false
  // The file of its own takes the argument and does not use it.
  options.normalization = isNormalized && !isStandalone(c) ? .afterModulation : .none
  return options
}

private func isStandalone(_ c: GoldenComparison) -> Bool {
  c.file.metadata["source"]?.hasSuffix("standalone_hyena.py") == true
}

private func checkHyenaFilter(_ c: inout GoldenComparison) throws {
  let options = try filterOptions(c, isPart: false)
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
  func number(_ name: String) -> Int? { arguments[name]?.number.map { Int($0) } }
  let channels = try #require(number("d_model"))
  var options = HyenaOptions()
  options.order = number("order") ?? 2
  options.heads = number("num_heads") ?? 1
  options.innerFactor = number("inner_factor") ?? 1
  options.mixesOuter = arguments["outer_mixing"]?.bool ?? false
  options.mixesHeads = arguments["post_order_ffn"]?.bool ?? false
  options.shortFilterTaps = number("short_filter_order") ?? 3
  options.activation = try #require(activation(arguments["activation"]?.text ?? "id"))
  options.filterOrder = isStandalone(c) ? .stacked : .interleaved
  options.hasSkip = isStandalone(c) || arguments["bias"]?.bool ?? true
  let filter = try filterOptions(c, isPart: true)
  if let blocks = number("num_blocks"), blocks > 1 {
    options.blockLength = filter.maximumLength / blocks
  }
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

/// A nonlinearity by its name in safari.
func activation(_ name: String) -> Activation? {
  switch name {
  case "id", "identity", "linear": .identity
  case "swish": .silu
  default: Activation(rawValue: name)
  }
}
