/// How the logits of the next token are found when a text grows by one token after the other.
public enum GenerationMethod: String, Sendable, Hashable, Codable, CaseIterable {
  /// By the mixers' own recurrences: a state of fixed size, and the same work at every position.
  case recurrence
  /// By exact online convolution with the taps of the filters: O(log² L) a position on average, and a
  /// state that grows with the taps.
  case online
  /// By the whole text anew at every position: O(L·log L) a position.
  case recompute
}

/// A model that cannot generate as asked: where, what was expected, and what was there.
public struct GenerationError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The layer or the setting.
  public var place: String
  /// What would have been right.
  public var expected: String
  /// What was found instead.
  public var got: String

  /// Makes an error from its parts.
  public init(place: String, expected: String, got: String) {
    (self.place, self.expected, self.got) = (place, expected, got)
  }

  /// One line: `place: expected …, got …`.
  public var description: String { "\(place): expected \(expected), got \(got)" }
}
