import Longwave

/// How long to measure, and what.
struct Settings {
  /// Seconds to repeat each case for.
  var seconds = 1.0
  /// Only cases whose names contain this.
  var filter = ""
  /// Threads; 0 means all processors.
  var threads = 1
  /// Small shapes and one repeat, to see that everything runs.
  var isQuick = false
  /// One JSON object a line instead of a table.
  var isJSON = false
}

/// Runs cases and prints a line for each.
struct Measurement {
  let settings: Settings

  /// Times one case.
  ///
  /// - Parameters:
  ///   - name: what is measured, with its shape.
  ///   - work: how much work one call is, in the unit; the rate is work per nanosecond.
  ///   - unit: the unit of the rate, for example `GFLOP/s` for a work in floating-point operations.
  ///   - body: one call.
  func time(_ name: String, work: Double, unit: String, _ body: () -> Void) {
    guard isWanted(name) else { return }
    report(name, shortest(body), work: work, unit: unit)
  }

  /// Times two ways to do the same, by turns, and prints how many times faster the first is.
  ///
  /// - Parameters:
  ///   - work: how much work one step is.
  ///   - steps: how many steps are timed together.
  func compare(
    _ name: String, work: Double, unit: String,
    _ first: (name: String, steps: Int, step: () -> Void),
    _ second: (name: String, steps: Int, step: () -> Void)
  ) {
    guard isWanted(name) else { return }
    var times = [Double.infinity, .infinity]
    for _ in 0..<(settings.isQuick ? 1 : 3) {
      for (index, way) in [first, second].enumerated() {
        let steps = settings.isQuick ? 64 : way.steps
        let seconds = shortest { for _ in 0..<steps { way.step() } } / Double(steps)
        times[index] = min(times[index], seconds)
      }
    }
    report("\(name), \(first.name)", times[0], work: work, unit: unit)
    report("\(name), \(second.name)", times[1], work: work, unit: unit)
    if !settings.isJSON { print("  \(rounded(times[1] / times[0])) times faster") }
  }

  /// Whether a case of this name is to be measured.
  func isWanted(_ name: String) -> Bool {
    settings.filter.isEmpty || name.contains(settings.filter)
  }

  private func report(_ name: String, _ seconds: Double, work: Double, unit: String) {
    let milliseconds = rounded(seconds * 1e3)
    let rate = rounded(work / seconds / 1e9)
    if settings.isJSON {
      print(
        "{\"case\":\"\(name)\",\"milliseconds\":\(milliseconds),\"rate\":\(rate)"
          + ",\"unit\":\"\(unit)\"}")
    } else {
      print(padded(name, 46), padded("\(milliseconds) ms", 16), "\(rate) \(unit)")
    }
  }

  /// The shortest time of a call in seconds, after two calls to warm up.
  private func shortest(_ body: () -> Void) -> Double {
    body()
    if !settings.isQuick { body() }
    let clock = ContinuousClock()
    var shortest = Double.infinity
    var spent = 0.0
    var repeats = 0
    let least = settings.isQuick ? 1 : 5
    while repeats < least || (!settings.isQuick && spent < settings.seconds && repeats < 1000) {
      let seconds = clock.measure(body) / .seconds(1)
      shortest = min(shortest, seconds)
      spent += seconds
      repeats += 1
    }
    return shortest
  }

  /// Four digits after the point, or more for small numbers.
  private func rounded(_ value: Double) -> Double {
    let unit = value < 0.1 ? 1e7 : 1e4
    return (value * unit).rounded() / unit
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
