import Foundation
import PackagePlugin

/// Makes the files below `Recipes` a part of the program, so that it has them wherever it is copied to.
@main
struct EmbedRecipes: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folder = context.package.directoryURL.appendingPathComponent("Recipes")
    let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    let files = (names ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
    let output = context.pluginWorkDirectoryURL.appendingPathComponent("EmbeddedRecipes.swift")
    return [
      .buildCommand(
        displayName: "Embedding \(files.count) recipes",
        executable: try context.tool(named: "RecipeEmbedder").url,
        arguments: [folder.path, output.path] + files,
        inputFiles: files.map { folder.appendingPathComponent($0) }, outputFiles: [output])
    ]
  }
}
