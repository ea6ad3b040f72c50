import Foundation
import Longwave
import Yams

/// Settings as text in YAML or JSON.
enum ConfigurationFile {
  /// The settings of a file.
  ///
  /// - Throws: `ConfigurationError` if it cannot be read or is neither YAML nor JSON.
  static func tree(of path: String) throws -> ConfigurationTree {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw ConfigurationError(
        place: path, expected: "a readable YAML or JSON file in UTF-8",
        got: FileManager.default.fileExists(atPath: path) ? "another file" : "no such file")
    }
    return try tree(text: text, place: path)
  }

  /// The settings of a text.
  ///
  /// - Throws: `ConfigurationError` if it is neither YAML nor JSON.
  static func tree(text: String, place: String) throws -> ConfigurationTree {
    do {
      // JSON is YAML, so one reader does for both.
      return try YAMLDecoder().decode(ConfigurationTree?.self, from: text) ?? .table([:])
    } catch {
      throw ConfigurationError(place: place, expected: "YAML or JSON", got: "\(error)")
    }
  }
}
