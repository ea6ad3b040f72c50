import LaneKernels
import SequenceTensor

/// Groups of neighbouring channels that fill a cache line; the last may be partly filled.
struct LaneGroups {
  let total: Int

  init(channels: Int) { total = channels }

  var count: Int { (total + LaneTransformPlan.laneCount - 1) / LaneTransformPlan.laneCount }

  func first(_ group: Int) -> Int { group * LaneTransformPlan.laneCount }

  func channels(_ group: Int) -> Int { min(LaneTransformPlan.laneCount, total - first(group)) }
}

/// A group of channels of one sequence of a batch.
struct LanePlace {
  let sequence: Int
  private let offset: Int
  private let stride: Int
  private let channels: Int
  private let isLarge: Bool

  /// Outputs of so many bytes go past the caches.
  private static let largeBytes = 4 << 20

  init(_ shape: Shape, _ sequence: Int, _ groups: LaneGroups, _ group: Int) {
    self.sequence = sequence
    offset = sequence * shape[1] * shape[2] + groups.first(group)
    stride = shape[2]
    channels = groups.channels(group)
    isLarge = shape.count * MemoryLayout<Float>.stride >= Self.largeBytes
  }

  /// Where a run of a tensor begins.
  func pointer(_ x: Tensor, _ run: RingGeometry.Run) -> UnsafePointer<Float> {
    x.pointer + offset + run.sequence.lowerBound * stride
  }

  func input(_ x: Tensor, _ gate: Tensor?, _ runs: [RingGeometry.Run]) -> LaneInput {
    var input = LaneInput()
    input.stride = stride
    input.channels = channels
    for (index, run) in runs.enumerated() {
      let at = offset + run.sequence.lowerBound * stride
      input.set(
        index,
        LaneInputRun(
          position: run.position, count: run.sequence.count, values: x.pointer + at,
          gate: gate.map { $0.pointer + at }, scale: 1))
    }
    return input
  }

  func output(
    _ y: UnsafeMutablePointer<Float>, _ gate: Tensor?, _ run: RingGeometry.Run,
    second: UnsafeMutablePointer<Float>? = nil, secondGate: Tensor? = nil
  ) -> LaneOutput {
    var output = LaneOutput()
    output.stride = stride
    output.channels = channels
    output.is_large = isLarge
    let at = offset + run.sequence.lowerBound * stride
    output.set(
      0,
      LaneOutputRun(
        position: run.position, count: run.sequence.count,
        finish: LaneFinish(
          y1: y + at, m1: gate.map { $0.pointer + at }, y2: second.map { $0 + at },
          m2: secondGate.map { $0.pointer + at }), scale: 1))
    return output
  }
}

/// Runs tasks that each transform groups of channels, on as many threads as pay.
///
/// Points that fit a thread's part of the caches are the work of one thread each. Longer ones would
/// need too much memory that way, and few of them would leave threads idle: there all threads work
/// on one task, on ranges of its columns and on its blocks.
struct LaneWorkers {
  private let plan: LaneTransformPlan
  private let arrays: Int
  private let tasks: Int

  /// Bytes of points that one thread may hold for itself.
  private static let bytesOfThread = 2 << 20
  /// Points that are worth more than one thread.
  private static let pointsForThreads = 1 << 10

  init(_ plan: LaneTransformPlan, arrays: Int, tasks: Int) {
    self.plan = plan
    self.arrays = arrays
    self.tasks = tasks
  }

  func forEach(_ body: (_ task: Int, _ scratch: LaneScratch) -> Void) {
    let isLong = plan.floats * MemoryLayout<Float>.stride > Self.bytesOfThread
    let isIdle = tasks < Parallel.threadCount && plan.points >= Self.pointsForThreads
    let isShared = (isLong || isIdle) && Parallel.workerCount(tasks: 2) > 1
    let workers = isShared ? 1 : Parallel.workerCount(tasks: tasks)
    let size = arrays * plan.floats
    var memory = Tensor(uninitialized: [workers, size]) { _ in }
    let base = memory.mutablePointer()
    func scratch(_ worker: Int) -> LaneScratch {
      LaneScratch(
        plan: plan, arrays: base + worker * size, threads: isShared ? Parallel.threadCount : 1,
        tasks: tasks, workers: workers)
    }
    if isShared {
      for task in 0..<tasks { body(task, scratch(0)) }
    } else {
      Parallel.forEach(tasks: tasks, workers: workers) { task, worker in
        body(task, scratch(worker))
      }
    }
  }
}

/// The memory of a task, and the steps of a convolution in it.
struct LaneScratch {
  let plan: LaneTransformPlan
  let arrays: UnsafeMutablePointer<Float>
  /// Threads that work on this task.
  let threads: Int
  fileprivate let tasks: Int
  fileprivate let workers: Int

  /// Whether input of a number of rows, `stride` floats apart, is to be brought near during the task
  /// before: the second cache must hold their lines, and those of wide rows share a part of its sets.
  func looksAhead(rows: Int, stride: Int) -> Bool {
    threads == 1 && rows <= (stride > 4 * LaneTransformPlan.laneCount ? 1 << 11 : 1 << 12)
  }

  /// The task that this thread will most likely take next.
  func task(after task: Int) -> Int? { task + workers < tasks ? task + workers : nil }

  /// Points of a group.
  func array(_ index: Int) -> UnsafeMutablePointer<Float> { arrays + index * plan.floats }

  func part(_ input: LaneInput, _ z: UnsafeMutablePointer<Float>) {
    withUnsafePointer(to: input) { input in
      forEachRange(plan.columns, grain: 128) { first, last in
        lanes.lane_part(plan.transform, input, z, first, last)
      }
    }
  }

  func blocks(_ work: LaneWork) {
    withUnsafePointer(to: work) { work in
      forEachRange(plan.blocks, grain: 1) { first, last in
        lanes.lane_blocks(plan.transform, work, first, last)
      }
    }
  }

  func join(_ output: LaneOutput, _ z: UnsafeMutablePointer<Float>) {
    withUnsafePointer(to: output) { output in
      forEachRange(plan.columns, grain: 128) { first, last in
        lanes.lane_join(plan.transform, output, z, first, last)
      }
    }
  }

  private func forEachRange(_ count: Int, grain: Int, _ body: (Int, Int) -> Void) {
    guard threads > 1 else { return body(0, count) }
    let pieces = (count + grain - 1) / grain
    Parallel.forEach(tasks: pieces, workers: min(threads, pieces)) { piece, _ in
      body(piece * grain, min(count, (piece + 1) * grain))
    }
  }
}

extension LaneInput {
  mutating func set(_ index: Int, _ run: LaneInputRun) {
    if index == 0 { self.run.0 = run } else { self.run.1 = run }
  }
}

extension LaneOutput {
  mutating func set(_ index: Int, _ run: LaneOutputRun) {
    if index == 0 { self.run.0 = run } else { self.run.1 = run }
  }
}

extension LaneWork {
  private init(_ operation: LaneOperation, _ channels: Int, _ z: UnsafeMutablePointer<Float>) {
    self.init(
      operation: operation, channels: channels, z: z, g: nil, filter: nil, skip: nil, sum: nil,
      first: false,
      next_z: nil, next_g: nil, next_rows: 0, next_stride: 0)
  }

  init(part z: UnsafeMutablePointer<Float>, channels: Int) { self.init(LANE_PART, channels, z) }

  init(join z: UnsafeMutablePointer<Float>, channels: Int) { self.init(LANE_JOIN, channels, z) }

  init(
    channels: Int, multiply z: UnsafeMutablePointer<Float>, filter: UnsafePointer<Float>,
    skip: UnsafePointer<Float>
  ) {
    self.init(LANE_MULTIPLY, channels, z)
    (self.filter, self.skip) = (filter, skip)
  }

  init(
    channels: Int, gradients z: UnsafeMutablePointer<Float>, _ g: UnsafeMutablePointer<Float>,
    filter: UnsafePointer<Float>, skip: UnsafePointer<Float>, sum: UnsafeMutablePointer<Float>,
    isFirst: Bool, keepsOutput: Bool
  ) {
    self.init(keepsOutput ? LANE_GRADIENTS_AND_OUTPUT : LANE_GRADIENTS, channels, z)
    (self.g, self.filter, self.skip) = (g, filter, skip)
    (self.sum, first) = (sum, isFirst)
  }

  /// Brings the rows that the next task reads near during this work.
  mutating func lookAhead(
    _ z: UnsafePointer<Float>, _ g: UnsafePointer<Float>? = nil, rows: Int, stride: Int
  ) {
    (next_z, next_g, next_rows, next_stride) = (z, g, rows, stride)
  }
}
