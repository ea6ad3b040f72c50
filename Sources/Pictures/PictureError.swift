/// A picture that could not be made or read: which, what was expected, and what was there.
public struct PictureError: Error, CustomStringConvertible, Equatable, Sendable {
  /// The picture or the step.
  public var place: String
  /// What would have worked.
  public var expected: String
  /// What was found instead.
  public var got: String

  /// Makes an error from its three parts.
  public init(place: String, expected: String, got: String) {
    self.place = place
    self.expected = expected
    self.got = got
  }

  /// One line: `place: expected …, got …`.
  public var description: String { "\(place): expected \(expected), got \(got)" }
}
