/// What a run tells whoever watches it; the library itself never prints.
public protocol TrainingObserver: AnyObject {
  /// A step was taken.
  func didStep(_ progress: TrainingProgress)
  /// The model was evaluated.
  func didEvaluate(_ result: any EvaluationResult, split: String, step: Int, epoch: Int)
  /// Something worth a line happened.
  func note(_ message: String)
  /// Whether to stop after this step.
  var wantsToStop: Bool { get }
}

/// How far a run is after a step.
public struct TrainingProgress: Sendable {
  /// Steps taken.
  public var step: Int
  /// Steps in all.
  public var totalSteps: Int
  /// The mean loss since the last line of metrics, or of the step.
  public var loss: Double
  /// The accuracy over the same steps, where answers are right or wrong.
  public var accuracy: Double?
  /// Tokens of the step, padding left out, or samples, a second.
  public var tokensPerSecond: Double
}

/// How a run ended.
public enum TrainingOutcome: Sendable, Equatable {
  /// All epochs were trained.
  case completed
  /// The validation accuracy had stopped rising.
  case stoppedEarly
  /// The observer wanted to stop; the run can go on from its last checkpoint.
  case interrupted
  /// The time was up; the run can go on from its last checkpoint.
  case outOfTime

  /// Whether the run can go on.
  public var canGoOn: Bool { self == .interrupted || self == .outOfTime }
}
