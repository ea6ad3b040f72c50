public import Differentiation
public import SequenceTensor

/// A neural operator between the normalised forms of two fields.
///
/// The statistics are buffers of the module, so that a checkpoint holds them.
public struct NormalizedOperator: NeuralOperator {
  /// Normalises what goes in.
  public var input: AnyFieldNormalizer
  /// The operator.
  public var inner: AnyNeuralOperator
  /// Undone on what comes out.
  public var output: AnyFieldNormalizer
  /// Whether the operator gives the change since the last frame of its input: that frame, the last
  /// channels of the input, is added to what comes out.
  public var addsLastFrame = false
  /// The fraction of the frequencies of the result that stays, nil for all; see
  /// `Variable.lowPassed(fraction:)`.
  public var keptFrequencies: Double?

  /// Creates the composition.
  public init(
    input: AnyFieldNormalizer, inner: some NeuralOperator, output: AnyFieldNormalizer
  ) {
    self.input = input
    self.inner = AnyNeuralOperator(inner)
    self.output = output
  }

  /// The field in its own units.
  public func callAsFunction(_ field: Variable, outputGrid: Shape?) -> Variable {
    finished(normalizedOutput(field, outputGrid: outputGrid), of: field)
  }

  /// The result in its own units, made from what the operator inside gave for a field.
  public func finished(_ normalized: Variable, of field: Variable) -> Variable {
    var result = output.denormalized(normalized)
    if addsLastFrame {
      let (channels, width) = (result.shape.last, field.shape.last)
      require(
        width >= channels && field.shape.sizes.dropLast() == result.shape.sizes.dropLast(),
        "NormalizedOperator: change \(result.shape) of the last frame of \(field.shape)")
      result =
        result + (width == channels ? field : field.sliced(axis: -1, width - channels..<width))
    }
    return keptFrequencies.map { result.lowPassed(fraction: $0) } ?? result
  }

  /// What the operator inside should give for a field whose result is `target`.
  public func normalizedTarget(_ target: Tensor, of field: Tensor) -> Tensor {
    guard addsLastFrame else { return output.normalized(target) }
    let (channels, width) = (target.shape.last, field.shape.last)
    return output.normalized(target - field.sliced(axis: -1, width - channels..<width))
  }

  /// The field before the normalisation of the output is undone, as losses on normalised values
  /// take it.
  public func normalizedOutput(_ field: Variable, outputGrid: Shape? = nil) -> Variable {
    inner(input.normalized(field), outputGrid: outputGrid)
  }

  /// Visits the statistics and the parameters of the operator.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("input", &input, body)
    visit("operator", &inner, body)
    visit("output", &output, body)
  }
}
