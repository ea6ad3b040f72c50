import Synchronization

/// Counts calls from a closure that must be `Sendable`.
final class Counter: Sendable {
  private let value = Atomic<Int>(0)

  /// The number of calls before this one.
  func next() -> Int { value.add(1, ordering: .relaxed).oldValue }
}
