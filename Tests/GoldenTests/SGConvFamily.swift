import Longwave
import Testing

/// `sgconv_*`: the authors' `GConv` layer.
func checkSGConv(_ c: inout GoldenComparison) throws {
  let arguments = c.golden.args
  func number(_ name: String) -> Double? { arguments[name]?.number }
  let channels = Int(try #require(number("d_model")))
  let options = try SGConvOptions(original: arguments)
  var mixing = LongConvolutionOptions()
  mixing.activation = Activation(rawValue: arguments["activation"]?.text ?? "gelu") ?? .gelu
  mixing.outputActivation =
    Activation(rawValue: arguments["postact"]?.text ?? "identity")
    ?? .identity
  mixing.isLinear = arguments["linear"]?.bool ?? false
  let isTransposed = arguments["transposed"]?.bool ?? true
  var random = RandomSource(seed: 0)
  var layer = LongConvolution(
    SGConvFilter(channels: channels, options: options, using: &random), channels: channels,
    options: mixing, using: &random)
  #expect(
    c.golden.tensors.keys.count { $0.hasPrefix("kernel_list.") } == options.scaleCount,
    "\(c.golden.name): scales")
  let isFirstUse = c.golden.name.contains("first")
  try layer.load(original: try c.weights(), isUsed: !isFirstUse)
  let base = try c.tensor("multiplier").elements
  #expect(
    zip(layer.filter.multiplier.value.elements, base.count == 1 ? [base[0]] : base).allSatisfy {
      abs($0 - $1) <= 1e-6 * abs($1)
    }, "\(c.golden.name): multiplier")

  let tape = Tape()
  let stored = try c.tensor("input")
  let x = tape.variable(isTransposed ? swapped(stored) : stored)
  func back(_ tensor: Tensor) -> Tensor { isTransposed ? swapped(tensor) : tensor }
  let y = layer(x, mask: nil)
  try c.expect("output", equals: back(y.value))
  try c.expectKernel(layer.filter, length: x.shape[1], channels: channels)
  if isFirstUse {
    layer.apply(tape.updates)
    #expect(layer.filter.normIsCaptured.value.scalar == 1)
    // The norm captured at first use is the one that later uses divide by.
    #expect(layer(Variable(x.value), mask: nil).value == y.value, "\(c.golden.name): second use")
  }
  let gradients = tape.gradients(of: y, seed: back(try c.tensor("grad_output")))
  try c.expectGradients([("input", gradients[x].map(back))])
  let found = layer.parameters.compactMap { item in
    gradients[item.parameter.id].map { (item.name, $0) }
  }
  for name in c.golden.tensors.keys where name.hasPrefix("grad.") && name != "grad.input" {
    try c.expectGradients([
      (String(name.dropFirst(5)), try original(String(name.dropFirst(5)), found, c))
    ])
  }
}

/// The gradient of one of the original's tensors, put together from ours.
private func original(
  _ name: String, _ found: [(String, Tensor)], _ c: GoldenComparison
) throws -> Tensor {
  let shape = Shape(try c.file.shape(of: "grad.\(name)"))
  func ours(_ name: String) throws -> Tensor {
    try #require(found.first { $0.0 == name }?.1, "\(c.golden.name): no gradient of \(name)")
  }
  if name.hasPrefix("kernel_list.") {
    let scale = name.dropFirst("kernel_list.".count)
    var parts = [try ours("filter.kernel.\(scale)").transposed()]
    if let future = found.first(where: { $0.0 == "filter.future_kernel.\(scale)" }) {
      parts.append(future.1.transposed())
    }
    return Tensor.concatenated(parts, axis: 0).reshaped(to: shape)
  }
  switch name {
  case "D": return try ours("D").reshaped(to: shape)
  case "decay": return try ours("filter.decay").reshaped(to: shape)
  case let name where name.hasSuffix("weight"): return try ours("output.weight")
  default: return try ours("output.bias")
  }
}

extension GoldenComparison {
  /// Compares the taps: causal lags first, then the future from the farthest to the nearest.
  fileprivate mutating func expectKernel(
    _ filter: SGConvFilter, length: Int, channels: Int
  ) throws {
    guard golden.tensors["aux.kernel"] != nil else { return }
    let shape = Shape(try file.shape(of: "aux.kernel"))
    var taps = filter.taps(length: length, on: nil).value
    if filter.isBidirectional {
      // Row 0 of the original's second half is lag -length, which reaches nothing.
      let stored = try tensor("aux.kernel").reshaped(-1, 2 * length)
      let unreachable = stored.sliced(axis: 1, length..<length + 1)
      taps = .concatenated(
        [
          taps.sliced(axis: 0, length - 1..<2 * length - 1), unreachable.transposed(),
          taps.sliced(axis: 0, 0..<length - 1),
        ], axis: 0)
    }
    try expect("aux.kernel", equals: taps.transposed().reshaped(to: shape))
  }
}
