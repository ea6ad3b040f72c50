public import Differentiation
public import SequenceTensor

/// Fields with mean zero and deviation one: y = (x - mean)/(deviation + ε).
///
/// Statistics are for each channel, for each point or for everything. They are buffers named `mean`
/// and `std`, so that a model or a run that contains a normaliser saves them in its checkpoint.
///
/// Source: `UnitGaussianNormalizer` of neuraloperator 2.0 (`data/transforms/normalizers.py`) with
/// scope `.channel` and ε = 10⁻⁷; of Li et al. (2021; `utilities3.py`) `UnitGaussianNormalizer` with
/// `.point` and `GaussianNormalizer` with `.field`, both with ε = 10⁻⁵. Deviations are unbiased in
/// all of them. Fitting in parts gives what fitting at once does; the original's
/// `partial_fit` multiplies the deviation by n/(n - 1) instead of its root.
public struct UnitGaussianNormalizer: FieldNormalizer {
  /// Over which values the statistics were taken.
  public let scope: NormalizerScope
  /// `[channels]`, `[x, (y, (z,)) channels]` or `[]`, by the scope; a buffer.
  public var mean: Parameter
  /// Of the shape of the mean; a buffer.
  public var deviation: Parameter
  /// ε.
  public let epsilon: Float

  /// Creates a normaliser from statistics.
  ///
  /// - Parameters:
  ///   - statistics: of at least one value.
  ///   - epsilon: ε; by default that of the original of the scope.
  public init(_ statistics: FieldStatistics, epsilon: Float? = nil) {
    self.init(
      scope: statistics.scope, mean: statistics.mean, deviation: statistics.deviation,
      epsilon: epsilon)
  }

  /// Creates a normaliser from known numbers.
  ///
  /// - Precondition: both have one shape, which suits the scope.
  public init(
    scope: NormalizerScope, mean: Tensor, deviation: Tensor, epsilon: Float? = nil
  ) {
    require(
      mean.shape == deviation.shape && scope.suits(mean.shape),
      "UnitGaussianNormalizer: mean \(mean.shape) and deviation \(deviation.shape)"
        + " for statistics by \(scope)")
    self.scope = scope
    self.mean = Parameter(mean, .buffer)
    self.deviation = Parameter(deviation, .buffer)
    self.epsilon = epsilon ?? (scope == .channel ? 1e-7 : 1e-5)
  }

  /// Fits a normaliser to fields.
  ///
  /// - Parameter fields: `[samples, x, (y, (z,)) channels]`.
  public init(
    fitting fields: Tensor, scope: NormalizerScope = .channel, epsilon: Float? = nil
  ) {
    var statistics = FieldStatistics(scope: scope)
    statistics.add(fields)
    self.init(statistics, epsilon: epsilon)
  }

  /// The numbers that fields are shifted and multiplied by.
  public var affine: FieldAffine {
    FieldAffine(
      offset: mean.value, scale: deviation.value.scaled(by: 1, plus: epsilon), scope: scope)
  }

  /// Visits `mean` and `std`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("mean", &mean)
    body("std", &deviation)
  }
}

extension NormalizerScope {
  /// Whether statistics may have a shape.
  func suits(_ shape: Shape) -> Bool {
    switch self {
    case .channel: shape.rank == 1
    case .point: shape.rank >= 2
    case .field: shape.rank == 0
    }
  }
}
