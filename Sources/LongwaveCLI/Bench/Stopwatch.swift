/// Times contenders that take turns, so that whatever slows the machine for a while slows all.
struct Stopwatch {
  /// Seconds for each contender.
  var seconds: Double
  /// Turns of each contender at least, whatever the time.
  var repeats: Int

  /// A turn repeats a short call for this long: the first call finds the others' values in the
  /// cache, the following its own.
  private static let turn = Duration.milliseconds(20)
  /// Longer calls than this warm up once, shorter ones twice.
  private static let longCall = Duration.milliseconds(500)

  /// The shortest time of a call of each contender, in milliseconds.
  func shortest(_ contenders: [() -> Void]) -> [Double] {
    let clock = ContinuousClock()
    var shortest = contenders.map { contender in
      if clock.measure(contender) < Self.longCall { contender() }
      return Duration.seconds(1_000_000)
    }
    let budget = Duration.seconds(seconds) * contenders.count
    let start = clock.now
    var round = 0
    while round < repeats || clock.now - start < budget {
      for (index, contender) in contenders.enumerated() {
        let begin = clock.now
        repeat {
          shortest[index] = min(shortest[index], clock.measure(contender))
        } while seconds > 0 && clock.now - begin < Self.turn
      }
      round += 1
    }
    return shortest.map { $0 / .milliseconds(1) }
  }
}
