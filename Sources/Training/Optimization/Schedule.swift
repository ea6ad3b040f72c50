/// How the learning rate changes over training, as a factor of each parameter's own rate.
public struct LearningRateSchedule: Sendable, Hashable {
  /// The course after warm-up.
  public enum Course: String, Sendable, Hashable, CaseIterable, Codable {
    /// Half a cosine down to the final factor.
    case cosine
    /// A straight line down to the final factor.
    case linear
    /// No change.
    case constant
    /// Constant pieces of equal length, each with a fixed fraction of the rate before.
    case step
  }

  /// The course after warm-up.
  public var course: Course
  /// Steps over which the factor rises in a straight line from 0 to 1.
  public var warmupSteps: Int
  /// All steps, warm-up included.
  public var totalSteps: Int
  /// The factor at the end.
  public var finalFactor: Float
  /// Of `step`: how often the rate falls.
  public var drops: Int
  /// Of `step`: what the rate is multiplied by each time.
  public var dropFactor: Float

  /// Creates a schedule.
  public init(
    _ course: Course, warmupSteps: Int, totalSteps: Int, finalFactor: Float = 0, drops: Int = 4,
    dropFactor: Float = 0.5
  ) {
    self.course = course
    self.warmupSteps = warmupSteps
    self.totalSteps = totalSteps
    self.finalFactor = finalFactor
    self.drops = drops
    self.dropFactor = dropFactor
  }

  /// The schedule of a run's settings.
  ///
  /// - Parameters:
  ///   - settings: how the model is trained.
  ///   - steps: the steps of the run, over which the course goes unless the settings say otherwise.
  init(_ settings: some TrainingSettings, steps: Int) {
    self.init(
      settings.schedule, warmupSteps: settings.warmupSteps,
      totalSteps: settings.scheduleSteps ?? steps, finalFactor: settings.finalRateFactor,
      drops: settings.rateDrops, dropFactor: settings.rateDropFactor)
  }

  /// The factor of a step, counted from 0.
  public func factor(step: Int) -> Float {
    if step < warmupSteps { return Float(step + 1) / Float(warmupSteps) }
    let remaining = max(1, totalSteps - warmupSteps)
    let progress = min(1, Double(step - warmupSteps) / Double(remaining))
    switch course {
    case .constant: return 1
    case .step:
      let taken = min(drops, Int(progress * Double(drops + 1)))
      return (0..<taken).reduce(1) { factor, _ in factor * dropFactor }
    case .linear: return 1 + (finalFactor - 1) * Float(progress)
    case .cosine: return finalFactor + (1 - finalFactor) * Float((1 + cosine(progress)) / 2)
    }
  }

  /// cos(π·progress).
  private func cosine(_ progress: Double) -> Double { cos(.pi * progress) }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
