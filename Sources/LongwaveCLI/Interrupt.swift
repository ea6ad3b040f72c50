import Foundation
import Synchronization

/// Whether the user has asked to stop, by Ctrl-C or a termination signal.
enum Interrupt {
  private static let flag = Atomic<Bool>(false)

  /// Turns the first signal into a request; a second one ends the process at once.
  static func install() {
    letWritesFail()
    for name in [SIGINT, SIGTERM] {
      signal(name) { name in
        // Only what is safe in a signal handler: an atomic store and `signal`.
        Interrupt.flag.store(true, ordering: .relaxed)
        signal(name, SIG_DFL)
      }
    }
  }

  /// Lets a write beyond the limit of a file's size fail as on a full disk, with a message,
  /// instead of ending the process.
  static func letWritesFail() { signal(SIGXFSZ, SIG_IGN) }

  static var isRequested: Bool { flag.load(ordering: .relaxed) }
}
