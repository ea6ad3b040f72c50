public import Differentiation
public import Layers
public import SequenceTensor
import SpectralCore

/// What the Fourier neural operator of the paper is made of.
public struct PublishedFourierNeuralOperatorOptions: Sendable, Hashable, Codable {
  /// The channels of the input, without coordinates.
  public var inputs: Int
  /// The channels of the result.
  public var outputs = 1
  /// The frequencies kept of each grid axis: 0 ..< m of the last, -m ..< m of the others.
  public var frequencies: [Int]
  /// The channels between.
  public var width: Int
  /// The number of Fourier layers.
  public var layers = 4
  /// The channels between the two maps behind them.
  public var projection = 128
  /// Zeros behind the end of each grid axis while it is in the layers, in points.
  public var padding: [Int]
  /// Coordinates that are joined to the input, from 0 to 1 with the end; nil for none.
  public var coordinates: GridCoordinates?

  /// Creates options for a net without padding.
  public init(inputs: Int, outputs: Int = 1, frequencies: [Int], width: Int) {
    self.inputs = inputs
    self.outputs = outputs
    self.frequencies = frequencies
    self.width = width
    padding = Array(repeating: 0, count: frequencies.count)
    coordinates = GridCoordinates(axes: frequencies.count, includesEnd: true)
  }

  /// That of Burgers' equation: 16 frequencies, 64 channels (`fourier_1d.py`).
  public static let burgers = Self(inputs: 1, frequencies: [16], width: 64)

  /// That of Darcy flow: 12 frequencies, 32 channels, 9 points of padding (`fourier_2d.py`).
  public static let darcy: Self = {
    var options = Self(inputs: 1, frequencies: [12, 12], width: 32)
    options.padding = [9, 9]
    return options
  }()

  /// That of the Navier-Stokes equations, step by step from ten frames: 12 frequencies, 20 channels
  /// (`fourier_2d_time.py`).
  public static let navierStokesStep = Self(inputs: 10, frequencies: [12, 12], width: 20)

  /// That of the Navier-Stokes equations, all times at once from ten frames: 8 frequencies, 20
  /// channels, 6 points of padding of the time (`fourier_3d.py`).
  public static let navierStokes: Self = {
    var options = Self(inputs: 10, frequencies: [8, 8, 8], width: 20)
    options.padding = [0, 0, 6]
    return options
  }()

  /// The spectral convolutions of the layers.
  var convolution: SpectralConvolutionOptions {
    let last = frequencies.count - 1
    // Twice as many of the leading axes, both signs; of the last those that halving leaves.
    var options = SpectralConvolutionOptions(
      modes: frequencies.enumerated().map { $0 == last ? 2 * ($1 - 1) : 2 * $1 })
    if frequencies[last] == 1 { options.modes[last] = 1 }
    options.normalization = .backward
    options.hasBias = false
    return options
  }
}

/// The Fourier neural operator as its paper's scripts have it.
///
/// With P and Q linear maps of the channels, a layer is x ↦ g(F⁻¹(R·F(x)) + W·x + b) with g = GELU,
/// and none in the last; then Q₂·g(Q₁·x). Each layer is one primitive here. The corner blocks of
/// weights in the scripts are one array of modes here, in the order of frequencies; they start at
/// s·(U + iU) with U uniform in [0, 1) and s = 1/width², so with a mean that is not zero, as there.
/// A grid with fewer modes than there are weights uses those in the middle; the scripts then
/// overwrite one block by another.
///
/// The number of parameters, a complex one counting twice, is that of the scripts: 549,569 for
/// `.burgers` and 2,368,001 for `.darcy`. For `.navierStokes` it is 6,558,377: the scripts' 6,558,537
/// include 160 of batch normalisations that they do not use.
///
/// Source: Li et al., "Fourier neural operator for parametric partial differential equations" (2021),
/// and the authors' scripts `fourier_1d.py`, `fourier_2d.py`, `fourier_2d_time.py` and
/// `fourier_3d.py`.
public struct PublishedFourierNeuralOperator: NeuralOperator {
  /// P, from the input and its coordinates.
  public var lifting: Linear
  /// R of each layer.
  public var convolutions: [SpectralConvolution]
  /// W and b of each layer.
  public var maps: [Linear]
  /// Q₁.
  public var projection: Linear
  /// Q₂.
  public var output: Linear
  /// What it is made of.
  public let options: PublishedFourierNeuralOperatorOptions

  /// Creates an operator with random weights.
  public init(options: PublishedFourierNeuralOperatorOptions, using random: inout RandomSource) {
    let (axes, width) = (options.frequencies.count, options.width)
    require(
      (1...3).contains(axes) && options.frequencies.allSatisfy { $0 > 0 } && width > 0
        && options.layers > 0 && options.padding.count == axes
        && options.padding.allSatisfy { $0 >= 0 }
        && options.coordinates.map { $0.boundaries.count == axes } ?? true,
      "PublishedFourierNeuralOperator: frequencies \(options.frequencies), padding"
        + " \(options.padding), width \(width), \(options.layers) layers")
    lifting = Linear(
      inputs: options.inputs + (options.coordinates == nil ? 0 : axes), outputs: width,
      using: &random)
    convolutions = (0..<options.layers).map { _ in
      var layer = SpectralConvolution(
        inputs: width, outputs: width, options: options.convolution, using: &random)
      let scale = 1 / Float(width * width)
      if case .dense(var weight) = layer.weight {
        weight.value = Tensor(uniform: weight.value.shape, from: 0, to: scale, using: &random)
        layer.weight = .dense(weight)
      }
      return layer
    }
    maps = (0..<options.layers).map { _ in Linear(inputs: width, outputs: width, using: &random) }
    projection = Linear(inputs: width, outputs: options.projection, using: &random)
    output = Linear(inputs: options.projection, outputs: options.outputs, using: &random)
    self.options = options
  }

  /// Applies the operator.
  ///
  /// - Parameters:
  ///   - field: `[batch, x, (y, (z,)) inputs]`.
  ///   - outputGrid: the field's own grid, or nil.
  /// - Precondition: the scripts' net does not change the grid.
  public func callAsFunction(_ field: Variable, outputGrid: Shape?) -> Variable {
    let axes = options.frequencies.count
    let sizes = field.shape.sizes
    require(
      sizes.count == axes + 2 && sizes.last == options.inputs
        && outputGrid.map { $0.sizes == Array(sizes[1...axes]) } ?? true,
      "PublishedFourierNeuralOperator: field \(field.shape) is not [batch, \(axes) axes,"
        + " \(options.inputs) channels], or another grid \(outputGrid.map { "\($0)" } ?? "")")
    let padding = DomainPadding([0], isSymmetric: false)
    var x = lifting(options.coordinates?.appended(to: field) ?? field)
    x = padding.padded(x, by: options.padding)
    for (index, convolution) in convolutions.enumerated() {
      let map = maps[index]
      let activation: Activation = index == convolutions.count - 1 ? .identity : .gelu
      let bias = map.bias?(on: x.tape)
      x =
        convolution.fused(
          x, linear: map.weight(on: x.tape), bias: bias, activation: activation)
        ?? activation(convolution(x) + map(x))
    }
    x = padding.cropped(x, by: options.padding)
    return projection.followed(by: output, activation: .gelu, x)
  }

  /// Visits lifting, convolutions, maps, projection and output.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("lifting", &lifting, body)
    visit("convolutions", &convolutions, body)
    visit("maps", &maps, body)
    visit("projection", &projection, body)
    visit("output", &output, body)
  }
}
