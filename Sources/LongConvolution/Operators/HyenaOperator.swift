public import Differentiation
public import Layers
public import SequenceTensor
import SpectralCore

/// The Hyena operator: gates and long convolutions by turns.
///
/// Poli and others, "Hyena hierarchy", 2023, section 3, definition 3.1, as `HyenaOperator` in the
/// authors' `hyena.py`. With x⁰ … xⁿ⁻¹, v = short(W·u + b), each of D·innerFactor channels:
///
///     for i = n-1 … 1:  v ← h * (xⁱ·v) + skip·(xⁱ·v)
///     y = Wₒ·f(x⁰·v) + bₒ
///
/// Projections start as PyTorch's `Linear`, short filters as its `Conv1d`, skip terms N(0, 1).
///
/// - **Filter.** Any `LongFilter` of innerWidth/heads·(order - 1) channels; a `HyenaFilter` makes the
///   original, a bidirectional one the mixer of Monarch Mixer (Fu and others, 2023,
///   `monarch_mixer_sequence_mixer.py`), which may add a second filter on the input itself. (There
///   the first of the three projections gates the input and the second the output; here as in
///   Hyena x⁰ is the output's.)
/// - **Heads.** Channel v·heads + m is channel v of head m; heads share filters and skip terms. With
///   `mixesHeads` each convolution is followed by vₘ ← Σₖ w[k, m]·vₖ over the heads, w being
///   N(0, 1)/√(head width) at the start. The original does not run with more than one head or with
///   `inner_factor` above 1; this is what its shapes say was meant.
/// - **Outer mixing.** v ← (Σ over the channels of a head of xⁱ)·v, the sum of the outer product. The
///   original drops out single entries of that product, here those of the sum.
/// - **Blocks.** Blocks have a fixed length, and the filter is cut to it. The original divides
///   whatever length there is by `num_blocks`, and its uncut filter wraps around inside blocks.
/// - **Lengths.** Sequences may be longer than the filter, which is then zero; the original cuts
///   its output to l_max positions.
///
/// Without a tape the spectra of the filters are kept for the next call, as in `LongConvolution`.
public struct HyenaOperator<Filter: LongFilter>: SequenceMixer {
  /// W and b, to (order + 1)·innerWidth channels: x⁰, x¹, …, v.
  public var input: Linear
  /// The short filters of all of them.
  public var short: ShortFilter
  /// Makes the filters of all steps.
  public var filter: Filter {
    // Taps may depend on settings that are no parameters.
    didSet { spectra = Self.emptySpectra(options) }
  }
  /// The skip terms of all steps, in the filter's channels.
  public var skip: Parameter?
  /// w, `[order, heads, heads]`; the last is unused, as in the original.
  public var headMixing: Parameter?
  /// The second filter, of innerWidth channels, on the input itself.
  public var residual: LongConvolution<Filter>?
  /// Wₒ and bₒ.
  public var output: Linear
  /// The settings.
  public let options: HyenaOptions
  /// The number of channels of input and output.
  public let channels: Int
  /// Spectra for calls without a tape, of each step; copies of an operator share them.
  private var spectra: [FilterSpectrumCache]

  /// Creates an operator.
  ///
  /// - Parameters:
  ///   - channels: the channels of input and output.
  ///   - options: the settings.
  ///   - random: where the initial weights come from.
  ///   - makeFilter: makes a filter of a number of channels: that of the steps, then the residual
  ///     one if there is one.
  /// - Precondition: `order` is at least 2, the heads divide the inner width, filters have the
  ///   channels they were asked for, the activation is elementwise.
  public init(
    channels: Int, options: HyenaOptions = HyenaOptions(), using random: inout RandomSource,
    makeFilter: (_ channels: Int, inout RandomSource) -> Filter
  ) {
    let width = channels * options.innerFactor
    require(
      channels > 0 && options.order >= 2 && options.innerFactor > 0 && options.heads > 0
        && width % options.heads == 0 && options.blockLength ?? 1 > 0
        && options.activation.inputFactor == 1
        && (!options.hasResidualConvolution || options.innerFactor == 1),
      "HyenaOperator: \(channels) channels, \(options)")
    self.options = options
    self.channels = channels
    input = Linear(inputs: channels, outputs: (options.order + 1) * width, using: &random)
    short = ShortFilter(
      taps: options.shortFilterTaps, channels: (options.order + 1) * width, using: &random)
    let columns = width / options.heads * (options.order - 1)
    filter = makeFilter(columns, &random)
    require(
      filter.channels == columns,
      "HyenaOperator: a filter of \(filter.channels) channels instead of \(columns)")
    if options.hasSkip { skip = Parameter(Tensor(normal: [columns], using: &random)) }
    if options.mixesHeads {
      let heads = options.heads
      let deviation = (Float(heads) / Float(width)).squareRoot()
      headMixing = Parameter(
        Tensor(normal: [options.order, heads, heads], deviation: deviation, using: &random))
    }
    if options.hasResidualConvolution {
      var linear = LongConvolutionOptions()
      linear.isLinear = true
      residual = LongConvolution(
        makeFilter(channels, &random), channels: channels, options: linear, using: &random)
    }
    output = Linear(inputs: width, outputs: channels, using: &random)
    spectra = Self.emptySpectra(options)
  }

  /// The operator of another with other filters of as many channels.
  init<Other>(
    _ other: HyenaOperator<Other>, filter: Filter, residual: LongConvolution<Filter>?
  ) {
    require(
      filter.channels == other.filter.channels,
      "HyenaOperator: a filter of \(filter.channels) channels for one of \(other.filter.channels)")
    (options, channels) = (other.options, other.channels)
    (input, short, output) = (other.input, other.short, other.output)
    (skip, headMixing) = (other.skip, other.headMixing)
    (self.filter, self.residual) = (filter, residual)
    spectra = Self.emptySpectra(options)
  }

  private static func emptySpectra(_ options: HyenaOptions) -> [FilterSpectrumCache] {
    (1..<options.order).map { _ in FilterSpectrumCache() }
  }

  /// The inner width.
  var width: Int { channels * options.innerFactor }

  /// Applies the operator to `[batch, length, channels]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    require(
      x.shape.rank == 3 && x.shape[2] == channels,
      "HyenaOperator: input \(x.shape) is not [batch, length, \(channels)]")
    var parts = projections(x)
    if filter.isBidirectional {
      // What a gate makes zero does not reach the convolution behind it.
      for part in 1..<options.order { parts[part] = parts[part].masked(mask) }
    }
    var y = recurrence(parts.map(blocked))
    if y.shape[1] != x.shape[1] || y.shape[0] != x.shape[0] {
      y = y.reshaped(x.shape[0], -1, width)
      if y.shape[1] > x.shape[1] { y = y.sliced(axis: 1, 0..<x.shape[1]) }
    }
    guard let residual else {
      guard let bias = output.bias, options.activation != .identity else {
        return output(options.activation(y))
      }
      return y.projected(
        weight: output.weight(on: x.tape), bias: bias(on: x.tape),
        inputActivation: options.activation, activation: .identity)
    }
    return output(options.activation(y) + residual(x, mask: mask))
  }

  /// x⁰, x¹, … and v, `[batch, length, innerWidth]` each.
  private func projections(_ x: Variable) -> [Variable] {
    let weight = input.weight(on: x.tape)
    let bias = input.bias?(on: x.tape)
    return (0...options.order).map { part in
      let columns = part * width..<(part + 1) * width
      let z = x.linear(
        weight: weight.sliced(axis: 0, columns), bias: bias?.sliced(axis: 0, columns))
      return short(z, channels: columns)
    }
  }

  /// The blocks of the sequences as sequences of their own; the last is padded.
  private func blocked(_ x: Variable) -> Variable {
    guard let block = options.blockLength, block < x.shape[1] else { return x }
    let count = (x.shape[1] + block - 1) / block
    let whole = x.padded(axis: 1, after: count * block - x.shape[1])
    return whole.reshaped(x.shape[0] * count, block, width)
  }

  /// x⁰·v after all steps.
  private func recurrence(_ parts: [Variable]) -> Variable {
    var v = parts[options.order]
    let taps = v.tape.map { filter.taps(length: v.shape[1], on: $0) }
    if v.tape != nil { for cache in spectra { cache.removeAll() } }
    for step in 0..<options.order - 1 {
      let gate = parts[options.order - 1 - step]
      let closes = step == options.order - 2 && headMixing == nil
      let postGate = closes ? parts[0] : nil
      if options.mixesOuter || (options.dropout > 0 && v.tape != nil) {
        v = gated(v, by: gate).dropout(options.dropout)
        v = convolved(v, step, taps, preGate: nil, postGate: postGate)
      } else {
        v = convolved(v, step, taps, preGate: gate, postGate: postGate)
      }
      if let headMixing { v = mixed(v, headMixing(on: v.tape), step) }
    }
    return headMixing == nil ? v : v * parts[0]
  }

  /// The gate's product with v, or the sum of their outer product.
  func gated(_ v: Variable, by gate: Variable) -> Variable {
    guard options.mixesOuter else { return v * gate }
    let (rows, heads) = (v.shape.rows, options.heads)
    let sums = gate.reshaped(rows, width / heads, heads).sum(axis: 1).reshaped(rows, 1, heads)
    return (v.reshaped(rows, width / heads, heads) * sums).reshaped(to: v.shape)
  }

  /// Σ over heads k of w[k, m]·vₖ.
  func mixed(_ v: Variable, _ weights: Variable, _ step: Int) -> Variable {
    let heads = options.heads
    let weight = weights.sliced(axis: 0, step..<step + 1).reshaped(heads, heads)
    return v.reshaped(-1, heads).matmul(weight).reshaped(to: v.shape)
  }

  /// postGate·(h * (preGate·v) + skip·(preGate·v)) with the filter of a step.
  private func convolved(
    _ v: Variable, _ step: Int, _ taps: Variable?, preGate: Variable?, postGate: Variable?
  ) -> Variable {
    let boundary: Boundary = filter.isBidirectional ? .twoSided : .causal
    let skip = skip.map { expanded(columns(of: $0(on: v.tape).reshaped(1, -1), step)) }
    if let taps {
      return v.convolved(
        with: columns(of: taps, step), boundary: boundary, skip: skip, preGate: preGate,
        postGate: postGate)
    }
    let length = v.shape[1]
    let convolution = spectra[step].convolution(
      length: length, channels: width, boundary: boundary,
      madeFrom: filter.parameters.map(\.parameter.value)
    ) { columns(of: filter.taps(length: length, on: nil), step).value }
    return Variable(
      convolution(
        ConvolutionOperands(
          input: v.value, skip: skip?.value, preGate: preGate?.value, postGate: postGate?.value)))
  }

  /// The filter channels of a step, `[rows, innerWidth/heads]`.
  func columns(of x: Variable, _ step: Int) -> Variable {
    let (steps, perHead) = (options.order - 1, width / options.heads)
    guard steps > 1 else { return x }
    switch options.filterOrder {
    case .stacked: return x.sliced(axis: 1, step * perHead..<(step + 1) * perHead)
    case .interleaved:
      return x.reshaped(-1, steps).sliced(axis: 1, step..<step + 1).reshaped(-1, perHead)
    }
  }

  /// A row for each head: `[innerWidth]` from `[1, innerWidth/heads]`.
  func expanded(_ row: Variable) -> Variable {
    guard options.heads > 1 else { return row.reshaped(-1) }
    let ones = Tensor(repeating: 1, shape: [1, options.heads])
    return row.reshaped(-1, 1).matmul(Variable(ones)).reshaped(-1)
  }

  /// Visits `input`, `short`, `filter`, `skip`, `head_mixing`, `residual`, `output`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("input", &input, body)
    visit("short", &short, body)
    visit("filter", &filter, body)
    skip.forEachValue { body("skip", &$0) }
    headMixing.forEachValue { body("head_mixing", &$0) }
    visit("residual", &residual, body)
    visit("output", &output, body)
  }
}

extension HyenaOperator: ReferenceCompatible where Filter: ReferenceCompatible {
  /// The names of safari's `HyenaOperator`, and `filter_fn2` of Monarch Mixer.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    func same(_ name: String, _ parameter: inout Parameter) {
      let shape = parameter.value.shape
      body(ReferenceTensor(name, shape: shape, ours: shape), &parameter)
    }
    input.forEachParameter { same("in_proj.\($0)", &$1) }
    output.forEachParameter { same("out_proj.\($0)", &$1) }
    visitReferences("short_filter", &short, body)
    visitReferences("filter_fn", &filter, body)
    skip.forEachValue { same("filter_fn.bias", &$0) }
    headMixing.forEachValue { same("ord_proj_w", &$0) }
    guard var second = residual else { return }
    visitReferences("filter_fn2", &second.filter, body)
    same("filter_fn2.bias", &second.skip)
    residual = second
  }
}
