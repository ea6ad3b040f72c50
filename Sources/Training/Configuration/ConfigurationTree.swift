/// A configuration as a tree of keys, between its text forms and its Swift type.
public enum ConfigurationTree: Sendable, Equatable, Codable {
  /// No value: an option left out.
  case null
  /// True or false.
  case bool(Bool)
  /// A whole number.
  case integer(Int)
  /// Any other number.
  case number(Double)
  /// Text.
  case text(String)
  /// A list.
  case list([ConfigurationTree])
  /// Keys and values.
  case table([String: ConfigurationTree])

  /// Reads any value of JSON or YAML.
  public init(from decoder: any Decoder) throws {
    if let table = try? decoder.container(keyedBy: AnyKey.self) {
      var values: [String: ConfigurationTree] = [:]
      for key in table.allKeys {
        values[key.stringValue] = try table.decode(ConfigurationTree.self, forKey: key)
      }
      self = .table(values)
      return
    }
    if var list = try? decoder.unkeyedContainer() {
      var values: [ConfigurationTree] = []
      while !list.isAtEnd { values.append(try list.decode(ConfigurationTree.self)) }
      self = .list(values)
      return
    }
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let integer = try? value.decode(Int.self) {
      self = .integer(integer)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else {
      self = .text(try value.decode(String.self))
    }
  }

  /// Writes the value.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .table(let values):
      var container = encoder.container(keyedBy: AnyKey.self)
      for (key, value) in values { try container.encode(value, forKey: AnyKey(key)) }
    case .list(let values):
      var container = encoder.unkeyedContainer()
      for value in values { try container.encode(value) }
    default:
      var container = encoder.singleValueContainer()
      switch self {
      case .bool(let value): try container.encode(value)
      case .integer(let value): try container.encode(value)
      case .number(let value): try container.encode(value)
      case .text(let value): try container.encode(value)
      default: try container.encodeNil()
      }
    }
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    init(_ key: String) { stringValue = key }
    init?(stringValue: String) { self.stringValue = stringValue }
    var intValue: Int? { nil }
    init?(intValue: Int) { nil }
  }

  /// Reads a value as it is written behind `--set key=`: a number, true, false, null or text.
  public init(parsing text: String) {
    switch text {
    case "null", "~", "": self = .null
    case "true": self = .bool(true)
    case "false": self = .bool(false)
    default:
      if let integer = Int(text) {
        self = .integer(integer)
      } else if let number = Double(text), number.isFinite {
        self = .number(number)
      } else {
        self = .text(text)
      }
    }
  }

  /// Puts the values of another tree over this one's.
  ///
  /// - Parameters:
  ///   - other: the values to put over.
  ///   - template: a tree with every key there is; a key that is not in it is an error.
  ///   - place: where `other` comes from, for messages.
  ///   - path: the keys that lead to this tree, for messages; empty for a whole configuration.
  /// - Throws: `ConfigurationError` for a key that does not exist or a value of another kind.
  public func overlaid(
    with other: ConfigurationTree, template: ConfigurationTree, place: String, path: String = ""
  ) throws(ConfigurationError) -> ConfigurationTree {
    guard case .table(let known) = template else {
      guard other.fits(template) else {
        throw ConfigurationError(
          place: "\(place): \(path)", expected: template.kind, got: "\(other.kind) \(other)")
      }
      if case .number(let value) = other, !value.isFinite {
        throw ConfigurationError(
          place: "\(place): \(path)", expected: "a finite number", got: "\(value)")
      }
      return other
    }
    guard case .table(let new) = other else {
      throw ConfigurationError(
        place: path.isEmpty ? place : "\(place): \(path)",
        expected: "keys, of " + known.keys.sorted().joined(separator: ", "), got: other.kind)
    }
    var merged: [String: ConfigurationTree] = [:]
    if case .table(let old) = self { merged = old }
    for (key, value) in new.sorted(by: { $0.key < $1.key }) {
      let inner = path.isEmpty ? key : "\(path).\(key)"
      guard let pattern = known[key] else {
        throw ConfigurationError(
          place: "\(place): \(inner)",
          expected: "one of the keys " + known.keys.sorted().joined(separator: ", "),
          got: "the unknown key \(key)")
      }
      merged[key] = try (merged[key] ?? .null).overlaid(
        with: value, template: pattern, place: place, path: inner)
    }
    return .table(merged)
  }

  private func fits(_ template: ConfigurationTree) -> Bool {
    switch (self, template) {
    case (.null, _), (.bool, .bool), (.integer, .integer), (.integer, .number),
      (.number, .number), (.text, .text), (.list, .list), (.table, .table):
      true
    default: false
    }
  }

  private var kind: String {
    switch self {
    case .null: "nothing"
    case .bool: "true or false"
    case .integer: "a whole number"
    case .number: "a number"
    case .text: "text"
    case .list: "a list"
    case .table: "keys"
    }
  }

  /// Every value with its path, as in `model.channels`, sorted by path.
  public var flattened: [(key: String, value: String)] {
    switch self {
    case .table(let values):
      values.sorted { $0.key < $1.key }.flatMap { key, value in
        value.flattened.map { ($0.key.isEmpty ? key : "\(key).\($0.key)", $0.value) }
      }
    default: [("", description)]
    }
  }
}

extension ConfigurationTree: CustomStringConvertible {
  /// The value as text.
  public var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value):
      Int(exactly: value).map { "\($0)" } ?? "\(value)"
    case .text(let value): value
    case .list(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
    case .table(let values):
      "{"
        + values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        .joined(separator: ", ") + "}"
    }
  }
}

/// A configuration that cannot be used.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// The file or option, and the key.
  public let place: String
  /// What would have been right.
  public let expected: String
  /// What was there.
  public let got: String

  /// Creates an error.
  public init(place: String, expected: String, got: String) {
    self.place = place
    self.expected = expected
    self.got = got
  }

  /// One line with place, expected and got.
  public var description: String { "\(place): expected \(expected), got \(got)" }
}
