import Foundation
import Longwave
import Testing

/// `s4d_minimal_*`: the layer of `models/s4/s4d.py`.
func checkMinimalS4D(_ c: inout GoldenComparison) throws {
  var options = StateSpaceOptions.minimal
  try options.take(c.golden.args)
  let channels = try c.integer("d_model")
  var random = RandomSource(seed: 0)
  let filter = S4DFilter(channels: channels, options: options, using: &random)
  var layer = LongConvolution(filter, channels: channels, using: &random)
  try layer.load(try c.weights())
  try c.checkLayer(
    layer, layer, isTransposed: c.golden.args["transposed"]?.bool ?? true, activation: nil)
  try c.expectKernel(layer.filter)
}

/// `s4_diag_*`, `s4_dplr_*`: `FFTConv` with its kernels, of `models/s4/s4.py`.
func checkS4(_ c: inout GoldenComparison) throws {
  let arguments = c.golden.args
  var options = StateSpaceOptions()
  try options.take(arguments)
  let channels = try c.integer("d_model")
  let activation = arguments.values["activation"].map(\.text) ?? "gelu"
  // A gated linear unit takes twice as many filters.
  if activation == "glu" { options.copies *= 2 }
  var mixing = LongConvolutionOptions()
  mixing.isLinear = true
  var random = RandomSource(seed: 0)
  let isTransposed = arguments["transposed"]?.bool ?? true
  let mode = arguments["mode"]?.text ?? arguments["kernel"]?.text ?? "dplr"
  if mode == "diag" || mode == "s4d" {
    var layer = LongConvolution(
      S4DFilter(channels: channels, options: options, using: &random), channels: channels,
      options: mixing, using: &random)
    try layer.load(try c.weights())
    try c.checkLayer(layer, layer, isTransposed: isTransposed, activation: activation)
    try c.expectKernel(layer.filter)
    try c.expectSteps(layer, isTransposed: isTransposed, activation: activation) { state, batch in
      let shape: Shape = [channels, layer.filter.options.storedStates, 2]
      return [
        "step_final_state": Tensor(state.values, shape: Shape([batch] + shape.sizes)),
        "dA": Tensor(state.transition, shape: shape), "dB": Tensor(state.input, shape: shape),
        "dC": Tensor(state.output, shape: Shape([options.copies] + shape.sizes)),
      ]
    }
  } else {
    var layer = LongConvolution(
      S4Filter(channels: channels, options: options, using: &random), channels: channels,
      options: mixing, using: &random)
    try layer.load(try c.weights())
    try c.checkLayer(layer, layer, isTransposed: isTransposed, activation: activation)
    try c.expectKernel(layer.filter)
    let size = layer.filter.real.value.shape[1] * 2
    try c.expectSteps(layer, isTransposed: isTransposed, activation: activation) { state, batch in
      let discrete = (0..<channels).map { layer.filter.discretized(channel: $0) }
      return [
        "step_final_state": Tensor(
          state.values.flatMap { $0 + $0.map(\.conjugate) }, shape: [batch, channels, size, 2]),
        "dA": Tensor(discrete.flatMap(\.transition), shape: [channels, size, size, 2]),
        "dB": Tensor(discrete.flatMap(\.input), shape: [channels, size, 2]),
        "dC": Tensor(
          (0..<options.copies).flatMap { copy in state.output.flatMap { $0[copy] } },
          shape: [options.copies, channels, size, 2]),
      ]
    }
  }
}

/// `safari_sskernel_*`: `SSKernel` of safari, taps alone.
func checkSafariKernel(_ c: inout GoldenComparison) throws {
  let arguments = c.golden.args
  var options = StateSpaceOptions.safari
  try options.take(arguments)
  let channels = try c.integer("H")
  let length = try c.integer("L")
  var random = RandomSource(seed: 0)
  func check(_ filter: some LongFilter & ReferenceCompatible, _ c: inout GoldenComparison) throws {
    let tape = Tape()
    let taps = filter.taps(length: length, on: tape)
    let shape: Shape = [options.copies, channels, length]
    try c.expect("output", equals: taps.value.transposed().reshaped(to: shape))
    let seed = try c.tensor("grad_output").reshaped(-1, length).transposed()
    let gradients = tape.gradients(of: taps, seed: seed)
    let found = filter.referenceTensors { gradients[$0.id] }
    try c.expectGradients(found.map { ("kernel.\($0.key)", $0.value) })
  }
  let weights = try c.weights().under("kernel")
  if arguments["mode"]?.text == "shift" {
    var filter = ShiftFilter(
      channels: channels, stateSize: options.stateSize, copies: options.copies, using: &random)
    try filter.load(weights)
    try check(filter, &c)
  } else {
    var filter = S4DFilter(channels: channels, options: options, using: &random)
    try filter.load(weights)
    try check(filter, &c)
  }
}

/// `h3_*`: the H3 operator of safari.
func checkH3Operator(_ c: inout GoldenComparison) throws {
  var options = StateSpaceOptions.safari
  try options.take(c.golden.args)
  let channels = try c.integer("d_model")
  var random = RandomSource(seed: 0)
  var layer = H3(
    channels: channels, headSize: Int(c.golden.args["head_dim"]?.number ?? 1), options: options,
    using: &random)
  try layer.load(try c.weights())
  try c.checkLayer(layer, layer, isTransposed: false, activation: nil)
  guard c.golden.tensors["aux.step_output"] != nil else { return }
  let x = try c.tensor("input")
  var state = layer.initialState(batch: x.shape[0])
  let y = layer.stepped(x, &state)
  try c.expect("aux.step_output", equals: y)
  try c.expect("aux.step_final_state_k", equals: state.shift.values)
  let final = Shape(try c.file.shape(of: "aux.step_final_state"))
  try c.expect("aux.step_final_state", equals: Tensor(state.diagonal.values, shape: final))
}

extension RecurrentMixer {
  /// All positions of `[batch, length, channels]`, one at a time.
  fileprivate func stepped(_ x: Tensor, _ state: inout State) -> Tensor {
    .concatenated(
      (0..<x.shape[1]).map { position in
        let row = x.sliced(axis: 1, position..<position + 1).reshaped(x.shape[0], x.shape[2])
        let y = step(row, &state)
        return y.reshaped(y.shape[0], 1, y.shape[1])
      }, axis: 1)
  }
}

extension Variable {
  /// The activations of the originals by name; `nil` is none.
  fileprivate func activated(_ name: String?) throws -> Variable {
    switch name {
    case nil, "id", "identity", "linear": return self
    case "tanh": return tanh()
    case "sigmoid": return sigmoid()
    case "swish": return silu()
    case "elu":
      return mapped({ $0 > 0 ? $0 : expm1($0) }, derivative: { $0 > 0 ? 1 : exp($0) })
    case "softplus":
      return mapped({ log1p(exp($0)) }, derivative: { 1 / (1 + exp(-$0)) })
    case let name?:
      let activation = try #require(Activation(rawValue: name), "activation \(name)")
      return activation(self)
    }
  }
}

extension GoldenComparison {
  fileprivate func integer(_ argument: String) throws -> Int {
    Int(try #require(golden.args[argument]?.number, "\(golden.name): \(argument)"))
  }

  /// Compares the output and all gradients of a layer.
  fileprivate mutating func checkLayer(
    _ layer: some SequenceMixer, _ module: some ReferenceCompatible, isTransposed: Bool,
    activation: String?
  ) throws {
    func turned(_ tensor: Tensor) -> Tensor { isTransposed ? swapped(tensor) : tensor }
    let tape = Tape()
    let x = tape.variable(turned(try tensor("input")))
    let y = try layer(x, mask: nil).activated(activation)
    try expect("output", equals: turned(y.value))
    #expect(tape.updates.isEmpty, "\(golden.name): nothing is captured")
    let gradients = tape.gradients(of: y, seed: turned(try tensor("grad_output")))
    try expectGradients([("input", gradients[x].map(turned))])
    try expectGradients(of: module, gradients)
  }

  /// Compares the taps: the copies of the past, then those of the future.
  fileprivate mutating func expectKernel(_ filter: some LongFilter) throws {
    guard golden.tensors["aux.kernel"] != nil else { return }
    let shape = Shape(try file.shape(of: "aux.kernel"))
    let length = shape[-1]
    guard filter.isBidirectional else {
      let taps = filter.taps(length: length, on: nil).value
      return try expect("aux.kernel", equals: taps.transposed().reshaped(to: shape))
    }
    // One position more reaches the future's last tap.
    let taps = filter.taps(length: length + 1, on: nil).value
    let past = taps.sliced(axis: 0, length..<2 * length)
    let future = taps.sliced(axis: 0, 0..<length).flipped(axis: 0)
    let both = Tensor.concatenated([past.transposed(), future.transposed()], axis: 0)
    try expect("aux.kernel", equals: both.reshaped(to: shape))
  }

  /// Compares the recurrence: its outputs, and what `described` says of its final state.
  fileprivate mutating func expectSteps<Mixer: RecurrentMixer>(
    _ layer: Mixer, isTransposed: Bool, activation: String?,
    _ described: (Mixer.State, Int) throws -> [String: Tensor]
  ) throws {
    guard golden.tensors["aux.step_output"] != nil else { return }
    let stored = try tensor("input")
    let x = isTransposed ? swapped(stored) : stored
    var state = layer.initialState(batch: x.shape[0])
    let y = try Variable(layer.stepped(x, &state)).activated(activation).value
    try expect("aux.step_output", equals: isTransposed ? swapped(y) : y)
    for (name, found) in try described(state, x.shape[0])
    where golden.tensors["aux.\(name)"] != nil { try expect("aux.\(name)", equals: found) }
  }
}
