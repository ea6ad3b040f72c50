public import Differentiation
public import SequenceTensor

/// What the second of two boosted operators sees.
public enum BoostedInput: String, Sendable, Hashable, CaseIterable, Codable {
  /// The input of the first.
  case field
  /// The input of the first, and behind its channels the first's prediction.
  case fieldAndPrediction
}

/// Two operators of which the second predicts what the first leaves: first(u) + scale·second(u, …).
///
/// An operator learns the dominant frequencies and neglects the others; a second one whose target
/// is the residual has those for its dominant ones. Train `first` alone, then the pair: while
/// `freezesFirst` is true the first's parameters stay, and the loss of the sum against the target is
/// that of the second against the residual. For more stages nest.
///
/// Source: Qin et al., "Toward a better understanding of Fourier neural operators from a spectral
/// perspective" (2024, arXiv 2404.07200: SpecBoost, SpecB-FNO). What the second one sees is a choice
/// here.
public struct BoostedOperator<First: NeuralOperator, Second: NeuralOperator>: NeuralOperator {
  /// What is trained first.
  public var first: First
  /// What is trained on the residual.
  public var second: Second
  /// What the second is multiplied by, so that it can have a normalised target.
  public let scale: Float
  /// What the second sees.
  public let input: BoostedInput
  /// Whether the first is held fixed on a recording tape.
  public var freezesFirst: Bool

  /// Creates a pair.
  public init(
    first: First, second: Second, scale: Float = 1, input: BoostedInput = .field,
    freezesFirst: Bool = true
  ) {
    self.first = first
    self.second = second
    self.scale = scale
    self.input = input
    self.freezesFirst = freezesFirst
  }

  /// Applies both.
  ///
  /// - Precondition: both give fields of one shape; if the second sees the prediction, that is on
  ///   the grid of the input.
  public func callAsFunction(_ field: Variable, outputGrid: Shape?) -> Variable {
    let prediction = predictionOfFirst(field, outputGrid: outputGrid)
    let seen: Variable
    switch input {
    case .field: seen = field
    case .fieldAndPrediction:
      require(
        prediction.shape.sizes.dropLast() == field.shape.sizes.dropLast(),
        "BoostedOperator: prediction \(prediction.shape) beside input \(field.shape)")
      seen = .concatenated([field, prediction], axis: -1)
    }
    let correction = second(seen, outputGrid: outputGrid)
    require(
      correction.shape == prediction.shape,
      "BoostedOperator: correction \(correction.shape) of prediction \(prediction.shape)")
    return prediction + correction * scale
  }

  /// Without a record while the first is held; where the input needs a gradient, as in a roll-out,
  /// with its parameters as constants.
  private func predictionOfFirst(_ field: Variable, outputGrid: Shape?) -> Variable {
    guard freezesFirst else { return first(field, outputGrid: outputGrid) }
    guard field.needsGradient else {
      return Variable(first(Variable(field.value), outputGrid: outputGrid).value, on: field.tape)
    }
    var held = first
    held.forEachParameter { _, parameter in parameter.options.isTrainable = false }
    return held(field, outputGrid: outputGrid)
  }

  /// Visits `first`, then `second`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    visit("first", &first, body)
    visit("second", &second, body)
  }
}
