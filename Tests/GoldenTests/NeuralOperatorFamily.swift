import Longwave
import Testing

/// A tensor `[batch, channels, grid…]`, complex with a last axis of 2, with its channels last.
private func channelsLast(_ tensor: Tensor, isComplex: Bool = false) -> Tensor {
  let channelAxis = tensor.shape.rank - (isComplex ? 2 : 1)
  return (1..<channelAxis).reduce(tensor) { $0.transposed($1, $1 + 1) }
}

/// The same with its channels behind the batch again.
private func channelsFirst(_ tensor: Tensor, isComplex: Bool = false) -> Tensor {
  let channelAxis = tensor.shape.rank - (isComplex ? 2 : 1)
  return (1..<channelAxis).reversed().reduce(tensor) { $0.transposed($1, $1 + 1) }
}

/// Compares the output of a model and all gradients.
private func check(
  _ c: inout GoldenComparison, _ model: some ReferenceCompatible, isComplex: Bool = false,
  _ apply: (Variable) -> Variable
) throws {
  let tape = Tape()
  let x = tape.variable(channelsLast(try c.tensor("input"), isComplex: isComplex))
  let y = apply(x)
  try c.expect("output", equals: channelsFirst(y.value, isComplex: isComplex))
  guard c.golden.tensors["grad_output"] != nil else { return }
  let seed = channelsLast(try c.tensor("grad_output"), isComplex: isComplex)
  let gradients = tape.gradients(of: y, seed: seed)
  let input = gradients[x].map { channelsFirst($0, isComplex: isComplex) }
  try c.expectGradients([("input", input)])
  try c.expectGradients(of: model, gradients)
}

/// `grid_embedding`: coordinates as channels.
func checkGridEmbedding(_ c: inout GoldenComparison) throws {
  for name in c.golden.tensors.keys.sorted() {
    let expected = try c.tensor(name)
    let axes = expected.shape.rank - 2
    let coordinates = try GridCoordinates(original: c.golden.args, axes: axes)
    let data = channelsLast(expected).sliced(axis: -1, 0..<expected.shape[1] - axes)
    let found = channelsFirst(coordinates.appended(to: Variable(data)).value)
    try c.expect(name, equals: found)
  }
}

/// `spectralconv_*`: `SpectralConv` of neuraloperator.
func checkSpectralConvolution(_ c: inout GoldenComparison) throws {
  let options = try SpectralConvolutionOptions(original: c.golden.args)
  var random = RandomSource(seed: 0)
  var layer = SpectralConvolution(
    inputs: try c.golden.args.size("in_channels"), outputs: try c.golden.args.size("out_channels"),
    options: options, using: &random)
  try layer.load(c.weights())
  let wanted = c.golden.tensors["output"].map {
    Shape(Array($0[2..<2 + options.axes]))
  }
  try check(&c, layer, isComplex: options.hasComplexData) { layer($0, outputGrid: wanted) }
}

/// `fno*` and `tfno*`: `FNO` and `TFNO` of neuraloperator.
func checkFourierNeuralOperator(_ c: inout GoldenComparison) throws {
  let options = try FourierNeuralOperatorOptions(
    original: c.golden.args, isFactorized: c.golden.name.hasPrefix("tfno"))
  var random = RandomSource(seed: 0)
  var model = FourierNeuralOperator(options: options, using: &random)
  try model.load(c.weights()) { $0.hasSuffix("num_batches_tracked") }
  model.freezeStatistics()
  if c.golden.tensors["embedding"] != nil { model.embedding = try c.tensor("embedding") }
  try check(&c, model, isComplex: options.block.convolution.hasComplexData) { model($0) }
}

/// `uno*`: `UNO` of neuraloperator.
func checkUShapedNeuralOperator(_ c: inout GoldenComparison) throws {
  var random = RandomSource(seed: 0)
  var model = UShapedNeuralOperator(
    options: try UShapedNeuralOperatorOptions(original: c.golden.args), using: &random)
  try model.load(c.weights()) { $0.hasSuffix("num_batches_tracked") }
  model.freezeStatistics()
  try check(&c, model) { model($0) }
}
