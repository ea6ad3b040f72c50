import Distillation
import LongConvolution
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
      AutomaticDistiller(methods: [method], iterations: 0, precision: .single)
    }
    return switch self {
    case .automatic: AutomaticDistiller(precision: .single)
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
  /// Whether there may be more direct taps where an error is not reached with these.
  public var growsHead = true
  /// The method.
  public var method = DistillationMethod.automatic
  /// Where the search for an order ends.
  public var largestOrder = 64

  /// Settings for a target, with one direct tap or as many as are needed, and the automatic method.
  public init(_ target: Target) { self.target = target }

  /// The recurrence of every channel of a bank of taps, `[length, channels]`, in single precision
  /// parameters and certified as such.
  func recurrences(of taps: Tensor) throws(DistillationError) -> [DistilledRecurrence] {
    switch target {
    case .order(let order):
      return try method.distiller.distilled(bank: taps, order: order, headLength: headLength)
        .rounded(taps: taps)
    case .error(let error):
      var head = headLength
      while true {
        do throws(DistillationError) {
          let found = try method.distiller.distilled(
            bank: taps, relativeError: error, headLength: head, largestOrder: largestOrder,
            search: .economical
          ).rounded(taps: taps)
          let worst = found.map(\.certificate.relativeL2Error).max() ?? 0
          guard worst > error else { return found }
          throw DistillationError(
            .bound, place: "automatic", expected: "a relative error of \(error) or less",
            got: "\(worst) in single precision")
        } catch {
          let next = max(8, 2 * head)
          guard error.kind == .bound, growsHead, next < taps.shape[0] else { throw error }
          head = next
        }
      }
    }
  }
}

extension [DistilledRecurrence] {
  /// The recurrences that single precision parameters make, certified as they are.
  func rounded(taps: Tensor) -> [DistilledRecurrence] {
    guard !isEmpty else { return self }
    let filter = ModalFilter(self)
    let (length, width) = (taps.shape[0], taps.shape[1])
    return enumerated().map { channel, original in
      var recurrence = filter.recurrence(channel: channel)
      // Modes that only fill up the table.
      let own = recurrence.residues.indices.filter { recurrence.residues[$0].magnitude > 0 }
      recurrence.poles = own.map { recurrence.poles[$0] }
      recurrence.residues = own.map { recurrence.residues[$0] }
      var result = DistilledRecurrence(
        recurrence, taps: (0..<length).map { Double(taps.pointer[$0 * width + channel]) },
        method: original.method)
      // A negative pole has a tiny imaginary part once its angle is rounded.
      result.certificate.order = original.certificate.order
      return result
    }
  }
}
