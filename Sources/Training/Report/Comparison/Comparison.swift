import TensorIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Several models that learned one task, each with the same time, data, order and seed.
///
/// `comparison.json` of a comparison's folder; the models' runs lie beside it.
public struct Comparison: Sendable, Codable {
  /// What a model has come to.
  public struct Entry: Sendable, Codable {
    /// The kind of model, for example `hyena`.
    public var model: String
    /// Every setting with its key, before it was fitted to the data and the budget.
    public var settings: [String: String]
    /// What the run is doing.
    public var state = RunStatus.Condition.stopped
    /// Values that are learned.
    public var parameters: Int?
    /// Steps taken.
    public var steps = 0
    /// Steps that the course of the learning rate was made for.
    public var plannedSteps: Int?
    /// Seconds of training, evaluations included.
    public var seconds = 0.0
    /// What the models are compared by: `accuracy`, `loss` or `relative L2`.
    public var measure = "loss"
    /// The best evaluation.
    public var best: RunStatus.Point?
    /// The last evaluation.
    public var last: RunStatus.Point?
    /// The result of the best model on the test part.
    public var test: Double?
    /// All evaluations.
    public var evaluations: [RunStatus.Point] = []
    /// Why it could not be trained, if it could not.
    public var failure: String?

    /// A model that has not begun.
    public init(model: String, settings: [String: String]) {
      self.model = model
      self.settings = settings
    }

    /// Takes over what a run's folder says.
    ///
    /// - Throws: `RunError` if there is no run, and errors of reading.
    public mutating func update(from folder: RunFolder) throws {
      let status = try RunStatus(folder)
      state = status.condition
      parameters = status.parameters
      (steps, plannedSteps) = (status.step, status.totalSteps)
      seconds = status.elapsedSeconds
      measure = status.measure
      (best, last, test) = (status.best, status.results.last, status.test)
      evaluations = status.results
    }

    /// Whether there is nothing more to do.
    public var isOver: Bool { failure != nil || (state == .finished && test != nil) }
  }

  /// What is learned.
  public var task: String
  /// The seconds that each model has.
  public var budgetSeconds: Double
  /// What it ran on: names and values.
  public var environment: [String: String]
  /// The models, in the order in which they were named.
  public var models: [Entry]

  /// Creates a comparison.
  public init(
    task: String, budgetSeconds: Double, environment: [String: String], models: [Entry]
  ) {
    self.task = task
    self.budgetSeconds = budgetSeconds
    self.environment = environment
    self.models = models
  }

  /// Reads that of a folder; `nil` if the folder has none.
  ///
  /// - Throws: `RunError` if it cannot be understood.
  public init?(inFolder path: String) throws {
    let file = Self.file(inFolder: path)
    guard let data = FileManager.default.contents(atPath: file) else { return nil }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      self = try decoder.decode(Comparison.self, from: data)
    } catch {
      throw RunError(place: file, expected: "a comparison", got: "\(error)")
    }
  }

  /// Writes `comparison.json` and `report.html`, each as a whole.
  ///
  /// - Throws: `TensorFileError` if they cannot be written.
  public func write(toFolder path: String, commands: [(String, String)]) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(self), as: UTF8.self)
    try AtomicFile.write(text + "\n", to: Self.file(inFolder: path))
    try AtomicFile.write(html(commands: commands), to: "\(path)/report.html")
  }

  /// The place of the file.
  static func file(inFolder path: String) -> String { "\(path)/comparison.json" }

  /// Refuses to go on with a comparison that was begun with other settings.
  ///
  /// - Parameter wanted: the comparison that is asked for; it may have other models.
  /// - Throws: `RunError` with the first setting that differs.
  public func requireSame(as wanted: Comparison, place: String) throws(RunError) {
    func check(_ what: String, _ old: String?, _ new: String?) throws(RunError) {
      guard old != new else { return }
      throw RunError(
        place: place, expected: "\(what) \(old ?? "not set"), as the comparison there began",
        got: new ?? "nothing")
    }
    try check("the task", task, wanted.task)
    try check("a budget of seconds", "\(budgetSeconds)", "\(wanted.budgetSeconds)")
    for new in wanted.models {
      guard let old = models.first(where: { $0.model == new.model }) else { continue }
      for key in Set(old.settings.keys).union(new.settings.keys).sorted() {
        try check("\(new.model): \(key)", old.settings[key], new.settings[key])
      }
    }
  }
}
