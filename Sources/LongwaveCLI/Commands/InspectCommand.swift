import ArgumentParser
import Longwave

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a checkpoint holds.",
    discussion: """
      Any safetensors file will do; checkpoints of Longwave also show where their run stood.

      Example:
        longwave inspect runs/first/checkpoints/best.safetensors
      """)

  @Argument(help: "A safetensors file.")
  var checkpoint: String

  @Flag(help: "Also show the tensors of the optimiser and the configuration.")
  var all = false

  func run() throws {
    let file = try SafetensorsFile(readingFrom: checkpoint)
    switch file.metadata["format"] {
    case ClassifierRecipe.format:
      if let loaded = try? ClassifierCheckpoint(readingFrom: checkpoint) { try describe(loaded) }
    case SequenceRecipe.format:
      if let loaded = try? SequenceCheckpoint(readingFrom: checkpoint) { try describe(loaded) }
    default: break
    }
    let names = file.names.filter { all || !$0.hasPrefix("optimizer.") }
    let width = names.map(\.count).max() ?? 0
    for name in names {
      let type = try file.elementType(of: name)
      let shape = try file.shape(of: name)
      let padding = String(repeating: " ", count: width - name.count)
      let values = try file.doubles(name)
      let count = Double(max(1, values.count))
      let mean = values.reduce(0, +) / count
      let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      print(
        "\(name)\(padding)  \(type) \(shape)  mean \(NumberFormat.significant(mean))"
          + "  deviation \(NumberFormat.significant(square.squareRoot()))")
    }
    let hidden = file.names.count - names.count
    if hidden > 0 { print("and \(hidden) tensors of the optimiser (--all)") }
  }

  /// Prints where a run stood.
  private func describe(_ loaded: Checkpoint<some RunRecipe>) throws {
    let state = loaded.state
    let configuration = loaded.recipe.configuration
    let classes = loaded.recipe.classNames.count
    print("model       \(configuration.modelName), \(loaded.model.parameterCount) parameters")
    print(
      "task        \(configuration.task.rawValue)" + (classes > 0 ? ", \(classes) classes" : ""))
    let ending = state.isFinished ? ", finished" : ""
    print("step        \(state.step), epoch \(state.epoch)\(ending)")
    if let score = state.bestScore {
      print(
        "best        \(SequenceEvaluation.text(ofScore: score)) at step \(state.bestStep ?? 0)")
    }
    if all {
      for (key, value) in try configuration.tree.flattened { print("  \(key) = \(value)") }
    }
    print("")
  }
}
