public import Differentiation
import SequenceTensor

/// The normalisers that a configuration can name.
public enum FieldNormalizerName: String, Sendable, Hashable, CaseIterable, Codable {
  /// None.
  case none
  /// `UnitGaussianNormalizer` by channel.
  case channel = "gaussian"
  /// `UnitGaussianNormalizer` by point.
  case point = "pointwise-gaussian"
  /// `UnitGaussianNormalizer` of everything.
  case field = "scalar-gaussian"
  /// `RangeNormalizer` by channel.
  case range

  /// Over which values the statistics are to be taken.
  public var scope: NormalizerScope {
    switch self {
    case .none, .channel, .range: .channel
    case .point: .point
    case .field: .field
    }
  }
}

/// A normaliser chosen at run time.
public enum AnyFieldNormalizer: FieldNormalizer {
  /// Fields as they are, with this number of channels.
  case none(channels: Int)
  /// By means and deviations.
  case gaussian(UnitGaussianNormalizer)
  /// By extremes.
  case range(RangeNormalizer)

  /// Creates the normaliser of a name from statistics over `name.scope`.
  ///
  /// - Precondition: the statistics have the name's scope, and a value.
  public init(_ name: FieldNormalizerName, _ statistics: FieldStatistics) {
    require(
      statistics.scope == name.scope && statistics.count > 0,
      "AnyFieldNormalizer: \(statistics.count) values by \(statistics.scope) for \(name)")
    self =
      switch name {
      case .none: .none(channels: statistics.shape?.count ?? 0)
      case .channel, .point, .field: .gaussian(UnitGaussianNormalizer(statistics))
      case .range: .range(RangeNormalizer(statistics))
      }
  }

  /// Over which values the statistics were taken.
  public var scope: NormalizerScope {
    switch self {
    case .none: .channel
    case .gaussian(let normalizer): normalizer.scope
    case .range(let normalizer): normalizer.scope
    }
  }

  /// What it does to a value.
  public var affine: FieldAffine {
    switch self {
    case .none(let channels):
      FieldAffine(
        offset: Tensor(zeros: [channels]), scale: Tensor(repeating: 1, shape: [channels]),
        scope: .channel)
    case .gaussian(let normalizer): normalizer.affine
    case .range(let normalizer): normalizer.affine
    }
  }

  /// Visits the statistics of the one that was chosen.
  public mutating func forEachParameter(_ body: (String, inout Parameter) -> Void) {
    switch self {
    case .none: break
    case .gaussian(var normalizer):
      normalizer.forEachParameter(body)
      self = .gaussian(normalizer)
    case .range(var normalizer):
      normalizer.forEachParameter(body)
      self = .range(normalizer)
    }
  }
}
