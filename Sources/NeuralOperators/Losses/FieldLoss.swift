public import Differentiation
import SequenceTensor

/// How far a predicted field is from the true one, as a number to train on.
///
/// Fields are `[batch, x, (y, (z,)) channels]`. Losses are values; they know nothing of the
/// resolution, so that one loss serves several.
public protocol FieldLoss: Sendable {
  /// The loss, a scalar.
  ///
  /// - Parameters:
  ///   - prediction: `[batch, x, (y, (z,)) channels]`.
  ///   - target: of the same shape; its gradient is computed if it is asked for.
  func callAsFunction(_ prediction: Variable, _ target: Variable) -> Variable
}

/// What becomes of the norms of a batch's entries.
public enum FieldReduction: String, Sendable, Hashable, CaseIterable, Codable {
  /// They are added up.
  case sum
  /// They are averaged.
  case mean

  /// What each of `count` norms is multiplied by.
  func weight(count: Int) -> Double { self == .sum ? 1 : 1 / Double(max(1, count)) }
}

/// Which values of a batch form one entry, whose norm is taken.
public enum FieldScope: String, Sendable, Hashable, CaseIterable, Codable {
  /// Those of one channel of one sample, as in neuraloperator 2.0.
  case channel
  /// Those of all channels of one sample, as in the scripts of Li et al. (2021).
  case sample
}

/// The losses that a configuration can name, with their usual settings.
public enum FieldLossName: String, Sendable, Hashable, CaseIterable, Codable {
  /// `LpLoss` relative to the target, p = 2.
  case relativeL2 = "relative-l2"
  /// `LpLoss` not divided by the target's norm, p = 2.
  case l2
  /// `H1Loss` relative to the target.
  case h1
  /// `SobolevLoss` of order 1.
  case hs
  /// `MeanSquaredErrorLoss`.
  case mse

  /// The loss of this name.
  ///
  /// - Parameters:
  ///   - reduction: what becomes of the norms of the entries. The mean does not depend on the size
  ///     of the batch; neuraloperator adds up by default.
  ///   - scope: which values form an entry, for the norms that have a choice.
  ///   - isPeriodic: whether the first and the last point of each axis are neighbours; of
  ///     meaning for differences only.
  public func loss(
    reduction: FieldReduction = .mean, scope: FieldScope = .sample, isPeriodic: Bool = true
  ) -> any FieldLoss {
    switch self {
    case .relativeL2: LpLoss(reduction: reduction, scope: scope)
    case .l2: LpLoss(isRelative: false, reduction: reduction, scope: scope)
    case .h1: H1Loss(isPeriodic: [isPeriodic], reduction: reduction, scope: scope)
    case .hs: SobolevLoss(reduction: reduction)
    case .mse: MeanSquaredErrorLoss(reduction: reduction)
    }
  }
}

extension FieldLoss {
  /// Stops unless prediction and target are fields of one shape.
  func requireFields(_ prediction: Variable, _ target: Variable) {
    require(
      prediction.shape == target.shape && prediction.shape.rank >= 3,
      "\(Self.self): prediction \(prediction.shape) and target \(target.shape)"
        + " [batch, x, (y, (z,)) channels]")
  }
}
