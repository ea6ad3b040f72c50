import Longwave
import Testing

/// Axes of the originals, [B, H, L] and [H, K], to ours, [B, L, H] and [K, H], and back.
func swapped(_ x: Tensor) -> Tensor { x.transposed(-2, -1) }

/// `fftconv_*`: convolutions as flash-fft-conv and safari define them.
func checkConvolution(_ c: inout GoldenComparison) throws {
  if c.golden.tensors["q"] != nil { return try checkH3(&c) }
  let tape = Tape()
  func variable(_ name: String) throws -> Variable {
    let stored = try c.tensor(name)
    return tape.variable(stored.shape.rank > 1 ? swapped(stored) : stored)
  }
  func optional(_ name: String) throws -> Variable? {
    c.golden.tensors[name] == nil ? nil : try variable(name)
  }
  let u = try variable("u")
  let k = try variable("k")
  let length = u.shape[1]
  let skip = try optional("D")
  let pre = try optional("pregate")
  let post = try optional("postgate")
  let reversed = try optional("k_rev")
  var filter = k
  var boundary = Boundary.causal
  if c.golden.name.hasPrefix("fftconv_circular") { boundary = .circular }
  if c.golden.name.hasPrefix("fftconv_partial") {
    let taps = Int(try #require(c.golden.args["N_partial"]?.number))
    filter = k.sliced(axis: 0, 0..<min(taps, k.shape[0]))
  }
  if c.golden.name.hasPrefix("fftconv_freqsparse") {
    let partial = Int(try #require(c.golden.args["N_partial"]?.number))
    filter = k.lowPass(keepingBins: partial / 2, transformLength: 2 * length)
      .twoSidedTaps(length: length)
    boundary = .twoSided
  }
  if let reversed {
    // Row 0 of the reversed filter is lag 0 too.
    let (past, future) = (k.shape[0], reversed.shape[0])
    let reach = max(past, future) - 1
    filter =
      k.padded(axis: 0, before: reach, after: reach + 1 - past)
      + reversed.flipped(axis: 0).padded(axis: 0, before: reach + 1 - future, after: reach)
    boundary = .twoSided
  }
  var y = u.convolved(with: filter, boundary: boundary, skip: skip, preGate: pre, postGate: post)
  if c.golden.args["gelu"]?.bool == true { y = y.gelu() }
  try c.expect("output", equals: swapped(y.value))
  let gradients = tape.gradients(of: y, seed: swapped(try c.tensor("grad_output")))
  let named = [
    ("u", u), ("k", k), ("D", skip), ("pregate", pre), ("postgate", post), ("k_rev", reversed),
  ]
  try c.expectGradients(
    named.compactMap { name, variable in
      variable.map { variable in
        let gradient = gradients[variable]
        return (name, variable.shape.rank > 1 ? gradient.map(swapped) : gradient)
      }
    })
}

/// `fftconv_h3ref*`: y = Σ over d1 of q·conv(k·v), heads of outer products.
private func checkH3(_ c: inout GoldenComparison) throws {
  let tape = Tape()
  let width = Int(try #require(c.golden.args["head_dim"]?.number))
  let names = ["q", "k", "v", "ssm_kernel", "D"]
  let reversedName = c.golden.tensors["ssm_kernel_rev"] == nil ? [] : ["ssm_kernel_rev"]
  var variables: [String: Variable] = [:]
  for name in names + reversedName {
    let stored = try c.tensor(name)
    variables[name] = tape.variable(stored.shape.rank > 1 ? swapped(stored) : stored)
  }
  func get(_ name: String) throws -> Variable { try #require(variables[name]) }
  let heads = try get("D").shape[0]
  // Channel (h, d1, d2) of the expanded sequences reads (h, d1) of q and k and (h, d2) of v.
  func expansion(_ rows: Int, _ source: (Int, Int, Int) -> Int) -> Variable {
    var matrix = Tensor(zeros: [rows, heads * width * width])
    for h in 0..<heads {
      for i in 0..<width {
        for j in 0..<width { matrix[source(h, i, j), (h * width + i) * width + j] = 1 }
      }
    }
    return Variable(matrix)
  }
  let first = expansion(heads * width) { h, i, _ in h * width + i }
  let second = expansion(heads * width) { h, _, j in h * width + j }
  let head = expansion(heads) { h, _, _ in h }
  var filter = try get("ssm_kernel").matmul(head)
  var boundary = Boundary.causal
  if let reversed = variables["ssm_kernel_rev"] {
    let reach = filter.shape[0] - 1
    filter =
      filter.padded(axis: 0, before: reach)
      + reversed.matmul(head).flipped(axis: 0).padded(axis: 0, after: reach)
    boundary = .twoSided
  }
  let y = try get("v").matmul(second).convolved(
    with: filter, boundary: boundary,
    skip: try get("D").reshaped(1, heads).matmul(head).reshaped(-1),
    preGate: try get("k").matmul(first), postGate: try get("q").matmul(first)
  ).matmul(Variable(second.value.transposed()))
  try c.expect("output", equals: swapped(y.value))
  let gradients = tape.gradients(of: y, seed: swapped(try c.tensor("grad_output")))
  for name in names + reversedName {
    let variable = try get(name)
    let gradient = gradients[variable]
    try c.expectGradients([
      (name, variable.shape.rank > 1 ? gradient.map(swapped) : gradient)
    ])
  }
}

/// `depthwise_*`: PyTorch's grouped `Conv1d`, a cross-correlation, with causal or "same" padding.
func checkDepthwise(_ c: inout GoldenComparison) throws {
  let tape = Tape()
  let x = tape.variable(swapped(try c.tensor("input")))
  let stored = try c.tensor("weight")
  let (channels, taps) = (stored.shape[0], stored.shape[2])
  let weight = tape.variable(stored)
  let bias = tape.variable(try c.tensor("bias"))
  let padding = Int(try #require(c.golden.args["padding"]?.number))
  let isCausal = padding == taps - 1
  if !isCausal { #expect(2 * padding == taps - 1, "\(c.golden.name): padding \(padding)") }
  // Tap j of a correlation is lag padding - j, so the last comes first.
  let filter = weight.reshaped(channels, taps).transposed().flipped(axis: 0)
  let y = x.convolved(with: filter, boundary: isCausal ? .causal : .twoSided) + bias
  try c.expect("output", equals: swapped(y.value))
  let gradients = tape.gradients(of: y, seed: swapped(try c.tensor("grad_output")))
  try c.expectGradients([
    ("input", gradients[x].map(swapped)), ("weight", gradients[weight]),
    ("bias", gradients[bias]),
  ])
}
