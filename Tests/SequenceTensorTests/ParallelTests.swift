import SequenceTensor
import Synchronization
import TestSupport
import Testing

/// The loop that all parallel work goes through.
@Suite struct ParallelTests {
  @Test(arguments: [0, 1, 2, 3, 7, 1000], [1, 2, 5]) func everyTaskOnce(tasks: Int, threads: Int) {
    let runs = Mutex([Int](repeating: 0, count: tasks))
    let highest = Mutex(-1)
    withThreads(threads) {
      Parallel.forEach(tasks: tasks) { task, worker in
        runs.withLock { $0[task] += 1 }
        highest.withLock { $0 = max($0, worker) }
      }
      #expect(highest.withLock { $0 } < Parallel.workerCount(tasks: tasks))
      #expect(Parallel.workerCount(tasks: tasks) == max(1, min(tasks, threads)))
    }
    #expect(runs.withLock { $0.allSatisfy { $0 == 1 } })
  }

  /// Two tasks with one worker index would share scratch memory.
  @Test func noTwoTasksShareAWorker() {
    withThreads(4) {
      let busy = Mutex(Set<Int>())
      let clashes = Atomic<Int>(0)
      Parallel.forEach(tasks: 400) { task, worker in
        let free = busy.withLock { $0.insert(worker).inserted }
        if !free { clashes.wrappingAdd(1, ordering: .relaxed) }
        var spin = RandomSource(seed: UInt64(task))
        for _ in 0..<2000 { _ = spin.next() }
        busy.withLock { _ = $0.remove(worker) }
      }
      #expect(clashes.load(ordering: .relaxed) == 0)
    }
  }

  @Test func loopsInsideLoopsAreSerial() {
    withThreads(2) {
      let wrong = Atomic<Int>(0)
      Parallel.forEach(tasks: 4) { _, _ in
        if Parallel.workerCount(tasks: 10) != 1 { wrong.wrappingAdd(1, ordering: .relaxed) }
        var order: [Int] = []
        Parallel.forEach(tasks: 5) { task, worker in order.append(task + 100 * worker) }
        if order != [0, 1, 2, 3, 4] { wrong.wrappingAdd(1, ordering: .relaxed) }
      }
      #expect(wrong.load(ordering: .relaxed) == 0)
      // The mark is taken off again.
      #expect(Parallel.workerCount(tasks: 10) == 2)
    }
  }

  /// Scratch made for some workers serves them even if the number of threads is raised meanwhile.
  @Test func keepsToTheWorkersItWasGiven() {
    withThreads(2) {
      let workers = Parallel.workerCount(tasks: 100)
      Parallel.setThreadCount(8)
      let highest = Mutex(0)
      Parallel.forEach(tasks: 100, workers: workers) { _, worker in
        highest.withLock { $0 = max($0, worker) }
      }
      #expect(highest.withLock { $0 } < workers)
    }
  }

  @Test func ranges() {
    for (count, grain) in [(0, 3), (1, 3), (3, 3), (10, 3), (10, 100), (5, 0)] {
      let seen = Mutex<[Range<Int>]>([])
      Parallel.forEachRange(count, grain: grain) { range in seen.withLock { $0.append(range) } }
      let ranges = seen.withLock { $0 }.sorted { $0.lowerBound < $1.lowerBound }
      #expect(ranges.flatMap(Array.init) == Array(0..<count))
      #expect(ranges.dropLast().allSatisfy { $0.count == max(1, grain) })
    }
  }

  @Test func negativeCountStops() async {
    await #expect(processExitsWith: .failure) { Parallel.setThreadCount(-1) }
  }
}
