public import Differentiation
public import Layers
public import SequenceTensor

/// What a convolution sees beyond the ends of a sequence, by PyTorch's names.
public enum PaddingMode: String, Sendable, Hashable, CaseIterable, Codable {
  /// Zeros.
  case zeros
  /// The sequence mirrored at its first and last position, which are not repeated.
  case reflect
  /// The first and the last position.
  case replicate
  /// The sequence again.
  case circular
}

/// The settings of a `LearnableSpacingConvolution`, with the defaults of its authors' code.
public struct LearnableSpacingOptions: Sendable, Hashable, Codable {
  /// How many weights a kernel has ("kernel_count").
  public var points = 3
  /// How many taps they are spread over ("dilated_kernel_size").
  public var kernelLength = 9
  /// How a weight between two taps is shared out ("version").
  public var interpolation: SpacingInterpolation = .gaussian
  /// How many groups of channels see only themselves ("groups").
  public var groups = 1
  /// Positions before and after the sequence ("padding"); `nil` as many as keep its length, half the
  /// kernel.
  public var padding: Int?
  /// What they hold ("padding_mode").
  public var paddingMode = PaddingMode.zeros
  /// The distance of the positions that are computed ("stride").
  public var stride = 1
  /// Whether there is a bias ("bias").
  public var hasBias = true

  /// The defaults.
  public init() {}
}

/// A dilated convolution whose spacings are learned (DCLS), in one dimension.
///
/// Khalfaoui-Hassani, Pellegrini and Masquelier, "Dilated convolution with learnable spacings", 2023,
/// and "… beyond bilinear interpolation", 2023, as `Dcls1d` of `DCLS/construct/modules.py`. Tap t of
/// the kernel is Σ_p w_p·s(t - P_p - size/2), a correlation as in PyTorch: tap t meets the input t -
/// padding positions ahead. Weights and bias start uniform in ±1/√(inputs/groups·points), places as
/// N(0, 0.5²) kept within ±size/2, σ as 0.23 (Gaussian) or 0.
public struct LearnableSpacingConvolution: SequenceMixer, ReferenceCompatible {
  /// The settings.
  public let options: LearnableSpacingOptions
  /// w, `[outputs, inputs/groups, points]`.
  public var weights: Parameter
  /// P, as `weights`, relative to the middle of the kernel.
  public var places: Parameter
  /// σ, as `weights`.
  public var widths: Parameter?
  /// b, `[outputs]`.
  public var bias: Parameter?

  /// Creates a layer.
  ///
  /// - Precondition: sizes are positive, and groups divide inputs and outputs.
  public init(
    inputs: Int, outputs: Int, options: LearnableSpacingOptions = LearnableSpacingOptions(),
    using random: inout RandomSource
  ) {
    require(
      inputs > 0 && outputs > 0 && options.points > 0 && options.kernelLength > 0
        && options.groups > 0 && inputs % options.groups == 0 && outputs % options.groups == 0
        && options.padding ?? 0 >= 0 && options.stride > 0,
      "LearnableSpacingConvolution: \(inputs) inputs, \(outputs) outputs, \(options)")
    self.options = options
    let shape: Shape = [outputs, inputs / options.groups, options.points]
    let bound = 1 / Float(shape[1] * shape[2]).squareRoot()
    weights = Parameter(Tensor(uniform: shape, from: -bound, to: bound, using: &random))
    places = Parameter(Tensor(normal: shape, deviation: 0.5, using: &random))
    if options.interpolation.hasWidth {
      let width: Float = options.interpolation == .gaussian ? 0.23 : 0
      widths = Parameter(Tensor(repeating: width, shape: shape))
    }
    if options.hasBias {
      bias = Parameter(
        Tensor(uniform: [outputs], from: -bound, to: bound, using: &random),
        ParameterOptions(weightDecay: 0))
    }
    clipPlaces()
  }

  /// Keeps the places on the kernel, to be called after each step of an optimiser.
  public mutating func clipPlaces() {
    let limit = Float(options.kernelLength / 2)
    places.value = Tensor(
      places.value.elements.map { min(max($0, -limit), limit) }, shape: places.value.shape)
  }

  /// The taps, `[kernelLength, outputs, inputs/groups]`, row t as in the original.
  public func kernel(on tape: Tape?) -> Variable {
    let shape = weights.value.shape
    return Variable.spacedKernel(
      weights: weights(on: tape), places: places(on: tape), widths: widths?(on: tape),
      size: options.kernelLength, interpolation: options.interpolation
    ).reshaped(options.kernelLength, shape[0], shape[1])
  }

  /// The shortest sequence that the layer takes: it fills the kernel, and what is mirrored or
  /// repeated of it.
  public var shortestLength: Int {
    let padding = options.padding ?? options.kernelLength / 2
    let filling = options.padding == nil ? 1 : max(1, options.kernelLength - 2 * padding)
    switch options.paddingMode {
    case .zeros, .replicate: return filling
    case .reflect: return max(filling, padding + 1)
    case .circular: return max(filling, padding)
    }
  }

  /// `[batch, (length + 2·padding - kernelLength)/stride + 1, outputs]` from `[batch, length, inputs]`;
  /// the length, divided by the stride, stays without a given padding.
  ///
  /// What a mask leaves out counts as zeros, and modes of padding other than zeros see the ends of
  /// the padded length.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    let (size, shape) = (options.kernelLength, weights.value.shape)
    let padding = options.padding ?? size / 2
    require(
      x.shape.rank == 3 && x.shape[2] == shape[1] * options.groups
        && x.shape[1] >= (options.paddingMode == .zeros ? size - 2 * padding - 1 : shortestLength),
      "LearnableSpacingConvolution: \(shape[1] * options.groups) inputs, kernel \(size),"
        + " padding \(padding) of \(options.paddingMode) for \(x.shape) [batch, length, inputs]")
    let length = options.padding == nil ? x.shape[1] : x.shape[1] + 2 * padding - size + 1
    let isPadded = options.paddingMode != .zeros && padding > 0
    let u = isPadded ? x.masked(mask).padded(padding, options.paddingMode) : x.masked(mask)
    // Tap t of the correlation is lag padding - t, or -t of what is padded already.
    let newest = isPadded ? 0 : padding
    let taps = kernel(on: x.tape).flipped(axis: 0)
    let (inputs, outputs) = (shape[1], shape[0] / options.groups)
    let parts = (0..<options.groups).map { group -> Variable in
      let channels =
        options.groups == 1
        ? u : u.sliced(axis: 2, group * inputs..<(group + 1) * inputs)
      let part =
        options.groups == 1
        ? taps : taps.sliced(axis: 1, group * outputs..<(group + 1) * outputs)
      return channels.convolvedDensely(
        with: part, firstLag: newest - size + 1, outputLength: length)
    }
    let whole = parts.count == 1 ? parts[0] : Variable.concatenated(parts, axis: -1)
    let y = whole.strided(by: options.stride)
    guard let bias else { return y }
    return y + bias(on: x.tape)
  }

  /// Visits `weight`, `P`, `SIG`, `bias`, under the authors' names.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("weight", &weights)
    body("P", &places)
    widths.forEachValue { body("SIG", &$0) }
    bias.forEachValue { body("bias", &$0) }
  }

  /// The authors' tensors; places and widths have an axis for the dimension in front.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    forEachParameter { name, parameter in
      let shape = parameter.value.shape
      let theirs = name == "P" || name == "SIG" ? Shape([1] + shape.sizes) : shape
      body(ReferenceTensor(name, shape: theirs, ours: shape), &parameter)
    }
  }
}

extension Variable {
  /// `[batch, length + 2·count, channels]`: a sequence with positions of its own at both ends.
  fileprivate func padded(_ count: Int, _ mode: PaddingMode) -> Variable {
    let length = shape[1]
    func part(_ range: Range<Int>) -> Variable { sliced(axis: 1, range) }
    switch mode {
    case .zeros: return padded(axis: 1, before: count, after: count)
    case .reflect:
      return .concatenated(
        [
          part(1..<count + 1).flipped(axis: 1), self,
          part(length - 1 - count..<length - 1).flipped(axis: 1),
        ], axis: 1)
    case .replicate:
      let (first, last) = (part(0..<1), part(length - 1..<length))
      return .concatenated(
        Array(repeating: first, count: count) + [self] + Array(repeating: last, count: count),
        axis: 1)
    case .circular:
      return .concatenated([part(length - count..<length), self, part(0..<count)], axis: 1)
    }
  }

  /// Every `step`-th position of `[batch, length, channels]`, from the first on.
  fileprivate func strided(by step: Int) -> Variable {
    guard step > 1 else { return self }
    let (batch, length, channels) = (shape[0], shape[1], shape[2])
    let count = (length + step - 1) / step
    return padded(axis: 1, after: count * step - length)
      .reshaped(batch, count, step, channels).sliced(axis: 2, 0..<1)
      .reshaped(batch, count, channels)
  }
}
