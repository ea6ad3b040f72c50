import Longwave
import Testing

/// `longconv_*`: safari's simple long convolution.
func checkLongConvolution(_ c: inout GoldenComparison) throws {
  let arguments = c.golden.args
  func number(_ name: String) -> Double? { arguments[name]?.number }
  let channels = Int(try #require(number("d_model")))
  let options = try FreeFilterOptions(original: arguments)
  var mixing = LongConvolutionOptions()
  mixing.activation = try #require(Activation(original: arguments["activation"]?.text ?? "gelu"))
  let output = arguments.values["postact"]
  mixing.outputActivation = try #require(
    Activation(original: output?.text ?? (output == nil ? "glu" : "id")))
  let hasOutput = c.golden.tensors["output_linear.0.weight"] != nil
  let isTransposed = arguments["transposed"]?.bool ?? true

  var random = RandomSource(seed: 5)
  var filter = FreeFilter(channels: channels, options: options, using: &random)
  try filter.load(try c.weights().under("kernel"))
  // Without an output projection the convolution's nonlinearity stays.
  mixing.isLinear = !hasOutput
  var layer = LongConvolution(filter, channels: channels, options: mixing, using: &random)
  layer.skip.value = try c.tensor("D").reshaped(-1)
  if hasOutput {
    layer.output?.weight.value = try c.tensor("output_linear.0.weight").reshaped(
      -1, filter.channels)
    layer.output?.bias?.value = try c.tensor("output_linear.0.bias").reshaped(-1)
  }

  func flipped(_ tensor: Tensor) -> Tensor { isTransposed ? swapped(tensor) : tensor }
  let tape = Tape()
  let x = tape.variable(flipped(try c.tensor("input")))
  var y = layer(x, mask: nil)
  if !hasOutput { y = mixing.activation(y) }
  try c.expect("output", equals: flipped(y.value))
  if c.golden.tensors["aux.kernel"] != nil {
    let kernel = Parameter(filter.regularizedKernel(on: nil).value)
    var copy = filter
    copy.kernel = kernel
    let stored = try #require(copy.referenceTensors { $0.value }["kernel"])
    try c.expect("aux.kernel", equals: stored)
  }
  let gradients = tape.gradients(of: y, seed: flipped(try c.tensor("grad_output")))
  try c.expectGradients([("input", gradients[x].map(flipped))])
  let found = layer.filter.referenceTensors { gradients[$0.id] }
  try c.expectGradients([("kernel.kernel", found["kernel"])])
  func expect(_ name: String, _ parameter: Parameter?) throws {
    guard let sizes = c.golden.tensors["grad.\(name)"] else { return }
    let gradient = parameter.flatMap { gradients[$0.id] }
    try c.expectGradients([(name, gradient?.reshaped(to: Shape(sizes)))])
  }
  try expect("D", layer.skip)
  try expect("output_linear.0.weight", layer.output?.weight)
  try expect("output_linear.0.bias", layer.output?.bias)
}
