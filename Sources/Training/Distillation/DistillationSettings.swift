import Distillation
import SequenceTensor

/// How a model's filters become recurrences.
public enum DistillationMethod: String, Sendable, Hashable, Codable, CaseIterable {
  /// The quick methods, the best of them optimised.
  case automatic
  /// Balanced truncation of the windowed Hankel matrix: ERA.
  case era
  /// Balanced truncation of the padded Hankel matrix: Ho and Kalman.
  case balanced
  /// Linear prediction: Prony.
  case prony
  /// Rational approximation on the unit circle: vector fitting.
  case rational
  /// Poles moved by gradient, in the time domain.
  case modal

  /// The method itself, at a given order.
  var distiller: AutomaticDistiller {
    func only(_ method: any Distiller) -> AutomaticDistiller {
      AutomaticDistiller(methods: [method], iterations: 0)
    }
    return switch self {
    case .automatic: AutomaticDistiller()
    case .era: only(BalancedTruncation())
    case .balanced: only(BalancedTruncation(window: .padded))
    case .prony: only(PronyDistiller())
    case .rational: only(VectorFitting())
    case .modal: only(ModalInterpolation())
    }
  }
}

/// What the recurrences of a model should be.
public struct DistillationSettings: Sendable, Hashable, Codable {
  /// What decides on the order of each filter.
  public enum Target: Sendable, Hashable, Codable {
    /// The least that was found for this relative L2 error of the taps.
    case error(Double)
    /// This many real states.
    case order(Int)
  }

  /// What decides on the order of each filter.
  public var target: Target
  /// The number of direct taps before the recurrence.
  public var headLength = 1
  /// The method.
  public var method = DistillationMethod.automatic
  /// Where the search for an order ends.
  public var largestOrder = 64

  /// Settings for a target, with one direct tap and the automatic method.
  public init(_ target: Target) { self.target = target }

  /// The recurrence of every channel of a bank of taps, `[length, channels]`.
  func recurrences(of taps: Tensor) throws(DistillationError) -> [DistilledRecurrence] {
    switch target {
    case .order(let order):
      try method.distiller.distilled(bank: taps, order: order, headLength: headLength)
    case .error(let error):
      try method.distiller.distilled(
        bank: taps, relativeError: error, headLength: headLength, largestOrder: largestOrder,
        search: .economical)
    }
  }
}
