import ArgumentParser
import Foundation
import Longwave

/// `longwave compare`: several models at one task with the same time.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Train several models with one budget of time each, and write one report.",
    discussion: """
      Each model has the time of --budget for training and evaluations, the same data in the same order \
      and the same seed. Its speed is measured first, outside of its time, and its steps, the course \
      of its learning rate, its warm-up and its evaluations are laid out to fit; training.epochs or \
      training.maximumSteps by --set or --config keep what they say, and the time still ends it.

      The folder of --out gets report.html, comparison.json and the run of each model, for longwave \
      status and longwave evaluate. After Ctrl-C the same command goes on; models that are done are \
      kept, and more models may be named. A setting of one model only: --set hyena:filter.operator.order=3.

      Examples:
        longwave compare --models hyena,sgconv,multires,s4d,longconv --task recall --budget 5m
        longwave compare --models s4d,hyena --task mnist --data mnist --budget 30m --out runs/digits
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: "The models, separated by commas.")
  var models: String

  @Option(help: "What to learn: \(TrainingTask.names.joined(separator: ", ")).")
  var task: String?

  @Option(help: "The time of each model, as in 90s, 5m or 1.5h.")
  var budget: String

  @OptionGroup var settings: SettingsOptions

  @Option(help: "The folder of the comparison. (default: runs/compare-<task>)")
  var out: String?

  @Flag(help: "Print only the result.")
  var quiet = false

  func validate() throws {
    try settings.validate(task: task)
    _ = try names
    _ = try seconds
  }

  /// The models as `--model` has them.
  private var names: [String] {
    get throws {
      let names = try models.split(separator: ",").map {
        try SettingsOptions.knownModel(
          $0.trimmingCharacters(in: .whitespaces), option: "--models")
      }
      guard !names.isEmpty, Set(names).count == names.count else {
        throw ValidationError("--models: expected different models, got \(models)")
      }
      return names
    }
  }

  /// The budget in seconds.
  private var seconds: Double {
    get throws {
      let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
      guard let last = budget.last, let unit = units[last], let count = Double(budget.dropLast()),
        count > 0, count * unit <= 1e9
      else {
        throw ValidationError(
          "--budget: expected a number above 0 with s, m or h, as in 5m, got \(budget)")
      }
      return count * unit
    }
  }

  func run() throws {
    common.apply()
    Interrupt.install()
    let configurations = try names.map { try configuration(of: $0) }
    let first = configurations[0]
    for other in configurations {
      guard other.data == first.data, other.source == first.source,
        other.training.seed == first.training.seed
      else {
        throw ValidationError(
          "--set \(other.modelName): expected the same data and seed for all models, got others")
      }
    }
    let folder = out ?? "runs/compare-\(first.task.rawValue)"
    let comparison = ComparisonRun(
      folder: folder, isQuiet: quiet, plansSteps: try !settings.says(["epochs", "maximumSteps"]),
      comparison: try begun(configurations, in: folder))
    if first.source == nil {
      let data = try settings.cache.loadData(first)
      try comparison.run(configurations) { try ClassifierWorkload($0, data) }
    } else {
      let parts = try settings.cache.loadParts(first)
      try comparison.run(configurations) { try SequenceWorkload($0, parts) }
    }
  }

  /// The settings of a model: those for all, and those that name it.
  private func configuration(of model: String) throws -> RunConfiguration {
    let chosen = settings.settings.compactMap { setting -> String? in
      guard let colon = setting.firstIndex(of: ":"),
        colon < setting.firstIndex(of: "=") ?? setting.endIndex
      else { return setting }
      let isMeant = MixerConfiguration.name(of: String(setting[..<colon])) == model
      return isMeant ? String(setting[setting.index(after: colon)...]) : nil
    }
    return try settings.resolvedConfiguration(task: task, model: model, settings: chosen)
  }

  /// The comparison of the folder with the models of this command, or a new one.
  private func begun(
    _ configurations: [RunConfiguration], in folder: String
  ) throws -> Comparison {
    let entries = try configurations.map { configuration in
      Comparison.Entry(
        model: configuration.modelName,
        settings: Dictionary(
          try configuration.tree.flattened.map { ($0.key, $0.value) }
        ) { $1 })
    }
    let wanted = Comparison(
      task: configurations[0].task.rawValue, budgetSeconds: try seconds,
      environment: Dictionary(RunEnvironment.entries) { $1 }, models: entries)
    guard var old = try Comparison(inFolder: folder) else {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return wanted
    }
    try old.requireSame(as: wanted, place: folder)
    old.environment = wanted.environment
    old.models += entries.filter { new in !old.models.contains { $0.model == new.model } }
    return old
  }
}
