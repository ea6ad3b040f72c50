import Longwave
import Testing

/// `stripedhyena_filter_*`: `ParallelHyenaFilter` of stripedhyena: complex poles z, h[t] = Re Σ r·zᵗ.
func checkStripedHyena(_ c: inout GoldenComparison) throws {
  let filter = try c.modalFilter(["poles", "residues"], .cartesian)
  try c.checkGatedFilter(filter, inner: nil)
  for name in c.golden.tensors.keys where name.hasPrefix("aux.buggy_") {
    c.leaveOut(name)  // prefill_style "recurrence" uses a real part that it has overwritten
  }
}

/// `vortex_cascade_*`: `HyenaCascade` of vortex: real poles exp(log_poles), or explicit taps `h`.
func checkVortex(_ c: inout GoldenComparison) throws {
  guard let length = c.golden.args["fir_inner_filter_length"]?.number.map({ Int($0) }) else {
    return try c.checkGatedFilter(
      c.modalFilter(["log_poles", "residues"], .realExponent), inner: nil)
  }
  let prompt = try c.integer("prompt_length")
  guard length >= 128 || prompt >= length - 1 else {
    throw GoldenSkip(reason: "the original decodes wrongly after a prompt shorter than its taps")
  }
  try c.checkGatedFilter(nil, inner: length)
}

/// y = x₂·(h * (x₁·v) + D·x₁·v) with (x₂, x₁, v) out of a short convolution, and the gradients.
private struct GatedFilter {
  var short: ShortFilter
  let heads: Int
  let isColumnSplit, isFlipped, isInterleaved: Bool

  /// x₂ and x₁·v, `[batch, length, D]`.
  func gates(_ x: Variable) -> (after: Variable, inner: Variable) {
    let width = x.shape[2] / 3
    let (batch, length) = (x.shape[0], x.shape[1])
    var z = short(x, channels: 0..<3 * width)
    if isInterleaved { z = z.reshaped(batch, length, width, 3).transposed().reshaped(to: x.shape) }
    var parts: [Variable]
    if isColumnSplit {
      let split = z.reshaped(batch * length, heads, 3, width / heads)
      parts = (0..<3).map {
        split.sliced(axis: 2, $0..<$0 + 1).reshaped(batch, length, width)
      }
    } else {
      parts = (0..<3).map { z.sliced(axis: 2, $0 * width..<($0 + 1) * width) }
    }
    if isFlipped { parts.swapAt(0, 1) }
    return (parts[0], parts[1] * parts[2])
  }
}

extension GoldenComparison {
  fileprivate func integer(_ argument: String) throws -> Int {
    Int(try #require(golden.args[argument]?.number, "\(golden.name): \(argument)"))
  }

  /// A filter with the stored poles and residues.
  fileprivate func modalFilter(
    _ names: [String], _ parameterization: ModalFilter.Parameterization
  ) throws -> ModalFilter {
    let sizes = try file.shape(of: "residues")
    let shape: Shape =
      parameterization == .realExponent ? [sizes[0], sizes[1]] : [sizes[0], sizes[1], 2]
    var filter = ModalFilter(
      poles: Tensor(zeros: shape), residues: Tensor(zeros: shape),
      parameterization: parameterization)
    try filter.load(weights(), ignoring: { !names.contains($0) })
    return filter
  }

  /// Compares outputs, gradients, taps, and the states of prefill and decoding.
  fileprivate mutating func checkGatedFilter(_ filter: ModalFilter?, inner length: Int?) throws {
    let arguments = golden.args
    let x = try tensor("input")
    let weight = try tensor("short_filter_weight")
    let (channels, taps) = (weight.shape[0], weight.shape[2])
    var random = RandomSource(seed: 0)
    var short = ShortFilter(taps: taps, channels: channels, using: &random)
    short.weight.value = weight.reshaped(channels, taps).transposed().flipped(axis: 0)
    short.bias.value =
      golden.tensors["short_filter_bias"] == nil
      ? Tensor(zeros: [channels]) : try tensor("short_filter_bias")
    let gated = GatedFilter(
      short: short, heads: try integer("num_attention_heads"),
      isColumnSplit: arguments["column_split_hyena"]?.bool ?? true,
      isFlipped: arguments["hyena_flip_x1x2"]?.bool ?? false,
      isInterleaved: arguments["interleave"]?.bool ?? false)
    let explicit = try length.map { _ in Parameter(try tensor("h")) }
    let skip = golden.tensors["D"] == nil ? nil : Parameter(try tensor("D"))

    let tape = Tape()
    let input = tape.variable(x)
    let (after, inner) = gated.gates(input)
    let h: Variable
    if let filter {
      h = filter.taps(length: x.shape[1], on: tape)
      let stored = Shape(try file.shape(of: "aux.filter"))
      try expect("aux.filter", equals: h.value.transposed().reshaped(to: stored))
    } else {
      let parameter = try #require(explicit)
      let stored = parameter(on: tape)
      let rows = stored.reshaped(channels / 3, -1).transposed()
      // Fewer than 128 taps are a cross-correlation, whose last tap is the present.
      h = (length ?? 0) < 128 ? rows.flipped(axis: 0) : rows
    }
    let used = h.shape[0] > x.shape[1] ? h.sliced(axis: 0, 0..<x.shape[1]) : h
    let y = after * inner.convolved(with: used, skip: skip?(on: tape))
    try expect("output", equals: y.value)
    let gradients = tape.gradients(of: y, seed: try tensor("grad_output"))
    try expectGradients([("input", gradients[input])])
    try expect(
      "grad.short_filter_weight",
      equals: try #require(gradients[short.weight.id]).flipped(axis: 0).transposed()
        .reshaped(channels, 1, taps))
    if golden.tensors["short_filter_bias"] != nil {
      try expectGradients([("short_filter_bias", gradients[short.bias.id])])
    }
    if let skip { try expectGradients([("D", gradients[skip.id])]) }
    if let explicit { try expectGradients([("h", gradients[explicit.id])]) }
    if let filter { try expectGradients(of: filter, gradients) }
    try checkDecoding(
      filter, y.value, after: after.value, inner: inner.value, skip: skip?.value,
      shortTaps: taps, innerTaps: length)
  }

  /// Compares what a prompt leaves behind in every prefill mode, and the steps after it.
  private mutating func checkDecoding(
    _ filter: ModalFilter?, _ whole: Tensor, after: Tensor, inner: Tensor, skip: Tensor?,
    shortTaps: Int, innerTaps: Int?
  ) throws {
    let x = try tensor("input")
    let (prompt, length) = (try integer("prompt_length"), x.shape[1])
    /// The last values before a position, `[batch, channels, at most count]`.
    func last(_ values: Tensor, _ count: Int, before end: Int) -> Tensor {
      values.sliced(axis: 1, max(0, end - count)..<end).transposed()
    }
    try expect("aux.prefill_fir_state", equals: last(x, shortTaps - 1, before: prompt))
    try expect("aux.final_fir_state", equals: last(x, shortTaps - 1, before: length))
    guard let filter else {
      let taps = try #require(innerTaps)
      try expect("aux.prefill_inner_state", equals: last(inner, taps - 1, before: prompt))
      try expect("aux.final_inner_state", equals: last(inner, taps - 1, before: length))
      try expect("aux.prefill_output", equals: whole.sliced(axis: 1, 0..<prompt))
      try expect("aux.decode_output", equals: whole.sliced(axis: 1, prompt..<length))
      return
    }
    func gated(_ y: Tensor, _ positions: Range<Int>) -> Tensor {
      let u = inner.sliced(axis: 1, positions)
      let skipped = skip.map { y + u * $0 } ?? y
      return skipped * after.sliced(axis: 1, positions)
    }
    func states(_ state: ModalFilter.State, _ name: String) throws -> Tensor {
      let shape = Shape(try file.shape(of: name))
      let modes = state.modes
      guard filter.parameterization == .realExponent else { return modes.reshaped(to: shape) }
      return modes.sliced(axis: 3, 0..<1).reshaped(to: shape)
    }
    for mode in PrefillMode.allCases {
      var state = filter.initialState(batch: x.shape[0])
      let first = filter.prefill(inner.sliced(axis: 1, 0..<prompt), &state, mode: mode)
      try expect("aux.prefill_output", equals: gated(first, 0..<prompt))
      try expect(
        "aux.prefill_iir_state", equals: states(state, "aux.prefill_iir_state"))
      let steps = (prompt..<length).map { position in
        let u = inner.sliced(axis: 1, position..<position + 1)
        let y = filter.step(u.reshaped(x.shape[0], inner.shape[2]), &state)
        return gated(y.reshaped(x.shape[0], 1, inner.shape[2]), position..<position + 1)
      }
      try expect("aux.decode_output", equals: .concatenated(steps, axis: 1))
      try expect("aux.final_iir_state", equals: states(state, "aux.final_iir_state"))
    }
  }
}
