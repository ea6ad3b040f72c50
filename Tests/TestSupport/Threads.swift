package import SequenceTensor
import Synchronization

/// Tests that set the process's number of threads take turns.
private let threadSetting = Mutex(())

/// Runs `body` with loops on `count` threads.
package func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
  try threadSetting.withLock { _ in
    Parallel.setThreadCount(count)
    defer { Parallel.setThreadCount(0) }
    return try body()
  }
}

/// Whether two tensors agree in shape and in every bit.
package func bitsEqual(_ a: Tensor, _ b: Tensor) -> Bool {
  a.shape == b.shape && zip(a.elements, b.elements).allSatisfy { $0.bitPattern == $1.bitPattern }
}
