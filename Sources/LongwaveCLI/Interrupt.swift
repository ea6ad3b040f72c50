import Foundation
import Synchronization

/// Whether the user has asked to stop, by Ctrl-C or a termination signal.
enum Interrupt {
  private static let flag = Atomic<Bool>(false)

  /// Turns the first signal into a request; a second one ends the process at once.
  ///
  /// The calling thread and those that it begins block the signals, and a thread of its own takes
  /// them: oneDNN's products use their work space as a stack, where a handler's frame would lie over
  /// the heap.
  static func install() {
    letWritesFail()
    for name in names {
      signal(name) { name in
        // Only what is safe in a signal handler: an atomic store and `signal`.
        Interrupt.flag.store(true, ordering: .relaxed)
        signal(name, SIG_DFL)
      }
    }
    var signals = signals
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    Thread.detachNewThread {
      var signals = Self.signals
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      while true { pause() }
    }
  }

  /// Lets a write beyond the limit of a file's size fail as on a full disk, with a message,
  /// instead of ending the process.
  static func letWritesFail() { signal(SIGXFSZ, SIG_IGN) }

  /// Begins a program, which inherits what the calling thread blocks, so that signals reach it.
  static func begin(_ process: Process) throws {
    var (signals, before) = (signals, sigset_t())
    pthread_sigmask(SIG_UNBLOCK, &signals, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
  }

  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  private static let names = [SIGINT, SIGTERM]

  private static var signals: sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for name in names { sigaddset(&signals, name) }
    return signals
  }
}
