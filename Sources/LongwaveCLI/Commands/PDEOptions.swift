import ArgumentParser
import Foundation
import Longwave

/// The options that say what an operator is trained on and how.
struct PDEOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "An equation's name, or data files; those with 'test' in their names are for testing.",
      valueName: "equation|file"))
  var files: [String] = []

  @Option(name: .customLong("test"), help: "A file of test samples; repeatable.")
  var tests: [String] = []

  @Option(
    help:
      "The kind of operator: \(OperatorRunConfiguration.modelNames.joined(separator: ", ")).")
  var model = "fno"

  @Option(help: "A YAML or JSON file with settings.")
  var config: String?

  @Option(name: .customLong("set"), help: "One setting, as in training.epochs=4; repeatable.")
  var settings: [String] = []

  @Option(help: "Determines weights, order and augmentation; short for training.seed.")
  var seed: UInt64?

  /// Whether nothing has been said but perhaps where the data is.
  var isEmpty: Bool { config == nil && settings.isEmpty && seed == nil && model == "fno" }

  func validate() throws {
    guard OperatorRunConfiguration.modelNames.contains(model) else {
      throw ValidationError(
        "--model: expected one of \(OperatorRunConfiguration.modelNames.joined(separator: ", ")),"
          + " got \(model)")
    }
  }

  /// The files to train on and to test with.
  var sortedFiles: (train: [String], tests: [String]) {
    func isTest(_ path: String) -> Bool {
      URL(fileURLWithPath: path).lastPathComponent.lowercased().contains("test")
    }
    return (files.filter { !isTest($0) }, files.filter(isTest) + tests)
  }

  /// The equation whose samples are to be drawn; nil if files are named.
  ///
  /// - Throws: `EquationError` if the only name is neither a file nor an equation.
  var equation: EquationDescription? {
    get throws {
      guard files.count == 1, let name = files.first, !name.contains("/"), !name.contains("."),
        !name.contains(","), !FileManager.default.fileExists(atPath: name)
      else { return nil }
      return try EquationCatalogue.equation(named: name)
    }
  }

  /// Defaults, then the file, then `--set`, then files and `--seed`.
  ///
  /// - Parameters:
  ///   - drawn: the file of samples that are drawn from an equation.
  ///   - prepare: changes the defaults.
  func resolvedConfiguration(
    drawn: String? = nil, _ prepare: (inout OperatorRunConfiguration) -> Void = { _ in }
  ) throws -> OperatorRunConfiguration {
    var configuration = try OperatorRunConfiguration(modelName: model)
    prepare(&configuration)
    if let config {
      configuration = try configuration.overlaid(
        with: ConfigurationFile.tree(of: config), place: config)
    }
    for setting in settings {
      do {
        configuration = try configuration.setting(setting)
      } catch let error as ConfigurationError {
        throw ValidationError(error.description)
      }
    }
    let (named, tests) = sortedFiles
    let train = drawn.map { [$0] } ?? named
    guard train.count <= 1 else {
      throw ValidationError(
        "file: expected one file of training samples, got \(train.joined(separator: " "));"
          + " name files of test samples with --test")
    }
    if let train = train.first { configuration.data.train = train }
    if !tests.isEmpty { configuration.data.tests = tests }
    if let seed { configuration.training.seed = seed }
    guard !configuration.data.train.isEmpty else {
      throw ValidationError("file: expected a file of training samples, got none")
    }
    do {
      try configuration.validate()
    } catch let error {
      throw ValidationError(error.description)
    }
    return configuration
  }
}
