import Dispatch
import LaneKernels
import Synchronization

/// The one loop through which all work is spread over threads.
///
/// Work is cut into the same pieces whatever the number of threads, and sums over pieces are
/// taken in the order of the pieces, so that a result has the same bits with 1 thread and with
/// 16. Loops inside a piece run on the piece's thread. Within a loop numbers below the normal
/// range of `Float` (1.2e-38) count as zero, on every thread alike.
public enum Parallel {
  private static let requested = Atomic<Int>(0)

  /// The number of threads that loops may use; all processors by default.
  public static var threadCount: Int {
    let count = requested.load(ordering: .relaxed)
    return count > 0 ? count : processorCount
  }

  /// The number of processors that this process may run on.
  public static let processorCount = max(1, activeProcessorCount())

  /// The instruction set of the hot loops: `avx512`, `avx2` or `baseline`.
  public static var instructionSet: String { String(cString: lanes.name) }

  /// Sets the number of threads for the whole process; 0 means all processors.
  ///
  /// - Precondition: `count >= 0`.
  public static func setThreadCount(_ count: Int) {
    require(count >= 0, "Parallel.setThreadCount: negative count \(count)")
    requested.store(count, ordering: .relaxed)
  }

  /// Runs `body(task, worker)` for every task in `0..<tasks`, in any order.
  ///
  /// `worker` is below `workers`, and no two tasks run at once with the same one: it can index
  /// scratch memory. A caller with scratch passes the `workerCount(tasks:)` that it made scratch
  /// for, since the number of threads may be set anew at any time.
  package static func forEach(
    tasks: Int, workers: Int? = nil, _ body: (_ task: Int, _ worker: Int) -> Void
  ) {
    let workers = workers ?? workerCount(tasks: tasks)
    if workers <= 1 {
      lane_single_threaded_libraries()
      let mode = lane_flush_subnormals()
      for task in 0..<tasks { body(task, 0) }
      lane_restore_subnormals(mode)
      return
    }
    let next = Atomic<Int>(0)
    withoutActuallyEscaping(body) { body in
      // The caller vouches that its tasks do not write to the same place.
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        let before = lane_enter_parallel(true)
        lane_single_threaded_libraries()
        let mode = lane_flush_subnormals()
        while true {
          let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
          if task >= tasks { break }
          body(task, worker)
        }
        lane_restore_subnormals(mode)
        _ = lane_enter_parallel(before)
      }
    }
  }

  /// How many workers a loop over `tasks` would use here: 1 inside another parallel loop.
  package static func workerCount(tasks: Int) -> Int {
    let wanted = min(threadCount, tasks)
    guard wanted > 1 else { return 1 }
    let inside = lane_enter_parallel(true)
    _ = lane_enter_parallel(inside)
    return inside ? 1 : wanted
  }

  /// Runs `body` on consecutive ranges of `0..<count` of `grain` items each (the last shorter).
  package static func forEachRange(
    _ count: Int, grain: Int, _ body: (_ range: Range<Int>) -> Void
  ) {
    guard count > 0 else { return }
    let grain = max(1, grain)
    let pieces = (count + grain - 1) / grain
    forEach(tasks: pieces) { piece, _ in
      body(piece * grain..<min(count, (piece + 1) * grain))
    }
  }

  /// Elements in a piece of an elementwise loop: about 20 µs of work.
  package static let elementGrain = 1 << 16
}

#if canImport(Glibc)
  import Glibc
  private func activeProcessorCount() -> Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }
#else
  import Darwin
  private func activeProcessorCount() -> Int { sysconf(_SC_NPROCESSORS_ONLN) }
#endif
