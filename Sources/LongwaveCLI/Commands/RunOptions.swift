import ArgumentParser
import Foundation
import Longwave
import Yams

/// The options that say what is trained and how.
struct RunOptions: ParsableArguments {
  @Argument(help: "What to learn: \(TrainingTask.names.joined(separator: ", ")).")
  var task: String?

  @Option(help: "The folder of the data, or its file.")
  var data: String?

  @Option(help: "The kind of model: \(RunConfiguration.modelNames.joined(separator: ", ")).")
  var model = "sgconv"

  @Option(help: "A YAML or JSON file with settings.")
  var config: String?

  @Option(name: .customLong("set"), help: "One setting, as in training.epochs=4; repeatable.")
  var settings: [String] = []

  @Option(help: "Determines weights, order and dropout; short for training.seed.")
  var seed: UInt64?

  /// Whether nothing has been said but perhaps where the data is.
  var isEmpty: Bool { task == nil && config == nil && settings.isEmpty && seed == nil }

  private static var tasks: String { "one of " + TrainingTask.names.joined(separator: ", ") }

  func validateTask() throws {
    guard let task else {
      throw ValidationError("task: expected \(Self.tasks), got nothing")
    }
    guard TrainingTask(rawValue: task) != nil else {
      throw ValidationError("task: expected \(Self.tasks), got \(task)")
    }
    guard RunConfiguration.modelNames.contains(model) else {
      throw ValidationError(
        "--model: expected one of \(RunConfiguration.modelNames.joined(separator: ", ")),"
          + " got \(model)")
    }
  }

  /// Defaults, then the file, then `--set`, then `--data` and `--seed`.
  func resolvedConfiguration() throws -> RunConfiguration {
    guard let task = TrainingTask(rawValue: task ?? "") else {
      throw ValidationError("task: expected \(Self.tasks)")
    }
    var configuration = try RunConfiguration(task: task, modelName: model)
    if let config {
      configuration = try configuration.overlaid(with: Self.tree(ofFile: config), place: config)
    }
    for setting in settings {
      do {
        configuration = try configuration.setting(setting)
      } catch let error as ConfigurationError {
        throw ValidationError(error.description)
      }
    }
    if let data { configuration.data.folder = data }
    if let seed { configuration.training.seed = seed }
    guard
      !configuration.data.folder.isEmpty || configuration.data.trainTable != nil
        || configuration.source?.readsFiles == false
    else {
      throw ValidationError("--data: expected the folder of the data, got nothing")
    }
    do {
      try configuration.validate()
    } catch let error {
      throw ValidationError(error.description)
    }
    return configuration
  }

  static func tree(ofFile path: String) throws -> ConfigurationTree {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw ConfigurationError(
        place: path, expected: "a readable YAML or JSON file in UTF-8",
        got: FileManager.default.fileExists(atPath: path) ? "another file" : "no such file")
    }
    do {
      // JSON is YAML, so one reader does for both.
      return try YAMLDecoder().decode(ConfigurationTree?.self, from: text) ?? .table([:])
    } catch {
      throw ConfigurationError(place: path, expected: "YAML or JSON", got: "\(error)")
    }
  }
}
