/// A filter that cannot be distilled as asked: where, what was expected, and what was there.
public struct DistillationError: Error, Equatable, CustomStringConvertible, Sendable {
  /// What is wrong, for programs.
  public enum Kind: String, Sendable, Hashable {
    /// Taps that are no numbers, or that do not fall off.
    case notSummable
    /// A filter that looks into the future.
    case notCausal
    /// An order, a head or a length that does not fit the filter.
    case size
    /// An error bound that no recurrence within the limits was found for.
    case bound
    /// A computation that did not converge.
    case notConverged
    /// A saved state of another filter.
    case state
  }

  /// What is wrong, for programs.
  public var kind: Kind
  /// The filter, channel or setting.
  public var place: String
  /// What would have been right.
  public var expected: String
  /// What was found instead.
  public var got: String

  /// Makes an error from its parts.
  public init(_ kind: Kind, place: String, expected: String, got: String) {
    (self.kind, self.place, self.expected, self.got) = (kind, place, expected, got)
  }

  /// One line: `place: expected …, got …`.
  public var description: String { "\(place): expected \(expected), got \(got)" }
}
