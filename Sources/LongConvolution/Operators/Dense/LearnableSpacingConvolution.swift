public import Differentiation
public import Layers
public import SequenceTensor

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
  /// Zeros before and after the sequence ("padding"); `nil` as many as keep its length, half the
  /// kernel.
  public var padding: Int?
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
        && options.padding ?? 0 >= 0,
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

  /// `[batch, length + 2·padding - kernelLength + 1, outputs]` from `[batch, length, inputs]`; the
  /// length stays without a given padding.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    let (size, shape) = (options.kernelLength, weights.value.shape)
    let padding = options.padding ?? size / 2
    let length = options.padding == nil ? x.shape[1] : x.shape[1] + 2 * padding - size + 1
    require(
      x.shape.rank == 3 && x.shape[2] == shape[1] * options.groups && length >= 0,
      "LearnableSpacingConvolution: \(shape[1] * options.groups) inputs, kernel \(size),"
        + " padding \(padding) for \(x.shape) [batch, length, inputs]")
    let u = x.masked(mask)
    // Tap t of the correlation is lag padding - t.
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
        with: part, firstLag: padding - size + 1, outputLength: length)
    }
    let y = parts.count == 1 ? parts[0] : Variable.concatenated(parts, axis: -1)
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
