/// The times of a solution's frames and the equal steps between them.
struct TimeMarch {
  let place: String
  let times: [Double]

  /// - Throws: `EquationError` unless the times ascend from 0 or above and are finite.
  init(_ place: String, times: [Double]) throws(EquationError) {
    var last = 0.0
    for (index, time) in times.enumerated() {
      try EquationError.unless(
        time.isFinite && time >= last, "\(place).times[\(index)]",
        expected: "a finite time, \(last) or later", got: "\(time)")
      last = time
    }
    (self.place, self.times) = (place, times)
  }

  /// The longest interval between frames.
  var longestInterval: Double {
    zip([0] + times, times).reduce(0) { max($0, $1.1 - $1.0) }
  }

  /// Throws unless a step is above zero and leads to the last time in a countable number of steps.
  func check(step: Double) throws(EquationError) {
    try EquationError.unlessPositive(step, "\(place).timeStep")
    try EquationError.unless(
      (times.last ?? 0) / step < 1e10, "\(place).timeStep", expected: "at most 1e10 steps",
      got: "\(step)")
  }

  /// Runs `advance(steps, length of a step)` up to each time and then `record`.
  ///
  /// A frame's interval is divided into the fewest equal steps that are not above `longestStep`.
  func run(
    longestStep: Double, advance: (_ steps: Int, _ step: Double) throws(EquationError) -> Void,
    record: () throws(EquationError) -> Void
  ) throws(EquationError) {
    try check(step: longestStep)
    var now = 0.0
    var lastStep = 0.0
    for time in times {
      if time > now {
        let steps = max(1, Int(((time - now) / longestStep * (1 - 1e-12)).rounded(.up)))
        var step = (time - now) / Double(steps)
        // Equal intervals differ in their last bits; a step's coefficients are then kept.
        if abs(step - lastStep) <= 1e-12 * step { step = lastStep }
        lastStep = step
        try advance(steps, step)
        now = time
      }
      try record()
    }
  }
}
