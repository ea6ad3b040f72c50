import Differentiation
import Foundation
import Layers
import LongConvolution
import SequenceTensor
import Testing
import Training
import Yams

/// Published settings, which are files of the folder Recipes and a part of the program.
@Suite(.enabled(if: CommandLineTool.isBuilt, CommandLineTool.absence))
struct RecipeTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Recipes").path

  static let names: [String] =
    (FileManager.default.subpaths(atPath: folder) ?? []).filter { $0.hasSuffix(".yaml") }
    .map { String($0.dropLast(".yaml".count)) }.sorted()

  @Test func theProgramHasEveryFile() throws {
    #expect(Self.names.count >= 37)
    let list = try CommandLineTool.run(["recipes"])
    let rows = list.output.split(separator: "\n")
    #expect(rows.map { String($0.prefix { $0 != " " }) } == Self.names, "\(list.errors)")
    for name in ["listops/s4", "pathfinder/sgconv-path-x", "recall/hyena"] {
      let text = try String(contentsOfFile: "\(Self.folder)/\(name).yaml", encoding: .utf8)
      #expect(try CommandLineTool.run(["recipes", name]).output == text)
    }
    let none = try CommandLineTool.run(["recipes", "listops/gpt"])
    #expect(
      none.code == 64 && none.errors.contains("expected one of ")
        && none.errors.contains("got listops/gpt"))
  }

  /// A recipe loads, its folder is its task, and a model of it with fewer channels can be made.
  @Test(arguments: names) func makesItsModel(name: String) throws {
    let text = try String(contentsOfFile: "\(Self.folder)/\(name).yaml", encoding: .utf8)
    #expect(text.hasPrefix("# ") && text.contains("\n# Source: "))
    let tree = try YAMLDecoder().decode(ConfigurationTree.self, from: text)
    guard case .table(let keys) = tree, case .text(let model) = keys["modelName"],
      case .text(let task) = keys["task"]
    else {
      Issue.record("\(name): expected task and modelName")
      return
    }
    let parts = name.split(separator: "/")
    #expect(parts.count == 2 && parts[0] == task && parts[1].hasPrefix(model))
    let base = try RunConfiguration(task: .listops)
    var configuration = try base.overlaid(with: tree, place: name)
    try configuration.validate()
    #expect(configuration.task.rawValue == task && configuration.modelName == model)
    // Every key of the file has come through.
    let all = Dictionary(try configuration.tree.flattened.map { ($0.key, $0.value) }) { $1 }
    for (key, value) in tree.flattened {
      #expect(all[key] ?? "null" == value, "\(key)")
    }
    // Long free filters would only take long to draw.
    if all["filter.maximumLength"] != nil {
      configuration = try configuration.setting("filter.maximumLength=64")
    }
    configuration.model.layers = 1
    configuration = configuration.resolved(longest: 64)
    var random = RandomSource(seed: 0)
    let problem: SequenceProblem
    switch configuration.task {
    case .listops, .text:
      let model = configuration.makeModel(vocabulary: 20, classes: 10, using: &random)
      #expect(model.parameterCount > configuration.model.channels)
      return
    case .retrieval: problem = .classifiedPairs(vocabulary: 20, classes: 2)
    case .compression: problem = .compressedTokens(vocabulary: 16)
    case _ where configuration.source?.isPredictive == true:
      problem = .predictedTokens(vocabulary: 20)
    default: problem = .classifiedValues(channels: 1, classes: 10)
    }
    let recipe = SequenceRecipe(
      configuration: configuration, problem: problem, vocabulary: nil, classNames: [])
    #expect(recipe.makeModel(using: &random).parameterCount > configuration.model.channels)
  }

  @Test func aRecipeTrains() throws {
    let folder = try TemporaryFolder()
    let run = try CommandLineTool.run(
      ["train", "--recipe", "recall/hyena", "--out", folder.path("run"), "--threads", "1"]
        + [
          "model.channels=4", "model.layers=1", "training.epochs=1", "training.batchSize=4",
          "source.trainingExamples=8", "source.validationExamples=4", "source.testExamples=4",
        ].flatMap { ["--set", $0] })
    #expect(run.code == 0, "\(run.errors)")
    let json = try folder.text("run/config.json")
    #expect(
      json.contains("\"finalRateFactor\" : 0.002") || json.contains("\"finalRateFactor\" : 0.00200")
    )
    #expect(json.contains("\"weightDecay\" : 0.1"))
    let wrong = try CommandLineTool.run(["train", "listops", "--recipe", "recall/hyena"])
    #expect(wrong.code == 64 && wrong.errors.contains("expected recall, as the settings say"))
  }
}
