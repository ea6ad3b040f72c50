public import Differentiation
import Layers
public import SequenceTensor

/// The factorized Fourier neural operator (F-FNO).
///
/// With P the lifting, Q the head, two linear maps without a nonlinearity between them, and L layers,
///
///     x₀ = P(u, coordinates),   b_l = f_l(Σ_axis K_axis x_l),   x_(l+1) = x_l + b_l,   v = Q(b_L).
///
/// A convolution K goes along one axis at a time, so weights grow with the sum of the numbers of
/// modes and not with their product. The head reads the last layer's result, not the sum.
///
/// Source: Tran, Mathews, Xie and Ong, "Factorized Fourier neural operators" (2023), and the
/// authors' `FNOFactorizedMesh2D` and `FNOFactorized2DBlock` (fourierflow, `modules/factorized_fno`).
/// Here in one to three dimensions; without the fork into forecast and backcast that the authors
/// turned off.
///
/// - Complexity: for each layer and axis the transform of the axis, and products of
///   `[points·modes/n, width]` with complex `[width, width]`.
public struct FactorizedFourierNeuralOperator: NeuralOperator {
  /// The sizes.
  public let options: FactorizedFourierOptions
  /// P.
  public var lifting: WeightNormalizedLinear
  /// The convolutions that all layers share; empty if each has its own.
  public var sharedConvolutions: [AxisSpectralConvolution]
  /// The layers.
  public var layers: [FactorizedFourierLayer]
  /// Q.
  public var head: [WeightNormalizedLinear]

  /// Creates an operator with random weights.
  ///
  /// - Precondition: there are 1 to 3 axes of modes; all sizes are positive; coordinates have as
  ///   many axes.
  public init(_ options: FactorizedFourierOptions, using random: inout RandomSource) {
    require(
      (1...3).contains(options.modes.count) && options.modes.allSatisfy { $0 > 0 }
        && options.width > 0 && options.layers > 0 && options.feedForwardLayers > 0
        && options.feedForwardFactor > 0 && options.headWidth > 0 && options.padding >= 0
        && options.activation.inputFactor == 1 && options.inputChannels > 0
        && options.outputChannels > 0
        && options.coordinates?.boundaries.count ?? options.modes.count == options.modes.count,
      "FactorizedFourierNeuralOperator: sizes that make no operator: \(options)")
    self.options = options
    let coordinates = options.coordinates?.boundaries.count ?? 0
    let normalized = options.normalizesWeights
    lifting = WeightNormalizedLinear(
      inputs: options.inputChannels + coordinates, outputs: options.width,
      isNormalized: normalized, using: &random)
    sharedConvolutions =
      options.sharesWeights
      ? FactorizedFourierLayer.convolutions(options, using: &random) : []
    layers = (0..<options.layers).map { _ in FactorizedFourierLayer(options, using: &random) }
    head = [
      WeightNormalizedLinear(
        inputs: options.width, outputs: options.headWidth, isNormalized: normalized,
        using: &random),
      WeightNormalizedLinear(
        inputs: options.headWidth, outputs: options.outputChannels, isNormalized: normalized,
        using: &random),
    ]
  }

  /// Applies the operator.
  ///
  /// - Parameters:
  ///   - field: `[batch, x, (y, (z,)) input channels]`.
  ///   - outputGrid: the grid of the result; what the last layer gives is resampled to it by its
  ///     Fourier modes.
  /// - Precondition: as many grid axes as the options have numbers of modes.
  public func callAsFunction(_ field: Variable, outputGrid: Shape?) -> Variable {
    let axes = options.modes.count
    require(
      field.shape.rank == axes + 2 && field.shape.last == options.inputChannels,
      "FactorizedFourierNeuralOperator: field \(field.shape) is not [batch, \(axes) grid axes,"
        + " \(options.inputChannels) channels]")
    let grid = Shape(Array(field.shape.sizes[1...axes]))
    var x = lifting(options.coordinates?.appended(to: field) ?? field)
    for axis in 1...axes where options.padding > 0 {
      x = x.padded(axis: axis, after: options.padding)
    }
    var change = x
    for (index, layer) in layers.enumerated() {
      change = layer(
        x, convolutions: options.sharesWeights ? sharedConvolutions : layer.convolutions)
      if index < layers.count - 1 { x = x + change }
    }
    for axis in 1...axes where options.padding > 0 {
      change = change.sliced(axis: axis, 0..<grid[axis - 1])
    }
    if let outputGrid, outputGrid != grid { change = change.resampledByModes(to: outputGrid) }
    return head.reduce(change) { $1($0) }
  }

  /// Visits lifting, shared convolutions, layers and head.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("lifting", &lifting, body)
    visit("convolutions", &sharedConvolutions, body)
    visit("layers", &layers, body)
    visit("head", &head, body)
  }
}
