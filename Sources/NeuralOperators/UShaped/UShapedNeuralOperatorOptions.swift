import SequenceTensor

/// What a U-shaped neural operator is made of.
///
/// The defaults are those of `UNO` of neuraloperator 2.0 (`neuralop/models/uno.py`).
public struct UShapedNeuralOperatorOptions: Sendable, Hashable, Codable {
  /// One block: what it gives.
  public struct Layer: Sendable, Hashable, Codable {
    /// The channels that come out.
    public var channels: Int
    /// The modes of each grid axis, negative frequencies included.
    public var modes: [Int]
    /// How many times as many points of each axis come out as go in.
    public var scaling: [Double]

    /// Creates a layer.
    public init(channels: Int, modes: [Int], scaling: [Double]) {
      self.channels = channels
      self.modes = modes
      self.scaling = scaling
    }
  }

  /// The channels of the input, without coordinates.
  public var inputs: Int
  /// The channels of the result.
  public var outputs: Int
  /// The channels that the first block gets.
  public var channels: Int
  /// The blocks, first to last.
  public var layers: [Layer]
  /// The inner channels of the perceptron in front of the blocks.
  public var liftingChannels = 256
  /// The inner channels of the perceptron behind the blocks.
  public var projectionChannels = 256
  /// The coordinates that are joined to the input; nil for none.
  public var coordinates: GridCoordinates?
  /// The zeros round the grid while it is in the blocks.
  public var padding: DomainPadding?
  /// For each block that gets an earlier one's result beside its own input, which that is.
  ///
  /// By default the last blocks get those of the first in reverse order.
  public var horizontalSkips: [Int: Int]
  /// What the results pass on their way.
  public var horizontalSkip: SkipKind = .linear
  /// What the blocks are made of; modes and scaling are those of the layers.
  public var block: FourierBlockOptions

  /// Creates the defaults.
  public init(inputs: Int, outputs: Int, channels: Int, layers: [Layer]) {
    self.inputs = inputs
    self.outputs = outputs
    self.channels = channels
    self.layers = layers
    let modes = layers.first?.modes ?? []
    coordinates = GridCoordinates(axes: modes.count)
    block = FourierBlockOptions(modes: modes)
    horizontalSkips = Dictionary(
      uniqueKeysWithValues: (0..<layers.count / 2).map { (layers.count - 1 - $0, $0) })
  }

  /// The number of grid axes.
  public var axes: Int { layers.first?.modes.count ?? 0 }

  /// How many times as many points of each axis come out of the model as go in.
  var wholeScaling: [Double] {
    layers.reduce(Array(repeating: 1, count: axes)) { zip($0, $1.scaling).map { $0 * $1 } }
  }

  /// The channels that go into a block.
  func inputs(of layer: Int) -> Int {
    let before = layer == 0 ? channels : layers[layer - 1].channels
    return before + (horizontalSkips[layer].map { layers[$0].channels } ?? 0)
  }

  func check() {
    require(
      inputs > 0 && outputs > 0 && channels > 0 && !layers.isEmpty && liftingChannels > 0
        && projectionChannels > 0 && layers.allSatisfy { $0.channels > 0 },
      "UShapedNeuralOperator: \(inputs) inputs, \(channels) channels, \(outputs) outputs,"
        + " \(layers.count) layers")
    require(
      layers.allSatisfy { $0.modes.count == axes && $0.scaling.count == axes }
        && coordinates.map { $0.boundaries.count == axes } ?? true,
      "UShapedNeuralOperator: modes, scalings or coordinates of different numbers of axes")
    require(
      horizontalSkips.allSatisfy { layers.indices.contains($0) && (0..<$0).contains($1) },
      "UShapedNeuralOperator: horizontal skips \(horizontalSkips) of \(layers.count) layers")
    require(
      !block.convolution.hasComplexData, "UShapedNeuralOperator: complex data is not supported")
  }
}
