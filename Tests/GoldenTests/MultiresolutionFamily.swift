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
  let layer = try ImportedLayer("multiresnet", arguments: c.golden.args, weights: c.weights())
  let network = try #require(layer.layer as? MultiresolutionNetwork)
  let isEmbedding = layer.input.vocabulary != nil
  let tape = Tape()
  let stored = try c.tensor("input")
  var mask: SequenceMask?
  if c.golden.tensors["lengths"] != nil {
    mask = SequenceMask(
      lengths: try c.tensor("lengths").elements.map { Int($0) }, length: stored.shape.last)
  }
  let x = tape.variable(
    isEmbedding ? stored.reshaped(to: Shape(stored.shape.sizes + [1])) : swapped(stored))
  let y = network(x, mask: mask)
  try c.expect("output", equals: y.value)
  guard c.golden.tensors["grad_output"] != nil else { return }
  let gradients = tape.gradients(of: y, seed: try c.tensor("grad_output"))
  if !isEmbedding { try c.expectGradients([("input", gradients[x].map(swapped))]) }
  try c.expectGradients(of: network, gradients)
}
