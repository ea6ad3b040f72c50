/// The settings of a task's data, as they stand under `source` in a configuration.
///
/// A task becomes trainable from the command line by one conformance, one entry in
/// `TaskConfiguration.kinds` and its case of `TrainingTask`.
public protocol TaskSettings: Sendable, Hashable, Codable {
  /// The task.
  static var task: TrainingTask { get }
  /// What the task is, in a line.
  static var summary: String { get }
  /// What to type behind `longwave train` to learn it.
  static var example: String { get }
  /// Whether a model answers each position by what stands before it, so that its mixers have to be
  /// causal and `language` has the rest of its settings.
  static var isPredictive: Bool { get }
  /// Whether the data comes from files.
  static var readsFiles: Bool { get }

  /// The defaults.
  init(forTraining: Void)

  /// Gives other settings of a run the defaults of the task.
  func adjust(_ run: inout RunConfiguration)

  /// Checks what the types cannot.
  ///
  /// - Throws: `ConfigurationError` with the key under `source`.
  func validate(_ run: RunConfiguration) throws(ConfigurationError)

  /// Reads or generates the data.
  ///
  /// - Parameters:
  ///   - run: the configuration that these settings are a part of.
  ///   - vocabulary: that of an earlier run; by default counted on the training part.
  /// - Throws: `DataError` with place, expected and got.
  func load(_ run: RunConfiguration, vocabulary: Vocabulary?) throws(DataError) -> SequenceParts
}

/// A task whose data takes long enough to read that it is kept in a cache.
protocol CachedTask: TaskSettings {
  /// Reads the data, or takes it from a cache.
  func load(
    _ run: RunConfiguration, vocabulary: Vocabulary?, cache: DataCache?
  ) throws(DataError) -> SequenceParts
}

extension TaskSettings {
  /// A class or values for the whole sequence.
  public static var isPredictive: Bool { false }
  /// From files.
  public static var readsFiles: Bool { true }
  /// Nothing is changed.
  public func adjust(_ run: inout RunConfiguration) {}
}

/// The data of a run's task, with its settings.
public struct TaskConfiguration: Sendable, Hashable {
  /// The tasks that have such settings: all but ListOps and the classification of texts.
  public static let kinds: [any TaskSettings.Type] = [
    RetrievalSettings.self, ImageSettings.self, DigitSettings.self, PathfinderSettings.self,
    TimeSeriesSettings.self, ForecastingSettings.self, NextBaseSettings.self,
    SpeciesSettings.self, TextFileSettings.self, AssociativeRecall.self, InductionHeads.self,
    InContextRecall.self, FuzzyRecall.self, NoisyRecall.self, SelectiveCopy.self,
    Compression.self, Memorization.self,
  ]

  /// The settings.
  public var settings: any TaskSettings

  /// The defaults of a task; `nil` for the tasks without such settings.
  public init?(_ task: TrainingTask) {
    guard let kind = Self.kinds.first(where: { $0.task == task }) else { return nil }
    settings = kind.init(forTraining: ())
  }

  init(_ kind: any TaskSettings.Type, from decoder: any Decoder) throws {
    settings = try kind.init(from: decoder)
  }

  /// The settings of a task that the run is known to have.
  ///
  /// - Precondition: the run has that task.
  public subscript<Settings: TaskSettings>(_ type: Settings.Type) -> Settings {
    get {
      guard let settings = settings as? Settings else {
        preconditionFailure("TaskConfiguration: \(Settings.task) of another task's run")
      }
      return settings
    }
    set { settings = newValue }
  }

  /// Whether a model answers each position by what stands before it.
  public var isPredictive: Bool { type(of: settings).isPredictive }

  /// Whether the data comes from files.
  public var readsFiles: Bool { type(of: settings).readsFiles }

  /// Whether tasks and settings are the same.
  public static func == (a: TaskConfiguration, b: TaskConfiguration) -> Bool {
    AnyHashable(a.settings) == AnyHashable(b.settings)
  }

  /// Hashes the settings.
  public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(settings)) }
}
