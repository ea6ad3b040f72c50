import CFFTW
import SequenceTensor

/// FFTW's transform of one contiguous real grid, and the loop that brings channels to it.
final class RealRowTransform: Sendable {
  /// Floats from one real row to the next; a whole number of cache lines, so that all rows are
  /// aligned as FFTW planned for, and so get the same bits.
  let realPitch: Int
  /// Floats from one complex row to the next.
  let complexPitch: Int
  private let count: Int
  private let forwardPlan: FFTWPlan
  private let inversePlan: FFTWPlan

  private struct Key: Hashable {
    let gridShape: Shape
    let effort: PlanningEffort
  }

  private static let plans = PlanCache<Key, RealRowTransform>()

  /// The transform of a grid, shared by all that ask for it.
  static func plan(_ gridShape: Shape, effort: PlanningEffort) -> RealRowTransform {
    plans.value(for: Key(gridShape: gridShape, effort: effort)) {
      RealRowTransform(gridShape, effort: effort)
    }
  }

  private init(_ gridShape: Shape, effort: PlanningEffort) {
    let complexCount = Spectrum.modeShape(of: gridShape).count
    let realPitch = (gridShape.count + 15) / 16 * 16
    let complexPitch = (2 * complexCount + 15) / 16 * 16
    let sizes = gridShape.sizes.map { Int32($0) }
    let rank = Int32(sizes.count)
    let scratch = FFTWScratch(count: realPitch + complexPitch)
    defer { scratch.free() }
    let real = scratch.real
    let complex = UnsafeMutableRawPointer(real + realPitch)
      .assumingMemoryBound(to: fftwf_complex.self)
    forwardPlan = FFTWPlan { fftwf_plan_dft_r2c(rank, sizes, real, complex, effort.flags) }
    inversePlan = FFTWPlan { fftwf_plan_dft_c2r(rank, sizes, complex, real, effort.flags) }
    count = gridShape.count
    self.realPitch = realPitch
    self.complexPitch = complexPitch
  }

  /// Transforms a real row; may destroy it.
  func forward(from real: UnsafeMutablePointer<Float>, to complex: UnsafeMutablePointer<Float>) {
    let target = UnsafeMutableRawPointer(complex).assumingMemoryBound(to: fftwf_complex.self)
    fftwf_execute_dft_r2c(forwardPlan.handle, real, target)
  }

  /// Transforms a complex row back, unscaled; destroys it.
  func inverse(from complex: UnsafeMutablePointer<Float>, to real: UnsafeMutablePointer<Float>) {
    let source = UnsafeMutableRawPointer(complex).assumingMemoryBound(to: fftwf_complex.self)
    fftwf_execute_dft_c2r(inversePlan.handle, source, real)
  }

  /// Calls `body` in parallel for every batch item and group of channels, with scratch rows.
  ///
  /// Each channel is transformed alone, so the grouping does not show in the result.
  func forEachGroup(
    batch: Int, channels: Int,
    _ body: (
      _ item: Int, _ channels: Range<Int>, _ real: UnsafeMutablePointer<Float>,
      _ complex: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    let width = groupWidth(batch: batch, channels: channels)
    let groups = (channels + width - 1) / width
    let tasks = batch * groups
    let size = width * (realPitch + complexPitch)
    let workers = Parallel.workerCount(tasks: tasks)
    var scratch = Tensor(uninitialized: [workers, size]) { _ in }
    let rows = scratch.mutablePointer()
    Parallel.forEach(tasks: tasks, workers: workers) { task, worker in
      let first = task % groups * width
      let real = rows + worker * size
      body(
        task / groups, first..<min(channels, first + width), real, real + width * realPitch)
    }
  }

  /// Channels in a group: a cache line of them, but less for huge grids (scratch) and for few
  /// tasks (parallel work).
  private func groupWidth(batch: Int, channels: Int) -> Int {
    let widest = min(16, max(4, (1 << 22) / count))
    let parted = batch * channels < 16 * widest ? 8 : 16
    return max(1, min(widest, parted, channels))
  }
}
