public import Differentiation
import Layers
public import SequenceTensor

/// One block of a Fourier neural operator.
///
/// With S the spectral convolution, P the perceptron of the channels, W and V what goes round them,
/// N₁ and N₂ normalisations, g the nonlinearity:
///
///     h = g(N₁(S(x)) + W(x))
///     y = g(N₂(P(h) + V(x)))
///
/// without the two g in the last block of a model; or, preactivated,
///
///     z = N₁(g(x)),  h = N₂(g(S(z) + W(z))),  y = P(h) + V(z)
///
/// without the second g in the last block. Where the grid changes, W and V are resampled. Source:
/// `FNOBlocks` of neuraloperator 2.0 (`neuralop/layers/fno_block.py`).
public struct FourierBlock: Module {
  /// S.
  public var convolution: SpectralConvolution
  /// W.
  public var skip: ComplexExtension<SkipConnection>?
  /// P.
  public var perceptron: ComplexExtension<ChannelPerceptron>?
  /// V.
  public var perceptronSkip: ComplexExtension<SkipConnection>?
  /// N₁ and N₂.
  public var normalizations: [ComplexExtension<GridNormalization>]
  /// What the block is made of.
  public let options: FourierBlockOptions
  /// Whether the block leaves out nonlinearities as the last of a model does.
  public let isLast: Bool

  /// Creates a block with random weights.
  ///
  /// - Parameters:
  ///   - inputs: the channels that go in.
  ///   - outputs: the channels that come out.
  ///   - options: what it is made of.
  ///   - isLast: whether it is the last of a model.
  ///   - random: where initial weights come from.
  public init(
    inputs: Int, outputs: Int, options: FourierBlockOptions, isLast: Bool = false,
    using random: inout RandomSource
  ) {
    let isComplex = options.convolution.hasComplexData
    let axes = options.convolution.axes
    require(
      options.activation.inputFactor == 1,
      "FourierBlock: \(options.activation) changes the number of channels")
    convolution = SpectralConvolution(
      inputs: inputs, outputs: outputs, options: options.convolution, using: &random)
    skip = options.skip.map { kind in
      ComplexExtension(isComplex: isComplex) {
        SkipConnection(
          kind, inputs: inputs, outputs: outputs, axes: axes, kernel: options.skipKernel,
          using: &random)
      }
    }
    if options.hasChannelPerceptron {
      let width = (Double(outputs) * options.channelExpansion).rounded(.toNearestOrEven)
      perceptron = ComplexExtension(isComplex: isComplex) {
        ChannelPerceptron(
          inputs: outputs, width: Int(width), outputs: outputs, dropout: options.channelDropout,
          using: &random)
      }
      perceptronSkip = options.channelSkip.map { kind in
        ComplexExtension(isComplex: isComplex) {
          SkipConnection(kind, inputs: inputs, outputs: outputs, axes: axes, using: &random)
        }
      }
    }
    normalizations =
      options.normalization.map { kind in
        // In front of the convolution there are the channels that go in.
        [options.isPreactivated ? inputs : outputs, outputs].map { channels in
          ComplexExtension(isComplex: isComplex) {
            GridNormalization(
              kind, channels: channels, groups: options.normalizationGroups,
              features: options.embeddingFeatures, using: &random)
          }
        }
      } ?? []
    self.options = options
    self.isLast = isLast
  }

  private var isComplex: Bool { options.convolution.hasComplexData }

  /// Applies the block.
  ///
  /// - Parameters:
  ///   - x: `[batch, x, (y, (z,)) inputs]`, with a last axis of 2 if data is complex.
  ///   - outputGrid: the grid of the result; nil for that of the convolution's options.
  ///   - embedding: what adaptive normalisations depend on.
  /// - Returns: the same with `outputs` channels.
  public func callAsFunction(
    _ x: Variable, outputGrid: Shape? = nil, embedding: Variable? = nil
  ) -> Variable {
    let grid = convolution.outputGrid(of: x, wanted: outputGrid)
    let activation: Activation = isLast ? .identity : options.activation
    if options.isPreactivated {
      let z = normalized(options.activation(x), 0, embedding)
      let h = normalized(mixed(z, grid, embedding, activation), 1, embedding)
      return completed(h, from: z, grid, activation: .identity)
    }
    let h = mixed(x, grid, embedding, activation)
    guard !normalizations.isEmpty else {
      return completed(h, from: x, grid, activation: activation)
    }
    let y = completed(h, from: x, grid, activation: .identity)
    return activation(normalized(y, 1, embedding))
  }

  /// g(N₁(S(x)) + W(x)), in one primitive where there is nothing between its parts.
  private func mixed(
    _ x: Variable, _ grid: Shape, _ embedding: Variable?, _ activation: Activation
  ) -> Variable {
    let isNormalized = !options.isPreactivated && !normalizations.isEmpty
    let isSameGrid = Array(x.shape.sizes[1...grid.rank]) == grid.sizes
    if isSameGrid, !isNormalized, !options.isStabilized, case .linear(let map) = skip?.real,
      let y = convolution.fused(
        x, linear: map.weight(on: x.tape), bias: nil, activation: activation)
    {
      return y
    }
    var y = convolution(options.isStabilized ? x.tanh() : x, outputGrid: grid)
    if isNormalized { y = normalized(y, 0, embedding) }
    if let skip {
      y = y + skip(x) { $0($1) }.resampled(to: grid, isComplex: isComplex)
    }
    return activation(y)
  }

  /// g(P(h) + V(x)).
  private func completed(
    _ h: Variable, from x: Variable, _ grid: Shape, activation: Activation
  ) -> Variable {
    guard let perceptron else { return activation(h) }
    if !isComplex, case .softGating(let gate, _)? = perceptronSkip?.real,
      h.shape.sizes.dropLast() == x.shape.sizes.dropLast(), x.shape.last == gate.value.count,
      let y = perceptron.real.gated(
        h, adding: x, gate: gate(on: x.tape), outputActivation: activation)
    {
      return y
    }
    let y = perceptron(h) { $0($1) }
    guard let perceptronSkip else { return activation(y) }
    if !isComplex, case .softGating(let gate, _) = perceptronSkip.real, x.shape == y.shape {
      return y.gatedSum(x, gate: gate(on: x.tape), activation: activation)
    }
    return activation(
      y + perceptronSkip(x) { $0($1) }.resampled(to: grid, isComplex: isComplex))
  }

  private func normalized(_ x: Variable, _ index: Int, _ embedding: Variable?) -> Variable {
    guard normalizations.indices.contains(index) else { return x }
    return normalizations[index](x) { $0($1, embedding: embedding) }
  }

  /// Lets batch normalisations go by their running statistics on a tape too.
  public mutating func freezeStatistics() {
    for index in normalizations.indices {
      normalizations[index].real.freezeStatistics()
      normalizations[index].imaginary?.freezeStatistics()
    }
  }

  /// Visits convolution, skip, perceptron, its skip and normalisations.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("convolution", &convolution, body)
    visit("skip", &skip, body)
    visit("perceptron", &perceptron, body)
    visit("perceptronSkip", &perceptronSkip, body)
    visit("normalizations", &normalizations, body)
  }

  /// Visits the tensors of the original, whose lists of all blocks have this one at `index`.
  mutating func forEachReference(
    _ name: String, index: Int, _ body: (ReferenceTensor, inout Parameter) -> Void
  ) {
    func part(_ part: String, _ index: Int) -> String { "\(name).\(part).\(index)" }
    convolution.forEachReference { body($0.under(part("convs", index)), &$1) }
    skip?.forEachReference { body($0.under(part("fno_skips", index)), &$1) }
    perceptron?.forEachReference { body($0.under(part("channel_mlp", index)), &$1) }
    perceptronSkip?.forEachReference { body($0.under(part("channel_mlp_skips", index)), &$1) }
    for half in normalizations.indices {
      normalizations[half].forEachReference { body($0.under(part("norm", 2 * index + half)), &$1) }
    }
  }
}
