/// The time that a run has taken: that of its earlier parts, and that since the start of this one.
struct RunClock {
  private let clock = ContinuousClock()
  private var before: Double
  private var start: ContinuousClock.Instant?
  private var end: ContinuousClock.Instant?

  /// The clock of a run whose earlier parts took so many seconds.
  init(elapsed: Double) { before = elapsed }

  /// Seconds in all.
  var elapsed: Double { before + (start.map { (clock.now - $0) / .seconds(1) } ?? 0) }

  /// Seconds until the limit of this part; `nil` without limit.
  var secondsLeft: Double? {
    end.map { max(0, (($0 - clock.now) / .seconds(1)) as Double) }
  }

  /// Whether this part has had its time.
  var isOutOfTime: Bool { end.map { clock.now >= $0 } ?? false }

  mutating func start(limit: Duration?) {
    let now = clock.now
    start = now
    end = limit.map { now + $0 }
  }

  mutating func stop() {
    before = elapsed
    (start, end) = (nil, nil)
  }
}
