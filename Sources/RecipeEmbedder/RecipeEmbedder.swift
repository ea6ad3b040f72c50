import Foundation

/// Writes recipes as Swift source: `RecipeEmbedder <folder> <output> <file>…`, used by the build.
@main
struct RecipeEmbedder {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard let folder = arguments.first, let output = arguments.dropFirst().first else {
      throw CocoaError(.fileNoSuchFile)
    }
    let entries = try arguments.dropFirst(2).map { file in
      let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
      let name = file.dropLast(".yaml".count)
      return "    (\n      \"\(name)\",\n      ####\"\"\"\n\(text)\n\"\"\"####\n    ),\n"
    }
    let source = """
      /// The files of the folder Recipes; made by the build.
      enum EmbeddedRecipes {
        static let texts: [(name: String, text: String)] = [
      \(entries.joined())  ]
      }

      """
    try source.write(toFile: output, atomically: true, encoding: .utf8)
  }
}
