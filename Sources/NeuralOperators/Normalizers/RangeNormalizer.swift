public import Differentiation
public import SequenceTensor

/// Fields moved into a range: y = a·x + b takes the smallest value of the data to the lower bound
/// and the largest to the upper.
///
/// Where all values were the same the slope is 1, so that they become the lower bound and
/// denormalising undoes it; the original divides by zero. Buffers are named `min` and `max`.
///
/// Source: `RangeNormalizer` of Li et al. (2021; `utilities3.py`), whose scope is `.point`.
public struct RangeNormalizer: FieldNormalizer {
  /// Over which values the extremes were taken.
  public let scope: NormalizerScope
  /// The smallest values: `[channels]`, `[x, (y, (z,)) channels]` or `[]`; a buffer.
  public var minimum: Parameter
  /// The largest values; a buffer.
  public var maximum: Parameter
  /// The range that values are moved into.
  public let range: ClosedRange<Float>

  /// Creates a normaliser from statistics of at least one value.
  public init(_ statistics: FieldStatistics, range: ClosedRange<Float> = 0...1) {
    self.init(
      scope: statistics.scope, minimum: statistics.minimum, maximum: statistics.maximum,
      range: range)
  }

  /// Creates a normaliser from known numbers.
  ///
  /// - Precondition: both have one shape, which suits the scope.
  public init(
    scope: NormalizerScope, minimum: Tensor, maximum: Tensor, range: ClosedRange<Float> = 0...1
  ) {
    require(
      minimum.shape == maximum.shape && scope.suits(minimum.shape),
      "RangeNormalizer: minimum \(minimum.shape) and maximum \(maximum.shape)"
        + " for statistics by \(scope)")
    self.scope = scope
    self.minimum = Parameter(minimum, .buffer)
    self.maximum = Parameter(maximum, .buffer)
    self.range = range
  }

  /// Fits a normaliser to `[samples, x, (y, (z,)) channels]`.
  public init(
    fitting fields: Tensor, scope: NormalizerScope = .channel, range: ClosedRange<Float> = 0...1
  ) {
    var statistics = FieldStatistics(scope: scope)
    statistics.add(fields)
    self.init(statistics, range: range)
  }

  /// The numbers that fields are shifted and multiplied by.
  public var affine: FieldAffine {
    let (low, width) = (Double(range.lowerBound), Double(range.upperBound - range.lowerBound))
    // (x - offset)/scale, with the offset where the result is 0.
    let scales = zip(minimum.value.elements, maximum.value.elements).map { least, most in
      most > least && width > 0 ? (Double(most) - Double(least)) / width : 1
    }
    let offsets = zip(minimum.value.elements, scales).map { Float(Double($0) - low * $1) }
    let shape = minimum.value.shape
    return FieldAffine(
      offset: Tensor(offsets, shape: shape),
      scale: Tensor(scales.map { Float($0) }, shape: shape), scope: scope)
  }

  /// Visits `min` and `max`.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    body("min", &minimum)
    body("max", &maximum)
  }
}
