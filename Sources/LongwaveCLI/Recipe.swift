import ArgumentParser
import Longwave

/// Published settings of a run: a file of the folder Recipes, which is a part of the program.
struct Recipe {
  /// Task and model, for example `listops/s4`: the file's path below Recipes without its ending.
  let name: String
  /// The text of the file.
  let text: String

  /// The recipes there are, sorted by name.
  static let all: [Recipe] = EmbeddedRecipes.texts.map { Recipe(name: $0.name, text: $0.text) }
    .sorted { $0.name < $1.name }

  /// The recipe of a name.
  ///
  /// - Throws: `ValidationError` if there is none.
  static func named(_ name: String) throws -> Recipe {
    guard let recipe = all.first(where: { $0.name == name }) else {
      throw ValidationError(
        "--recipe: expected one of \(all.map(\.name).joined(separator: ", ")), got \(name)")
    }
    return recipe
  }

  /// The settings.
  ///
  /// - Throws: `ConfigurationError` if the text is no YAML.
  var tree: ConfigurationTree {
    get throws { try ConfigurationFile.tree(text: text, place: "recipe \(name)") }
  }

  /// The first line of the file's comment.
  var summary: String {
    text.split(separator: "\n").first { $0.hasPrefix("#") }
      .map { $0.drop { $0 == "#" || $0 == " " }.description } ?? ""
  }
}
