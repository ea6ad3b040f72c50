import ArgumentParser
import Foundation
import Longwave

/// `longwave recipes`: published settings.
struct RecipesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipes",
    abstract: "List published settings of runs, or print one.",
    discussion: """
      Each is a YAML file that names its source and what of it cannot be said here. longwave train and \
      longwave estimate take one by --recipe; --config and --set go over it.

      Examples:
        longwave recipes
        longwave recipes listops/s4 > mine.yaml
        longwave estimate --recipe listops/s4 --data listops
        longwave train --recipe listops/s4 --data listops --set training.batchSize=16
      """)

  @Argument(help: "The recipe to print.")
  var name: String?

  func run() throws {
    if let name {
      print(try Recipe.named(name).text, terminator: "")
      return
    }
    let width = Recipe.all.reduce(0) { max($0, $1.name.count) }
    for recipe in Recipe.all {
      print(recipe.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + recipe.summary)
    }
  }
}
