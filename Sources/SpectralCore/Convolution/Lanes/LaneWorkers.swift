import LaneKernels
import SequenceTensor

/// Groups of as many neighbouring channels as a vector has lanes; the last may be partly filled.
struct LaneGroups {
  let total: Int

  init(channels: Int) { total = channels }

  var count: Int { (total + LaneTransformPlan.laneCount - 1) / LaneTransformPlan.laneCount }

  func first(_ group: Int) -> Int { group * LaneTransformPlan.laneCount }

  func channels(_ group: Int) -> Int { min(LaneTransformPlan.laneCount, total - first(group)) }
}

/// A group of channels of one sequence of a batch.
struct LanePlace {
  private let offset: Int
  private let stride: Int
  private let channels: Int

  init(_ shape: Shape, _ sequence: Int, _ groups: LaneGroups, _ group: Int) {
    offset = sequence * shape[1] * shape[2] + groups.first(group)
    stride = shape[2]
    channels = groups.channels(group)
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
    let columns = isShared ? Parallel.threadCount : 1
    let size = arrays * plan.floats + columns * plan.columnFloats
    var memory = Tensor(uninitialized: [workers, size]) { _ in }
    let base = memory.mutablePointer()
    func scratch(_ worker: Int) -> LaneScratch {
      let arrays = base + worker * size
      return LaneScratch(
        plan: plan, arrays: arrays, columns: arrays + self.arrays * plan.floats, threads: columns)
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
  let columns: UnsafeMutablePointer<Float>
  /// Threads that work on this task.
  let threads: Int

  /// Points of a group.
  func array(_ index: Int) -> UnsafeMutablePointer<Float> { arrays + index * plan.floats }

  func part(_ input: LaneInput, _ z: UnsafeMutablePointer<Float>) {
    withUnsafePointer(to: input) { input in
      forEachRange(plan.columns, grain: 128) { first, last, scratch in
        lanes.lane_part(plan.transform, input, z, first, last, scratch)
      }
    }
  }

  func blocks(_ work: LaneWork) {
    withUnsafePointer(to: work) { work in
      forEachRange(plan.blocks, grain: 1) { first, last, scratch in
        lanes.lane_blocks(plan.transform, work, first, last, scratch)
      }
    }
  }

  func join(_ output: LaneOutput, _ z: UnsafeMutablePointer<Float>) {
    withUnsafePointer(to: output) { output in
      forEachRange(plan.columns, grain: 128) { first, last, scratch in
        lanes.lane_join(plan.transform, output, z, first, last, scratch)
      }
    }
  }

  private func forEachRange(
    _ count: Int, grain: Int, _ body: (Int, Int, UnsafeMutablePointer<Float>) -> Void
  ) {
    guard threads > 1 else { return body(0, count, columns) }
    let pieces = (count + grain - 1) / grain
    Parallel.forEach(tasks: pieces, workers: min(threads, pieces)) { piece, worker in
      body(
        piece * grain, min(count, (piece + 1) * grain), columns + worker * plan.columnFloats)
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
  init(part z: UnsafeMutablePointer<Float>) {
    self.init(
      operation: LANE_PART, z: z, g: nil, filter: nil, skip: nil, sum: nil, first: false)
  }

  init(join z: UnsafeMutablePointer<Float>) {
    self.init(
      operation: LANE_JOIN, z: z, g: nil, filter: nil, skip: nil, sum: nil, first: false)
  }

  init(
    multiply z: UnsafeMutablePointer<Float>, filter: UnsafePointer<Float>,
    skip: UnsafePointer<Float>
  ) {
    self.init(
      operation: LANE_MULTIPLY, z: z, g: nil, filter: filter, skip: skip, sum: nil, first: false)
  }

  init(
    gradients z: UnsafeMutablePointer<Float>, _ g: UnsafeMutablePointer<Float>,
    filter: UnsafePointer<Float>, skip: UnsafePointer<Float>, sum: UnsafeMutablePointer<Float>,
    isFirst: Bool, keepsOutput: Bool
  ) {
    self.init(
      operation: keepsOutput ? LANE_GRADIENTS_AND_OUTPUT : LANE_GRADIENTS, z: z, g: g,
      filter: filter, skip: skip, sum: sum, first: isFirst)
  }
}
