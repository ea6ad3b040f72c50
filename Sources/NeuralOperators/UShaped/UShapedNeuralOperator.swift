public import Differentiation
public import Layers
public import SequenceTensor

/// A neural operator whose blocks have grids, modes and channels of their own, smaller in the middle,
/// and whose late blocks get the results of early ones too.
///
/// What a block gets from an earlier one passes a connection and is resampled to its grid, by straight
/// lines, cubic convolution or Fourier modes in one, two or three dimensions. Each block is the last
/// of its own, as in the original, so there are no nonlinearities but those of the perceptrons. A
/// mode keeps its frequency where the grid changes, which it does not in two and three dimensions in
/// the original (see `SpectralConvolution`).
///
/// Source: `UNO` of neuraloperator 2.0 (`neuralop/models/uno.py`), after Rahman, Ross and
/// Azizzadenesheli, "U-NO: U-shaped neural operators" (2022).
public struct UShapedNeuralOperator: NeuralOperator {
  /// The perceptron in front of the blocks, with GELU.
  public var lifting: ChannelPerceptron
  /// The blocks.
  public var blocks: [FourierBlock]
  /// For each block whose result a later one gets, what it passes.
  public var horizontalSkips: [SkipConnection?]
  /// The perceptron behind the blocks.
  public var projection: ChannelPerceptron
  /// What it is made of.
  public let options: UShapedNeuralOperatorOptions
  /// What adaptive normalisations depend on, such as of time: `[features]`.
  public var embedding: Tensor?

  /// Creates an operator with random weights.
  public init(options: UShapedNeuralOperatorOptions, using random: inout RandomSource) {
    options.check()
    let axes = options.axes
    lifting = ChannelPerceptron(
      inputs: options.inputs + (options.coordinates == nil ? 0 : axes),
      width: options.liftingChannels, outputs: options.channels, using: &random)
    var (blocks, skips): ([FourierBlock], [SkipConnection?]) = ([], [])
    for (index, layer) in options.layers.enumerated() {
      var block = options.block
      block.convolution.modes = layer.modes
      block.convolution.resolutionScaling = layer.scaling
      blocks.append(
        FourierBlock(
          inputs: options.inputs(of: index), outputs: layer.channels, options: block, isLast: true,
          using: &random))
      skips.append(
        options.horizontalSkips.values.contains(index)
          ? SkipConnection(
            options.horizontalSkip, inputs: layer.channels, outputs: layer.channels, axes: axes,
            using: &random) : nil)
    }
    self.blocks = blocks
    horizontalSkips = skips
    projection = ChannelPerceptron(
      inputs: options.layers.last?.channels ?? options.channels,
      width: options.projectionChannels, outputs: options.outputs,
      activation: options.block.activation, using: &random)
    self.options = options
  }

  /// Applies the operator.
  ///
  /// - Parameters:
  ///   - field: `[batch, x, (y, (z,)) inputs]`.
  ///   - outputGrid: the grid that the last block gives; nil for that of all scalings together.
  public func callAsFunction(_ field: Variable, outputGrid: Shape?) -> Variable {
    let axes = options.axes
    require(
      field.shape.rank == axes + 2 && field.shape.last == options.inputs,
      "UShapedNeuralOperator: field \(field.shape) is not [batch, \(axes) axes,"
        + " \(options.inputs) channels]")
    var x = lifting(options.coordinates?.appended(to: field) ?? field)
    func grid(_ x: Variable) -> Shape { Shape(Array(x.shape.sizes[1...axes])) }
    func scaled(_ sizes: [Int]) -> [Int] {
      zip(sizes, options.wholeScaling).map {
        Int((Double($0) * $1).rounded(.toNearestOrEven))
      }
    }
    let padding = options.padding
    let points = padding?.points(of: grid(x)) ?? []
    x = padding?.padded(x, by: points) ?? x
    let behind = outputGrid.flatMap { padding?.points(of: $0) } ?? scaled(points)
    let last =
      outputGrid.map { padding?.grid($0, with: behind) ?? $0 } ?? Shape(scaled(grid(x).sizes))
    let embedding = self.embedding.map { Variable($0, on: x.tape) }
    var results: [Int: Variable] = [:]
    for (index, block) in blocks.enumerated() {
      if let earlier = options.horizontalSkips[index].flatMap({ results[$0] }) {
        x = Variable.concatenated([x, earlier.resampled(to: grid(x))], axis: -1)
      }
      x = block(x, outputGrid: index == blocks.count - 1 ? last : nil, embedding: embedding)
      if let skip = horizontalSkips[index] { results[index] = skip(x) }
    }
    x = padding?.cropped(x, by: behind) ?? x
    return projection(x)
  }

  /// Lets batch normalisations go by their running statistics on a tape too.
  public mutating func freezeStatistics() {
    for index in blocks.indices { blocks[index].freezeStatistics() }
  }

  /// Visits lifting, blocks, horizontal skips and projection.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("lifting", &lifting, body)
    visit("blocks", &blocks, body)
    visit("horizontalSkips", &horizontalSkips, body)
    visit("projection", &projection, body)
  }
}

extension UShapedNeuralOperator: ReferenceCompatible {
  /// Visits `lifting`, `fno_blocks`, `horizontal_skips` and `projection`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    visitReferences("lifting", &lifting, body)
    for index in blocks.indices {
      blocks[index].forEachReference("fno_blocks.\(index)", index: 0, body)
      horizontalSkips[index]?.forEachReference {
        body($0.under("horizontal_skips.\(index)"), &$1)
      }
    }
    visitReferences("projection", &projection, body)
  }
}
