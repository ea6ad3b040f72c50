public import Differentiation
public import Layers
public import SequenceTensor
import SpectralCore

/// The settings of a `GatedConvolution`.
public struct GatedConvolutionOptions: Sendable, Hashable, Codable {
  /// What mixes the positions before they gate.
  public enum Mixing: Sendable, Hashable, Codable {
    /// A depthwise convolution of an odd number of taps; HorNet's has 7.
    case depthwise(taps: Int)
    /// A `GlobalLocalFilter` made for a length.
    case global(length: Int)
  }

  /// n, the order of the interaction ("order").
  public var order = 5
  /// What the mixed values are multiplied with ("s"): 1/3 in HorNet, 1 in its code's default.
  public var scale: Float = 1.0 / 3
  /// What mixes the positions.
  public var mixing = Mixing.depthwise(taps: 7)
  /// Whether the taps look into the past only; the original's are centred.
  public var isCausal = false

  /// The settings of HorNet's last stage.
  public init() {}
}

/// Recursive gated convolution, gⁿConv, in one dimension.
///
/// Rao et al., "HorNet: Efficient high-order spatial interactions with recursive gated convolutions",
/// 2022, section 3.1, as `gnconv` of `hornet.py`: a linear map gives p_0 of C/2^(n-1) channels and
/// q_0, …, q_{n-1} of C/2^(n-1), …, C channels; then p_{k+1} = g_k(p_k)∘f(q_k)·s, where f mixes positions,
/// g_0 is the identity and the others double the channels; a last linear map gives the output. Maps
/// and taps start as N(0, 0.02²), biases as zero.
public struct GatedConvolution: SequenceMixer {
  /// The settings.
  public let options: GatedConvolutionOptions
  /// To p_0 and all q.
  public var input: Linear
  /// f as taps, `[taps, Σ channels]`, row j for lag j - taps/2, or lag j if causal.
  public var taps: Parameter?
  /// Their bias, `[Σ channels]`.
  public var tapsBias: Parameter?
  /// f with a global part.
  public var global: GlobalLocalFilter?
  /// g_1, …, g_{n-1}.
  public var projections: [Linear]
  /// The last map.
  public var output: Linear

  /// Creates a mixer.
  ///
  /// - Precondition: 2^(order - 1) divides the channels; taps are odd unless causal, and a global
  ///   filter is not causal.
  public init(
    channels: Int, options: GatedConvolutionOptions = GatedConvolutionOptions(),
    using random: inout RandomSource
  ) {
    require(
      channels > 0 && options.order > 0 && options.order < 31
        && channels.isMultiple(of: 1 << (options.order - 1)),
      "GatedConvolution: \(channels) channels, \(options)")
    self.options = options
    let widths = Self.widths(channels, order: options.order)
    let total = widths.reduce(0, +)
    func linear(_ inputs: Int, _ outputs: Int, _ random: inout RandomSource) -> Linear {
      var layer = Linear(inputs: inputs, outputs: outputs, using: &random)
      layer.weight.value = Tensor(normal: [outputs, inputs], deviation: 0.02, using: &random)
      layer.bias.forEachValue { $0.value = Tensor(zeros: [outputs]) }
      return layer
    }
    input = linear(channels, widths[0] + total, &random)
    switch options.mixing {
    case .depthwise(let count):
      require(
        count > 0 && (options.isCausal || !count.isMultiple(of: 2)),
        "GatedConvolution: \(count) taps are not odd")
      taps = Parameter(Tensor(normal: [count, total], deviation: 0.02, using: &random))
      tapsBias = Parameter(Tensor(zeros: [total]), ParameterOptions(weightDecay: 0))
    case .global(let length):
      require(!options.isCausal, "GatedConvolution: a global filter is not causal")
      global = GlobalLocalFilter(channels: total, length: length, using: &random)
    }
    projections = zip(widths, widths.dropFirst()).map { linear($0, $1, &random) }
    output = linear(channels, channels, &random)
  }

  /// C/2^(n-1), …, C/2, C.
  static func widths(_ channels: Int, order: Int) -> [Int] {
    (0..<order).reversed().map { channels >> $0 }
  }

  /// Applies the mixer to `[batch, length, channels]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    let channels = output.weight.value.shape[0]
    require(
      x.shape.rank == 3 && x.shape[2] == channels,
      "GatedConvolution: \(x.shape) is not [batch, length, \(channels)]")
    let widths = Self.widths(channels, order: options.order)
    let fused = input(x)
    var p = fused.sliced(axis: 2, 0..<widths[0])
    let q = mixed(fused.sliced(axis: 2, widths[0]..<fused.shape[2]), mask: mask) * options.scale
    var start = 0
    for (index, width) in widths.enumerated() {
      let gate = q.sliced(axis: 2, start..<start + width)
      p = (index == 0 ? p : projections[index - 1](p)) * gate
      start += width
    }
    return output(p)
  }

  private func mixed(_ q: Variable, mask: SequenceMask?) -> Variable {
    if let global { return global(q, mask: mask) }
    guard let taps, let tapsBias else { return q }
    let u = options.isCausal ? q : q.masked(mask)
    return u.convolved(
      with: taps(on: q.tape), boundary: options.isCausal ? .causal : .twoSided)
      + tapsBias(on: q.tape)
  }

  /// Visits `proj_in`, `dwconv`, `pws`, `proj_out`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("proj_in", &input, body)
    taps.forEachValue { body("dwconv.weight", &$0) }
    tapsBias.forEachValue { body("dwconv.bias", &$0) }
    visit("dwconv", &global, body)
    visit("pws", &projections, body)
    visit("proj_out", &output, body)
  }
}
