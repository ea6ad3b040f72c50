import ArgumentParser
import Foundation
import Longwave

/// The options that say what is trained and how.
struct RunOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "What to learn: \(TrainingTask.names.joined(separator: ", ")); or a file of settings that says"
        + " it.", valueName: "task|config"))
  var task: String?

  @OptionGroup var settings: SettingsOptions

  @Option(
    help: ArgumentHelp(
      "The kind of model: \(RunConfiguration.modelNames.joined(separator: ", "))."
        + " (default: that of the settings, or \(SettingsOptions.defaultModel))"))
  var model: String?

  /// Whether nothing has been said but perhaps where the data is.
  var isEmpty: Bool { task == nil && settings.isEmpty && model == nil }

  func validate() throws {
    if let model { _ = try SettingsOptions.knownModel(model, option: "--model") }
  }

  func validateTask() throws { try settings.validate(task: task) }

  /// Defaults, then the recipe, then the file, then `--set`, then `--data` and `--seed`.
  func resolvedConfiguration() throws -> RunConfiguration {
    try settings.resolvedConfiguration(task: task, model: model)
  }
}

/// The options that say with which settings and from which data something is learned.
struct SettingsOptions: ParsableArguments {
  @Option(help: "The folder of the data, or its file.")
  var data: String?

  @Option(help: "Published settings by task and model, such as listops/s4; see longwave recipes.")
  var recipe: String?

  @Option(help: "A YAML or JSON file with settings.")
  var config: String?

  @Option(
    name: .customLong("set"),
    help: "One setting, as in training.epochs=4; repeatable.")
  var settings: [String] = []

  @Option(help: "Determines weights, order and dropout; short for training.seed.")
  var seed: UInt64?

  @OptionGroup var cache: CacheOptions

  /// The model where nothing says another.
  static let defaultModel = "sgconv"

  /// Whether nothing has been said but perhaps where the data is.
  var isEmpty: Bool {
    recipe == nil && config == nil && settings.isEmpty && seed == nil
  }

  private static var tasks: String { "one of " + TrainingTask.names.joined(separator: ", ") }

  /// The name of a model that there is.
  static func knownModel(_ name: String, option: String) throws -> String {
    guard let known = MixerConfiguration.name(of: name) else {
      throw ValidationError(
        "\(option): expected one of \(RunConfiguration.modelNames.joined(separator: ", ")),"
          + " got \(name)")
    }
    return known
  }

  /// The file of settings: what was named as a task, if it is none, or that of `--config`.
  private func file(task: String?) -> String? {
    guard let task, TrainingTask(rawValue: task) == nil,
      FileManager.default.fileExists(atPath: task)
    else { return config }
    return task
  }

  /// Checks that there is a task, or something that says one.
  func validate(task: String?) throws {
    guard let task else {
      guard recipe != nil || config != nil else {
        throw ValidationError("task: expected \(Self.tasks), got nothing")
      }
      return
    }
    guard TrainingTask(rawValue: task) != nil || (config == nil && file(task: task) != nil) else {
      throw ValidationError("task: expected \(Self.tasks), got \(task)")
    }
  }

  /// The settings of the recipe and of the file, in this order, with their places.
  private func layers(task: String?) throws -> [(tree: ConfigurationTree, place: String)] {
    var layers: [(ConfigurationTree, String)] = []
    if let recipe {
      layers.append(try (Recipe.named(recipe).tree, "recipe \(recipe)"))
    }
    if let file = file(task: task) { layers.append(try (ConfigurationFile.tree(of: file), file)) }
    return layers
  }

  /// Whether recipe, file or `--set` give a value to one of some keys under `training`.
  func says(_ keys: [String]) throws -> Bool {
    let inFiles = try layers(task: nil).contains { layer in
      guard case .table(let all) = layer.tree, case .table(let training) = all["training"] else {
        return false
      }
      return keys.contains { training[$0] != nil }
    }
    return inFiles
      || settings.contains { setting in keys.contains { setting.contains("training.\($0)=") } }
  }

  /// Defaults, then the recipe, then the file, then `--set`, then `--data` and `--seed`.
  ///
  /// - Parameters:
  ///   - name: the task, or a file of settings; by default that of the settings.
  ///   - model: the model; by default that of the settings.
  ///   - settings: in the place of those of `--set`.
  func resolvedConfiguration(
    task name: String?, model: String?, settings given: [String]? = nil
  ) throws -> RunConfiguration {
    let layers = try layers(task: name)
    func text(_ key: String) -> String? {
      layers.reversed().lazy.compactMap { layer -> String? in
        guard case .table(let keys) = layer.tree, case .text(let text) = keys[key] else {
          return nil
        }
        return text
      }.first
    }
    let said = text("task").flatMap { TrainingTask(rawValue: $0) }
    guard let task = name.flatMap({ TrainingTask(rawValue: $0) }) ?? said else {
      throw ValidationError("task: expected \(Self.tasks), got \(text("task") ?? "nothing")")
    }
    if let said, said != task {
      throw ValidationError(
        "task: expected \(said.rawValue), as the settings say, got \(task.rawValue)")
    }
    let known = try model.map { try Self.knownModel($0, option: "--model") }
    if let known, let said = text("modelName"), MixerConfiguration.name(of: said) != known {
      throw ValidationError("--model: expected \(said), as the settings say, got \(known)")
    }
    var configuration = try RunConfiguration(
      task: task, modelName: known ?? text("modelName") ?? Self.defaultModel)
    for layer in layers {
      configuration = try configuration.overlaid(with: layer.tree, place: layer.place)
    }
    for setting in given ?? settings {
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
}
