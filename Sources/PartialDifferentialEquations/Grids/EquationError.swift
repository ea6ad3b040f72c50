/// An equation, a grid or a field from outside that cannot be solved: where, what was expected,
/// and what was there.
public struct EquationError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The equation and the parameter, field or time.
  public var place: String
  /// What would have been right.
  public var expected: String
  /// What was found instead.
  public var got: String

  /// Makes an error from its three parts.
  public init(place: String, expected: String, got: String) {
    (self.place, self.expected, self.got) = (place, expected, got)
  }

  /// One line: `place: expected …, got …`.
  public var description: String { "\(place): expected \(expected), got \(got)" }
}

extension EquationError {
  /// Throws unless the condition holds.
  static func unless(
    _ condition: Bool, _ place: @autoclosure () -> String, expected: @autoclosure () -> String,
    got: @autoclosure () -> String
  ) throws(EquationError) {
    if !condition { throw EquationError(place: place(), expected: expected(), got: got()) }
  }

  /// Throws unless a parameter is finite and above zero.
  static func unlessPositive(_ value: Double, _ place: String) throws(EquationError) {
    try unless(
      value > 0 && value.isFinite, place, expected: "a finite number above 0", got: "\(value)")
  }

  /// Throws unless a parameter is finite and not below zero.
  static func unlessNotNegative(_ value: Double, _ place: String) throws(EquationError) {
    try unless(
      value >= 0 && value.isFinite, place, expected: "a finite number, 0 or above",
      got: "\(value)")
  }

  /// Throws unless a parameter is finite.
  static func unlessFinite(_ value: Double, _ place: String) throws(EquationError) {
    try unless(value.isFinite, place, expected: "a finite number", got: "\(value)")
  }

  /// Throws unless every value of a field is finite.
  static func unlessFinite(_ field: GridField, _ place: String) throws(EquationError) {
    guard let index = field.values.firstIndex(where: { !$0.isFinite }) else { return }
    throw EquationError(
      place: "\(place)[\(index)]", expected: "finite values", got: "\(field.values[index])")
  }
}
