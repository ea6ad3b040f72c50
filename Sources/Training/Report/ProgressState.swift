/// What a progress line shows at one moment.
struct ProgressState {
  var step = 0
  var loss: Double?
  var accuracy: Double?
  var tokensPerSecond: Double?
}

/// Estimates the time left from recent steps.
struct ProgressEstimate {
  /// The time after which old steps have lost most of their weight, in seconds.
  static let memory = 60.0

  /// When the task began.
  let startTime: Double
  private var step: Int
  private var time: Double
  private var recentSteps = 0.0
  private var recentSeconds = 0.0

  init(step: Int, time: Double) {
    startTime = time
    self.step = step
    self.time = time
  }

  /// Notes that a step was reached.
  mutating func record(step newStep: Int, time newTime: Double) {
    guard newStep > step, newTime > time else { return }
    // Steps and seconds fade alike: their quotient stays a mean over steps, so that a pause
    // counts once and not by the square of its length.
    let kept = 1 / (1 + (newTime - time) / Self.memory)
    recentSteps = recentSteps * kept + Double(newStep - step)
    recentSeconds = recentSeconds * kept + (newTime - time)
    step = newStep
    time = newTime
  }

  /// The seconds that the steps up to `total` will take, or `nil` before the first step.
  func secondsLeft(until total: Int) -> Double? {
    recentSteps > 0 ? recentSeconds / recentSteps * Double(max(total - step, 0)) : nil
  }
}
