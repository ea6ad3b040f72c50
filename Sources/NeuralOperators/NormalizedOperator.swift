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
    output.denormalized(normalizedOutput(field, outputGrid: outputGrid))
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
