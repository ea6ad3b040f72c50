/// How a neural operator does on data sets, perhaps of several resolutions.
public struct OperatorEvaluation: EvaluationResult, Equatable {
  /// The error on one data set.
  public struct Entry: Sendable, Equatable {
    /// The name of the data set, for example `16x16`.
    public var name: String
    /// The mean over samples of ‖prediction - target‖₂ / ‖target‖₂.
    public var relativeL2: Double
    /// The number of samples.
    public var samples: Int

    /// Creates an entry.
    public init(name: String, relativeL2: Double, samples: Int) {
      self.name = name
      self.relativeL2 = relativeL2
      self.samples = samples
    }
  }

  /// The errors, one for each data set.
  public var entries: [Entry]
  /// Whether they decide which checkpoint is the best.
  public var isDecisive: Bool

  /// Creates an evaluation.
  public init(entries: [Entry], isDecisive: Bool) {
    self.entries = entries
    self.isDecisive = isDecisive
  }

  /// The negative error of the first data set, if it decides.
  public var score: Double? { isDecisive ? entries.first.map { -$0.relativeL2 } : nil }

  /// The errors by data set.
  public var summary: String {
    "relative L2 \(isDecisive ? "" : "of test data ")"
      + entries.map { "\(NumberFormat.significant($0.relativeL2)) (\($0.name))" }
      .joined(separator: ", ")
  }

  /// The errors by data set.
  public func record(isFinal: Bool) -> String {
    let errors = entries.map { "\"\($0.name)\":\($0.relativeL2)" }.joined(separator: ",")
    return "\"relative_l2\":{\(errors)}"
  }
}
