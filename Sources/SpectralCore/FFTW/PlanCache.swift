import Synchronization

/// Values that are costly to make, kept by key; safe from many threads.
///
/// A value is made outside the lock, so two threads may make the same one at once; the first to
/// finish is kept and both get it.
package final class PlanCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let values = Mutex<[Key: Value]>([:])

  package init() {}

  package func value(for key: Key, make: () -> Value) -> Value {
    if let found = values.withLock({ $0[key] }) { return found }
    let made = make()
    return values.withLock { values in
      if let found = values[key] { return found }
      values[key] = made
      return made
    }
  }

  /// The number of values kept.
  package var count: Int { values.withLock { $0.count } }

  /// Forgets every value; those in use live on with their users.
  package func removeAll() { values.withLock { $0 = [:] } }
}
