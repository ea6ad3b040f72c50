#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A configuration that is put together in layers: defaults, a file, single settings.
public protocol LayeredConfiguration: Sendable, Hashable, Codable {
  /// This configuration with the defaults of the method that a tree names, so that the tree can
  /// hold that method's settings.
  func withMethod(of tree: ConfigurationTree) -> Self

  /// Checks what the types cannot: ranges and combinations.
  ///
  /// - Throws: `ConfigurationError` with the key.
  func validate() throws(ConfigurationError)
}

extension LayeredConfiguration {
  /// This configuration as a tree.
  public var tree: ConfigurationTree { get throws { try ConfigurationTree(encoding: self) } }

  /// This configuration with values of a tree put over its own.
  ///
  /// - Parameters:
  ///   - overlay: keys and values; `null` takes an optional value away.
  ///   - place: where they come from, for messages.
  /// - Throws: `ConfigurationError` for a key that does not exist or a value that it cannot have.
  public func overlaid(with overlay: ConfigurationTree, place: String) throws -> Self {
    let base = withMethod(of: overlay)
    let merged = try base.tree.overlaid(
      with: overlay, template: ConfigurationTree(encoding: base, isTemplate: true), place: place)
    do {
      return try JSONDecoder().decode(Self.self, from: JSONEncoder().encode(merged))
    } catch let error as DecodingError {
      throw ConfigurationError(error, place: place)
    }
  }

  /// This configuration with one key set as `--set` has it.
  ///
  /// - Parameter assignment: `key.path=value`.
  /// - Throws: `ConfigurationError` if there is no `=`, no such key, or no such value.
  public func setting(_ assignment: String) throws -> Self {
    guard let equals = assignment.firstIndex(of: "=") else {
      throw ConfigurationError(
        place: "--set \(assignment)", expected: "key=value", got: "no =")
    }
    let keys = assignment[..<equals].split(separator: ".").map(String.init)
    let value = ConfigurationTree(parsing: String(assignment[assignment.index(after: equals)...]))
    let overlay = keys.reversed().reduce(value) { .table([$1: $0]) }
    return try overlaid(with: overlay, place: "--set \(assignment)")
  }

  /// The text of `config.json`.
  public var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  /// Reads the text of a `config.json`.
  ///
  /// - Throws: `ConfigurationError` with the key.
  public init(json: String, place: String) throws {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(json.utf8))
    } catch let error as DecodingError {
      throw ConfigurationError(error, place: place)
    }
  }
}

extension ConfigurationError {
  /// A decoding error with the key as place.
  init(_ error: DecodingError, place: String) {
    func path(_ keys: [any CodingKey]) -> String {
      keys.isEmpty ? place : "\(place): " + keys.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      self.init(place: path(context.codingPath + [key]), expected: "a value", got: "nothing")
    case .valueNotFound(_, let context):
      self.init(place: path(context.codingPath), expected: "a value", got: "nothing")
    case .typeMismatch(let type, let context):
      self.init(
        place: path(context.codingPath), expected: "\(type)", got: "a value of another kind")
    case .dataCorrupted(let context):
      self.init(
        place: path(context.codingPath), expected: "a value that this key can have",
        got: context.debugDescription)
    @unknown default:
      self.init(place: place, expected: "a configuration", got: "\(error)")
    }
  }
}
