public import Layers

/// The arguments of an original's constructor, by its names.
public struct OriginalArguments: Sendable, Equatable, Codable {
  /// The arguments.
  public var values: [String: ConfigurationTree]

  /// Arguments by name.
  public init(_ values: [String: ConfigurationTree] = [:]) { self.values = values }

  /// Reads a table.
  public init(from decoder: any Decoder) throws {
    values = try [String: ConfigurationTree](from: decoder)
  }

  /// Writes a table.
  public func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }

  /// An argument; `nil` if it was left out or is null.
  public subscript(_ name: String) -> ConfigurationTree? {
    values[name].flatMap { $0 == .null ? nil : $0 }
  }

  /// Sets an argument that was left out.
  public mutating func fill(_ name: String, _ value: @autoclosure () -> Int?) {
    guard self[name] == nil, let value = value() else { return }
    values[name] = .integer(value)
  }

  /// A whole number above 0.
  ///
  /// - Throws: `ReferenceError` if it was left out or is something else.
  public func size(_ name: String) throws(ReferenceError) -> Int {
    guard let number = self[name]?.number, let size = Int(exactly: number), size > 0 else {
      throw ReferenceError(
        place: "argument \(name)", expected: "a whole number above 0",
        got: self[name].map { "\($0)" } ?? "nothing")
    }
    return size
  }

  /// One of the cases of an enumeration by a name.
  ///
  /// - Throws: `ReferenceError` if there is no case of that name.
  public func named<Value>(
    _ name: String, default standard: String, _ value: (String) -> Value?
  ) throws(ReferenceError) -> Value {
    let text = self[name]?.text ?? standard
    guard let result = value(text) else {
      throw ReferenceError(
        place: "argument \(name)", expected: "one that this library has", got: text)
    }
    return result
  }
}

extension ConfigurationTree {
  /// The value if it is true or false.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The value if it is a number.
  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The value if it is text.
  public var text: String? { if case .text(let value) = self { value } else { nil } }

  /// The arguments inside if the value is a table.
  public var arguments: OriginalArguments? {
    if case .table(let values) = self { OriginalArguments(values) } else { nil }
  }
}
