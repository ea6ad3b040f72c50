public import Differentiation
public import Layers
public import SequenceTensor

/// CCNN's residual block with one convolution, after that of S4.
///
/// x′ + f(W·dropout(f(conv(norm(x)))) + b), or norm(x′ + …conv(x)…) if it normalises last, where
/// f is the GELU unless another is asked for, and x′ is x or, if the number of channels changes, a map of it. `models/modules/s4_block.py` of the
/// authors' code.
public struct ContinuousBlock<Filter: LongFilter>: SequenceMixer {
  /// The convolution.
  public var convolution: SeparableConvolution<Filter>
  /// The normalisation, of the inputs or of the outputs.
  public var normalization: Normalization
  /// W and b.
  public var linear: Linear
  /// The map of x, if there is one.
  public var shortcut: Linear?
  /// Where the block normalises.
  public let placement: NormalizationPlacement
  /// f.
  public let activation: Activation
  /// Between the first nonlinearity and W.
  public let dropout: Dropout

  /// Creates a block from the filter's channels to `outputs`; `bias` is that of the convolution.
  public init(
    _ filter: Filter, outputs: Int, normalization: NormalizationKind = .batch,
    placement: NormalizationPlacement = .pre, activation: Activation = .gelu,
    dropout: Dropout = Dropout(0), bias: Bool = true, using random: inout RandomSource
  ) {
    let inputs = filter.channels
    require(
      activation.inputFactor == 1, "ContinuousBlock: \(activation) changes the number of channels")
    convolution = SeparableConvolution(filter, outputs: outputs, bias: bias, using: &random)
    self.normalization = Normalization(
      normalization, channels: placement == .pre ? inputs : outputs)
    linear = .kaiming(inputs: outputs, outputs: outputs, using: &random)
    shortcut =
      inputs == outputs ? nil : .kaiming(inputs: inputs, outputs: outputs, using: &random)
    self.placement = placement
    self.activation = activation
    self.dropout = dropout
  }

  /// `[batch, length, outputs]` from `[batch, length, inputs]`.
  public func callAsFunction(_ x: Variable, mask: SequenceMask?) -> Variable {
    let inner = placement == .pre ? normalization(x, mask: mask) : x
    let y = activation(linear(dropout(activation(convolution(inner, mask: mask)))))
    let sum = y + (shortcut?(x) ?? x)
    return placement == .pre ? sum : normalization(sum, mask: mask)
  }

  /// Visits `convolution`, `norm`, `linear`, `shortcut`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("convolution", &convolution, body)
    visit("norm", &normalization, body)
    visit("linear", &linear, body)
    visit("shortcut", &shortcut, body)
  }
}

extension ContinuousBlock: ReferenceCompatible where Filter: ReferenceCompatible {
  /// The authors' `conv1`, `norm1` (`norm1.ln` of a layer normalisation), `linear1` and `shortcut.0`.
  public mutating func forEachReference(_ body: (ReferenceTensor, inout Parameter) -> Void) {
    visitReferences("conv1", &convolution, body)
    let isLayer = if case .layer = normalization { true } else { false }
    normalization.forEachReference(isLayer ? "norm1.ln" : "norm1", body)
    linear.forEachReference("linear1", isConvolution: true, body)
    guard var map = shortcut else { return }
    map.forEachReference("shortcut.0", isConvolution: true, body)
    shortcut = map
  }
}
