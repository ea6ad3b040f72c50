import Longwave
import Testing

/// `multires_*`: the authors' `MultiresLayer`.
func checkMultiresolution(_ c: inout GoldenComparison) throws {
  let options = try MultiresolutionOptions(original: c.golden.args)
  var random = RandomSource(seed: 0)
  var layer = MultiresolutionConvolution(
    channels: Int(try #require(c.golden.args["d_model"]?.number)), options: options,
    using: &random)
  if let depth = c.golden.args["resolved_depth"]?.number {
    #expect(layer.tree.levels.count == Int(depth), "\(c.golden.name): depth")
  }
  if let memory = c.golden.args["resolved_m"]?.number {
    #expect(layer.tree.weightCount == Int(memory) + 1, "\(c.golden.name): memory")
  }
  try layer.load(c.weights())
  let tape = Tape()
  let x = tape.variable(swapped(try c.tensor("input")))
  let y = layer(x, mask: nil)
  try c.expect("output", equals: swapped(y.value))
  var state = layer.initialState(batch: x.shape[0])
  try c.expect("output", equals: swapped(layer.chunk(x.value, &state)))
  guard c.golden.tensors["grad_output"] != nil else { return }
  let gradients = tape.gradients(of: y, seed: swapped(try c.tensor("grad_output")))
  try c.expectGradients([("input", gradients[x].map(swapped))])
  try c.expectGradients(of: layer, gradients)
}

/// `multiresnet_*`: the authors' `MultiresNet`, as in inference.
func checkMultiresolutionNetwork(_ c: inout GoldenComparison) throws {
  let arguments = c.golden.args
  func integer(_ name: String) -> Int? { arguments[name]?.number.map { Int($0) } }
  var options = MultiresolutionNetworkOptions()
  options.channels = integer("d_model") ?? 256
  options.layers = integer("n_layers") ?? 4
  options.dropout = 0
  options.usesBatchNormalization = arguments["batchnorm"]?.bool ?? false
  options.convolution = try MultiresolutionOptions(original: arguments)
  options.convolution.sequenceLength = integer("max_length")
  options.convolution.memorySize = integer("d_mem")
  options.convolution.wavelet = try arguments["hinit"]?.text.map { try #require(Wavelet($0)) }
  let outputs = integer("d_output") ?? 10
  var random = RandomSource(seed: 0)
  let isEmbedding = arguments["encoder"]?.text == "embedding"
  var network =
    isEmbedding
    ? MultiresolutionNetwork(
      vocabulary: try #require(integer("n_tokens")), outputs: outputs, options: options,
      using: &random)
    : MultiresolutionNetwork(
      inputs: try #require(integer("d_input")), outputs: outputs, options: options, using: &random)
  for index in network.blocks.indices { network.blocks[index].normalization.freezeStatistics() }
  try network.load(c.weights()) { $0.hasSuffix("num_batches_tracked") }
  let tape = Tape()
  let stored = try c.tensor("input")
  var mask: SequenceMask?
  if c.golden.tensors["lengths"] != nil {
    mask = SequenceMask(
      lengths: try c.tensor("lengths").elements.map { Int($0) }, length: stored.shape.last)
  }
  let x = tape.variable(isEmbedding ? stored : swapped(stored))
  let y: Variable
  if isEmbedding {
    let full = SequenceMask(
      lengths: Array(repeating: stored.shape[1], count: stored.shape[0]), length: stored.shape[1])
    y = network(stored.elements.map { Int32($0) }, mask: mask ?? full, on: tape)
  } else {
    y = network(x, mask: mask)
  }
  try c.expect("output", equals: y.value)
  guard c.golden.tensors["grad_output"] != nil else { return }
  let gradients = tape.gradients(of: y, seed: try c.tensor("grad_output"))
  if !isEmbedding { try c.expectGradients([("input", gradients[x].map(swapped))]) }
  try c.expectGradients(of: network, gradients)
}
