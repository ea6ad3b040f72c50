/// Where the time of computations on a tape goes, by operation, forward and backward.
///
/// Operations of a tape run one after the other, so the forward time of one is the time since the
/// one before it ended: what prepares an operation counts as part of it. Values computed from
/// constants alone are not recorded and count towards the next operation that is.
public struct OperationProfile: Sendable {
  /// The sums of one operation.
  public struct Entry: Sendable {
    /// The operation's name, that of its function in Swift.
    public var name: String
    /// How many times it was recorded.
    public var calls = 0
    /// Seconds forward.
    public var forward = 0.0
    /// Seconds backward.
    public var backward = 0.0
    /// Floating-point operations forward; 0 for those that do not say.
    public var arithmetic = 0.0
    /// Floating-point operations backward.
    public var arithmeticBackward = 0.0
    /// Bytes of operands and results forward, each counted once.
    public var bytes = 0.0

    /// Seconds in all.
    public var seconds: Double { forward + backward }
  }

  /// The operations in the order of their first appearance.
  public private(set) var entries: [Entry] = []
  private var indices: [String: Int] = [:]
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant

  /// Starts the clock.
  public init() { last = clock.now }

  /// Starts the clock anew, so that what happened in between counts for nothing.
  public mutating func restart() { last = clock.now }

  /// Seconds since the clock was started or an operation ended, and starts it anew.
  mutating func lap() -> Double {
    let now = clock.now
    defer { last = now }
    return (now - last) / .seconds(1)
  }

  private mutating func index(_ name: String) -> Int {
    if let index = indices[name] { return index }
    indices[name] = entries.count
    entries.append(Entry(name: name))
    return entries.count - 1
  }

  mutating func addForward(_ name: String, arithmetic: Double, bytes: Double) {
    let seconds = lap()
    let at = index(name)
    entries[at].calls += 1
    entries[at].forward += seconds
    entries[at].arithmetic += arithmetic
    entries[at].bytes += bytes
  }

  mutating func addBackward(_ name: String, arithmetic: Double) {
    let seconds = lap()
    let at = index(name)
    entries[at].backward += seconds
    entries[at].arithmeticBackward += arithmetic
  }

  /// Notes the time since the last operation under a name of one's own, such as `optimiser`.
  public mutating func note(_ name: String) {
    let seconds = lap()
    let at = index(name)
    entries[at].calls += 1
    entries[at].forward += seconds
  }
}
