import LongConvolution

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension RunConfiguration {
  /// A configuration with a value for every key, also those that may be left out.
  private static func template(_ base: RunConfiguration) -> RunConfiguration {
    var full = base
    full.data.trainTable = ""
    full.data.testTable = ""
    full.training.padTo = 1
    full.training.clipNorm = 0.5
    full.training.evaluateEverySteps = 1
    full.training.patience = 1
    full.filter.scales = 1
    full.filter.weightDecay = 0.5
    return full
  }

  /// This configuration as a tree.
  public var tree: ConfigurationTree {
    get throws {
      try JSONDecoder().decode(ConfigurationTree.self, from: JSONEncoder().encode(self))
    }
  }

  /// This configuration with values of a tree put over its own.
  ///
  /// - Parameters:
  ///   - overlay: keys and values; `null` takes an optional value away.
  ///   - place: where they come from, for messages.
  /// - Throws: `ConfigurationError` for a key that does not exist or a value that it cannot have.
  public func overlaid(with overlay: ConfigurationTree, place: String) throws -> RunConfiguration {
    let merged = try tree.overlaid(
      with: overlay, template: Self.template(self).widenedTree, place: place)
    do {
      return try JSONDecoder().decode(RunConfiguration.self, from: JSONEncoder().encode(merged))
    } catch let error as DecodingError {
      throw ConfigurationError(error, place: place)
    }
  }

  /// The tree with whole-numbered `Float`s and `Double`s marked as numbers that need not be whole.
  private var widenedTree: ConfigurationTree {
    get throws {
      func widen(_ tree: ConfigurationTree, _ path: String) -> ConfigurationTree {
        switch tree {
        case .table(let values):
          .table(
            Dictionary(
              uniqueKeysWithValues: values.map { key, value in
                (key, widen(value, path.isEmpty ? key : "\(path).\(key)"))
              }))
        case .integer(let value) where Self.realKeys.contains(path): .number(Double(value))
        default: tree
        }
      }
      return widen(try tree, "")
    }
  }

  private static let realKeys: Set<String> = [
    "training.learningRate", "training.weightDecay", "training.beta1", "training.beta2",
    "training.epsilon", "training.finalRateFactor", "training.clipNorm", "model.dropout",
    "mixing.dropout", "filter.minimumDecay", "filter.maximumDecay", "filter.learningRate",
    "filter.weightDecay", "data.validationFraction",
  ]

  /// This configuration with one key set as `--set` has it.
  ///
  /// - Parameter assignment: `key.path=value`.
  /// - Throws: `ConfigurationError` if there is no `=`, no such key, or no such value.
  public func setting(_ assignment: String) throws -> RunConfiguration {
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
      self = try JSONDecoder().decode(RunConfiguration.self, from: Data(json.utf8))
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
