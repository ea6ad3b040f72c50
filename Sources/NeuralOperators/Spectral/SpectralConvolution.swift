public import Differentiation
public import Layers
public import SequenceTensor
import SpectralCore

/// A convolution by its Fourier modes: y = F⁻¹(R·F(x)) + b, with a complex matrix R for each kept
/// mode that mixes channels.
///
/// Real data is `[batch, x, (y, (z,)) channels]`, complex data `[…, channels, 2]`. Dense weights are
/// `[modes…, inputs, outputs, 2]` with the modes in the order of `SpectralConvolutionOptions.modes`,
/// initialised from the normal distribution with deviation s = √(2/(inputs + outputs)), real and
/// imaginary parts s/√2 each, biases with deviation s.
///
/// Source: `SpectralConv` of neuraloperator 2.0 (`neuralop/layers/spectral_convolution.py`), after
/// Li et al., "Fourier neural operator for parametric partial differential equations" (2021). Of the
/// modes of a real result, what a real grid cannot have is left out: imaginary parts of mode 0 of the
/// last axis and of half its points, as with `enforce_hermitian_symmetry` there. We deviate where the
/// grid of the result has other sizes than that of the input: the original then moves negative
/// frequencies of all axes but the last to wrong places, and drops the imaginary parts of the
/// input's last mode; here every mode keeps its frequency.
///
/// Complex data follows the original: the last axis of its modes begins at the most negative
/// frequency where they are read (at 0 if there is one axis), and is written as if it began at 0.
/// `modes` of them that cover the grid are therefore shifted by half of them in two and three
/// dimensions, which weights learn around.
///
/// - Complexity: that of the transforms, and 8·batch·modes·inputs·outputs operations.
public struct SpectralConvolution: NeuralOperator {
  /// R, whole or in factors.
  public var weight: SpectralWeight
  /// b, `[outputs]`, real.
  public var bias: Parameter?
  /// The channels that go in.
  public let inputs: Int
  /// The channels that come out.
  public let outputs: Int
  /// What it is made of; `growModes(to:)` changes the modes.
  public private(set) var options: SpectralConvolutionOptions

  /// Creates a layer with random weights.
  ///
  /// - Precondition: there are 1 to 3 axes of modes, no more than the maximum; a separable layer has
  ///   as many outputs as inputs.
  public init(
    inputs: Int, outputs: Int, options: SpectralConvolutionOptions,
    using random: inout RandomSource
  ) {
    options.check(inputs: inputs, outputs: outputs)
    self.inputs = inputs
    self.outputs = outputs
    self.options = options
    let deviation =
      options.initialDeviation ?? (2 / Float(inputs + outputs)).squareRoot()
    weight = SpectralWeight(
      inputs: inputs, outputs: outputs, options: options, deviation: deviation, using: &random)
    bias =
      options.hasBias
      ? Parameter(
        Tensor(normal: [outputs], deviation: deviation, using: &random),
        ParameterOptions(weightDecay: 0)) : nil
  }

  /// Applies the layer.
  ///
  /// - Parameters:
  ///   - x: `[batch, x, (y, (z,)) inputs]`, with a last axis of 2 if data is complex.
  ///   - outputGrid: the grid of the result; nil for that of the options.
  /// - Returns: the same with `outputs` channels on its grid.
  public func callAsFunction(_ x: Variable, outputGrid: Shape? = nil) -> Variable {
    let grid = grid(of: x)
    let outputGrid = self.outputGrid(of: x, wanted: outputGrid)
    let window = ModeWindow(grid: grid, options: options)
    guard options.hasComplexData else {
      let modes = Shape(window.counts)
      let analysis = transform(grid, modes)
      let synthesis = outputGrid == grid ? analysis : transform(outputGrid, modes)
      let y = weight.applied(to: x.spectrum(by: analysis), window: window, options: options)
        .grid(by: synthesis)
      return bias.map { y + $0(on: x.tape) } ?? y
    }
    let y = complexConvolution(x, grid: grid, outputGrid: outputGrid, window: window)
    guard let bias else { return y }
    return y + bias(on: x.tape).reshaped(to: [outputs, 1]).padded(axis: 1, after: 1)
  }

  /// g(F⁻¹(R·F(x)) + W·x + b) in one primitive, for real data and dense weights on one grid.
  ///
  /// - Parameters:
  ///   - x: `[batch, x, (y, (z,)) inputs]`.
  ///   - linear: W, `[outputs, inputs]`.
  ///   - bias: b, if it is not the layer's own.
  ///   - activation: g.
  func fused(
    _ x: Variable, linear: Variable, bias: Variable?, activation: Activation
  ) -> Variable? {
    guard !options.hasComplexData, case .dense(let dense) = weight else { return nil }
    let window = ModeWindow(grid: grid(of: x), options: options)
    return x.fourierLayer(
      spectral: dense(on: x.tape), rows: window.rows, isSeparable: options.isSeparable,
      transform: transform(grid(of: x), Shape(window.counts)), linear: linear,
      bias: bias ?? self.bias?(on: x.tape), activation: activation)
  }

  /// Uses more of the weights' modes, or fewer; `maximumModes` stays.
  ///
  /// - Parameter modes: as in the options.
  /// - Precondition: there are weights for all of them.
  public mutating func growModes(to modes: [Int]) {
    if options.maximumModes == nil { options.maximumModes = options.keptModes }
    options.modes = modes
    options.check(inputs: inputs, outputs: outputs)
  }

  /// The grid of the result for an input.
  func outputGrid(of x: Variable, wanted: Shape?) -> Shape {
    let result = wanted ?? options.outputGrid(of: grid(of: x))
    require(
      result.rank == options.axes && result.count > 0,
      "SpectralConvolution: grid \(result) of the result of \(x.shape)")
    return result
  }

  private func grid(of x: Variable) -> Shape {
    let axes = options.axes
    require(
      x.shape.rank == axes + (options.hasComplexData ? 3 : 2)
        && x.shape[axes + 1] == inputs && (!options.hasComplexData || x.shape.last == 2),
      "SpectralConvolution: input \(x.shape) is not [batch, \(axes) axes, \(inputs)"
        + " channels\(options.hasComplexData ? ", 2" : "")]")
    return Shape(Array(x.shape.sizes[1...axes]))
  }

  private func transform(_ grid: Shape, _ modes: Shape) -> TruncatedTransform {
    TruncatedTransform(gridShape: grid, modeShape: modes, normalization: options.normalization)
  }

  private func complexConvolution(
    _ x: Variable, grid: Shape, outputGrid: Shape, window: ModeWindow
  ) -> Variable {
    let last = options.axes - 1
    let leading = window.counts.dropLast().map { ModeBand.centred($0) }
    let kept = window.counts[last]
    let analysis = ComplexTruncatedTransform(
      gridShape: grid, bands: leading + [last == 0 ? .leading(kept) : .centred(grid[last])],
      normalization: options.normalization)
    let synthesis = ComplexTruncatedTransform(
      gridShape: outputGrid, bands: leading + [.leading(kept)],
      normalization: options.normalization)
    var spectrum = x.spectrum(by: analysis)
    if spectrum.shape[last + 1] != kept {
      spectrum = spectrum.sliced(axis: last + 1, 0..<kept)
    }
    return weight.applied(to: spectrum, window: window, options: options).grid(by: synthesis)
  }

  /// Visits `weight`, then `bias`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("weight", &weight, body)
    bias.forEachValue { body("bias", &$0) }
  }
}

extension SpectralConvolution: ReferenceCompatible {
  /// Visits the weights and the bias `[outputs, 1…]` of `SpectralConv`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    switch weight {
    case .dense(var dense):
      let channels = options.isSeparable ? [inputs] : [inputs, outputs]
      body(.modesLast("weight.tensor", modes: options.weightModes, channels: channels), &dense)
      weight = .dense(dense)
    case .factorized(var factors):
      visitReferences("weight", &factors, body)
      weight = .factorized(factors)
    }
    let shape = Shape([outputs] + Array(repeating: 1, count: options.axes))
    bias.forEachValue { body(ReferenceTensor("bias", shape: shape, ours: [outputs]), &$0) }
  }
}
