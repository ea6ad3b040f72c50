import Foundation
import Synchronization

/// Whether the user has asked to stop, by Ctrl-C or a termination signal.
enum Interrupt {
  private static let flag = Atomic<Bool>(false)

  /// Turns the first signal into a request; a second one ends the process at once.
  static func install() {
    for name in [SIGINT, SIGTERM] {
      signal(name) { name in
        // Only what is safe in a signal handler: an atomic store and `signal`.
        Interrupt.flag.store(true, ordering: .relaxed)
        signal(name, SIG_DFL)
      }
    }
  }

  static var isRequested: Bool { flag.load(ordering: .relaxed) }
}
