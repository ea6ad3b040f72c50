public import Differentiation
public import Layers
public import SequenceTensor

/// A Fourier neural operator: a perceptron of the channels, blocks, and another perceptron.
///
/// Source: `FNO` of neuraloperator 2.0 (`neuralop/models/fno.py`), after Li et al., "Fourier neural
/// operator for parametric partial differential equations" (2021) and Kossaifi et al., "Multi-grid
/// tensorized Fourier neural operator for high-resolution PDEs" (2024); with factorised weights it
/// is `TFNO` there. Coordinates are joined behind the input's channels; padding comes behind the
/// first perceptron and goes in front of the last. We deviate where blocks change the grid and it is
/// padded: the original then fails or crops with one block's scaling, here the padding grows with
/// the whole.
///
/// `PublishedFourierNeuralOperator` is the net of the paper's own scripts.
public struct FourierNeuralOperator: NeuralOperator {
  /// The perceptron in front of the blocks.
  public var lifting: ComplexExtension<ChannelPerceptron>
  /// The blocks.
  public var blocks: [FourierBlock]
  /// The perceptron behind the blocks.
  public var projection: ComplexExtension<ChannelPerceptron>
  /// What it is made of; the modes are those of the blocks.
  public private(set) var options: FourierNeuralOperatorOptions
  /// What adaptive normalisations depend on, such as of time: `[features]`.
  public var embedding: Tensor?

  /// Creates an operator with random weights.
  public init(options: FourierNeuralOperatorOptions, using random: inout RandomSource) {
    options.check()
    let (channels, isComplex) = (options.channels, options.block.convolution.hasComplexData)
    let activation = options.block.activation
    func perceptron(_ inputs: Int, _ ratio: Double, _ outputs: Int)
      -> ComplexExtension<ChannelPerceptron>
    {
      ComplexExtension(isComplex: isComplex) {
        ChannelPerceptron(
          inputs: inputs, width: Int(ratio * Double(channels)), outputs: outputs,
          activation: activation, using: &random)
      }
    }
    let coordinates = options.coordinates == nil ? 0 : options.axes
    lifting = perceptron(options.inputs + coordinates, options.liftingRatio, channels)
    blocks = (0..<options.layers).map {
      FourierBlock(
        inputs: channels, outputs: channels, options: options.block(layer: $0),
        isLast: $0 == options.layers - 1, using: &random)
    }
    projection = perceptron(channels, options.projectionRatio, options.outputs)
    self.options = options
  }

  private var isComplex: Bool { options.block.convolution.hasComplexData }

  /// Applies the operator.
  ///
  /// - Parameters:
  ///   - field: `[batch, x, (y, (z,)) inputs]`, with a last axis of 2 if data is complex.
  ///   - outputGrid: the grid that the last block gives; nil for that of the scaling.
  public func callAsFunction(_ field: Variable, outputGrid: Shape?) -> Variable {
    self(
      field, outputGrids: Array(repeating: nil, count: max(0, options.layers - 1)) + [outputGrid])
  }

  /// Applies the operator with the grids that its blocks give.
  ///
  /// - Parameters:
  ///   - field: `[batch, x, (y, (z,)) inputs]`, with a last axis of 2 if data is complex.
  ///   - outputGrids: for each block its result's grid without padding, or nil.
  /// - Precondition: there is one for each block.
  public func callAsFunction(_ field: Variable, outputGrids: [Shape?]) -> Variable {
    let axes = options.axes
    require(
      field.shape.rank == axes + (isComplex ? 3 : 2) && field.shape[axes + 1] == options.inputs
        && outputGrids.count == options.layers,
      "FourierNeuralOperator: field \(field.shape) is not [batch, \(axes) axes,"
        + " \(options.inputs) channels], or \(outputGrids.count) grids for \(options.layers) layers"
    )
    var x = lifting(withCoordinates(field)) { $0($1) }
    let grid = Shape(Array(x.shape.sizes[1...axes]))
    let padding = options.padding
    let points = padding?.points(of: grid) ?? []
    x = padding?.padded(x, by: points) ?? x
    let embedding = self.embedding.map { Variable($0, on: x.tape) }
    for (block, wanted) in zip(blocks, outputGrids) {
      let padded = wanted.map { grid in
        padding.map { $0.grid(grid, with: $0.points(of: grid)) } ?? grid
      }
      x = block(x, outputGrid: padded, embedding: embedding)
    }
    if let padding {
      let behind =
        outputGrids.last.flatMap { $0 }.map(padding.points)
        ?? zip(points, options.wholeScaling).map {
          Int((Double($0) * $1).rounded(.toNearestOrEven))
        }
      x = padding.cropped(x, by: behind)
    }
    return projection(x) { $0($1) }
  }

  private func withCoordinates(_ field: Variable) -> Variable {
    guard let coordinates = options.coordinates else { return field }
    guard isComplex else { return coordinates.appended(to: field) }
    let (real, imaginary) = field.complexParts
    let joined = coordinates.appended(to: real)
    return Variable.complex(
      joined, imaginary.padded(axis: -1, after: joined.shape.last - real.shape.last))
  }

  /// Lets the convolutions use more of the modes that there are weights for.
  ///
  /// New modes start with their initial weights, which training has not changed. Source: the
  /// `n_modes` of `FNO` of neuraloperator 2.0, which `IncrementalFNOTrainer` grows there.
  ///
  /// - Parameter modes: as in the options of the convolution.
  /// - Precondition: there are weights for all of them.
  public mutating func growModes(to modes: [Int]) {
    for index in blocks.indices { blocks[index].convolution.growModes(to: modes) }
    options.block.convolution = blocks.first?.convolution.options ?? options.block.convolution
    options.block.convolution.resolutionScaling = nil
  }

  /// Lets batch normalisations go by their running statistics on a tape too.
  public mutating func freezeStatistics() {
    for index in blocks.indices { blocks[index].freezeStatistics() }
  }

  /// Visits lifting, blocks and projection.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("lifting", &lifting, body)
    visit("blocks", &blocks, body)
    visit("projection", &projection, body)
  }
}

extension FourierNeuralOperator: ReferenceCompatible {
  /// Visits `fno_blocks`, `lifting` and `projection`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    for index in blocks.indices { blocks[index].forEachReference("fno_blocks", index: index, body) }
    visitReferences("lifting", &lifting, body)
    visitReferences("projection", &projection, body)
  }
}
