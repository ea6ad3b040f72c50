public import Differentiation
public import Layers
public import SequenceTensor
import SpectralCore

/// How a long convolution is finished into a sequence mixer.
public struct LongConvolutionOptions: Sendable, Hashable, Codable {
  /// The nonlinearity after the convolution.
  public var activation: Activation = .gelu
  /// Dropout between the nonlinearity and the output projection.
  public var dropout: Float = 0
  /// What that dropout sets to zero together.
  public var dropoutKind: DropoutKind = .channel
  /// The nonlinearity after the output projection, which is made wide enough for it.
  public var outputActivation: Activation = .glu
  /// Whether there is a nonlinearity and an output projection at all.
  public var isLinear = false

  /// The options of S4's and SGConv's experiments: GELU, projection, GLU.
  public init() {}
}

/// y = g(W·f(h * x + D·x)): a depthwise convolution with a long filter, a skip term, a
/// nonlinearity and a projection that mixes the channels.
///
/// The layer of S4 and of SGConv (`GConv` in its authors' code). A filter of `copies·channels`
/// channels sees each input channel `copies` times ("channels" there); the projection brings
/// them back.
public struct LongConvolution<Filter: LongFilter>: SequenceMixer {
  /// The filter.
  public var filter: Filter {
    // Taps may depend on settings that are no parameters.
    didSet { spectra = FilterSpectrumCache() }
  }
  /// Spectra for calls without a tape; copies of a layer share them while their filters are equal.
  private var spectra = FilterSpectrumCache()
  /// D, `[filter channels]`, N(0, 1) at the start.
  public var skip: Parameter
  /// W and its bias.
  public var output: Linear?
  /// How the convolution is finished.
  public let options: LongConvolutionOptions
  /// The number of channels of input and output.
  public let channels: Int

  /// Creates a layer.
  ///
  /// - Precondition: the filter's channels are a multiple of `channels`.
  public init(
    _ filter: Filter, channels: Int, options: LongConvolutionOptions = LongConvolutionOptions(),
    using random: inout RandomSource
  ) {
    require(
      channels > 0 && filter.channels % channels == 0,
      "LongConvolution: a filter of \(filter.channels) channels for \(channels)")
    self.filter = filter
    self.channels = channels
    self.options = options
    skip = Parameter(Tensor(normal: [filter.channels], using: &random))
    output =
      options.isLinear
      ? nil
      : Linear(
        inputs: filter.channels, outputs: channels * options.outputActivation.inputFactor,
        using: &random)
  }

  /// The layer of another with another filter of as many channels.
  init<Other>(_ other: LongConvolution<Other>, filter: Filter) {
    require(
      filter.channels == other.filter.channels,
      "LongConvolution: a filter of \(filter.channels) channels for one of"
        + " \(other.filter.channels)")
    (options, channels) = (other.options, other.channels)
    (skip, output) = (other.skip, other.output)
    self.filter = filter
  }

  /// Applies the layer to `[batch, length, channels]`.
  ///
  /// Without a tape the taps and their spectrum are kept for the next call with the same length
  /// and an unchanged filter: up to two spectra a layer. With a tape they are let go, so that the
  /// optimiser has the parameters to itself.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    // Padding lies in the future of what counts, so only a filter that looks there needs a mask.
    var u = filter.isBidirectional ? x.masked(mask) : x
    let copies = filter.channels / channels
    if copies > 1 { u = .concatenated(Array(repeating: u, count: copies), axis: -1) }
    return finished(convolved(u))
  }

  /// The nonlinearity and the projection, if the layer has them.
  func finished(_ y: Variable) -> Variable {
    guard let output else { return y }
    if let bias = output.bias, options.activation != .glu, options.dropout == 0 {
      return y.projected(
        weight: output.weight(on: y.tape), bias: bias(on: y.tape),
        inputActivation: options.activation, activation: options.outputActivation)
    }
    let inner = options.activation(y).dropout(options.dropout, options.dropoutKind)
    return options.outputActivation(output(inner))
  }

  /// h * u + D·u.
  private func convolved(_ u: Variable) -> Variable {
    let length = u.shape[1]
    let boundary: Boundary = filter.isBidirectional ? .twoSided : .causal
    guard u.tape == nil else {
      spectra.removeAll()
      return u.convolved(
        with: filter.taps(length: length, on: u.tape), boundary: boundary, skip: skip(on: u.tape))
    }
    let convolution = spectra.convolution(
      length: length, channels: filter.channels, boundary: boundary,
      madeFrom: filter.parameters.map(\.parameter.value)
    ) { filter.taps(length: length, on: nil).value }
    return Variable(convolution(ConvolutionOperands(input: u.value, skip: skip.value)))
  }

  /// Visits `filter`, `D`, `output`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("filter", &filter, body)
    body("D", &skip)
    visit("output", &output, body)
  }
}
