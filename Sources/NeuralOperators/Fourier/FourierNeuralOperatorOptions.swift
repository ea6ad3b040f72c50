import SequenceTensor

/// What a Fourier neural operator is made of.
///
/// The defaults are those of `FNO` of neuraloperator 2.0 (`neuralop/models/fno.py`); the two ways to
/// compute in half precision there have no counterpart here.
public struct FourierNeuralOperatorOptions: Sendable, Hashable, Codable {
  /// The channels of the input, without coordinates.
  public var inputs: Int
  /// The channels of the result.
  public var outputs: Int
  /// The channels between.
  public var channels: Int
  /// The number of blocks.
  public var layers = 4
  /// The inner channels of the perceptron in front of the blocks, as a multiple of `channels`.
  public var liftingRatio = 2.0
  /// The inner channels of the perceptron behind the blocks, as a multiple of `channels`.
  public var projectionRatio = 2.0
  /// The coordinates that are joined to the input, by default from 0 to 1 without the end; nil for
  /// none.
  public var coordinates: GridCoordinates?
  /// The zeros round the grid while it is in the blocks.
  public var padding: DomainPadding?
  /// How many times as many points of each axis come out of each block as go in: `[layers][axes]`;
  /// nil for as many.
  public var scaling: [[Double]]?
  /// What the blocks are made of.
  public var block: FourierBlockOptions

  /// Creates the defaults.
  ///
  /// - Parameters:
  ///   - modes: the modes of each grid axis, negative frequencies included.
  ///   - inputs: the channels of the input.
  ///   - outputs: the channels of the result.
  ///   - channels: the channels between.
  public init(modes: [Int], inputs: Int, outputs: Int, channels: Int) {
    self.inputs = inputs
    self.outputs = outputs
    self.channels = channels
    coordinates = GridCoordinates(axes: modes.count)
    block = FourierBlockOptions(modes: modes)
  }

  /// The number of grid axes.
  public var axes: Int { block.convolution.axes }

  /// The block of a layer, with its scaling.
  func block(layer: Int) -> FourierBlockOptions {
    var options = block
    if let scaling { options.convolution.resolutionScaling = scaling[layer] }
    return options
  }

  /// How many times as many points of each axis come out of the model as go in.
  var wholeScaling: [Double] {
    (scaling ?? []).reduce(Array(repeating: 1, count: axes)) { zip($0, $1).map { $0 * $1 } }
  }

  func check() {
    require(
      inputs > 0 && outputs > 0 && channels > 0 && layers > 0,
      "FourierNeuralOperator: \(inputs) inputs, \(channels) channels, \(outputs) outputs,"
        + " \(layers) layers")
    require(
      coordinates.map { $0.boundaries.count == axes } ?? true,
      "FourierNeuralOperator: coordinates of other than \(axes) axes")
    require(
      scaling.map { $0.count == layers && $0.allSatisfy { $0.count == axes } } ?? true,
      "FourierNeuralOperator: scaling \(scaling ?? []) of \(layers) layers and \(axes) axes")
  }
}
