import SequenceTensor

/// FFTW's transform of one length, and the loop that brings columns of complex numbers to it.
///
/// Strided transforms straight on channels-last arrays would need no copies, but FFTW runs them
/// up to four times slower on long axes: every step of a transform then touches another cache
/// line for each point.
struct ColumnGroups: Sendable {
  /// Points of a column.
  let size: Int
  /// Complex numbers from one row of scratch to the next: whole cache lines, so that all rows are
  /// aligned as FFTW planned for, and so get the same bits.
  let pitch: Int
  private let transform: ComplexTransform

  init(size: Int, effort: PlanningEffort) {
    self.size = size
    pitch = (size + 7) / 8 * 8
    transform = ComplexTransform.cached(length: size, effort: effort)
  }

  /// Transforms each of some rows, unscaled.
  func transform(
    _ direction: TransformDirection, from input: UnsafeMutablePointer<Float>,
    to output: UnsafeMutablePointer<Float>, rows: Int
  ) {
    for row in 0..<rows {
      transform.execute(direction, from: input + 2 * row * pitch, to: output + 2 * row * pitch)
    }
  }

  /// Calls `body` in parallel for every item and group of columns, with scratch rows for the input
  /// and the output of the transform.
  func forEachGroup(
    items: Int, columns: Int,
    _ body: (
      _ item: Int, _ columns: Range<Int>, _ input: UnsafeMutablePointer<Float>,
      _ output: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    guard items > 0, columns > 0 else { return }
    let width = groupWidth(items: items, columns: columns)
    let groups = (columns + width - 1) / width
    let workers = Parallel.workerCount(tasks: items * groups)
    let rows = 2 * width * pitch
    var scratch = Tensor(uninitialized: [workers, 2, rows]) { _ in }
    let pointer = scratch.mutablePointer()
    Parallel.forEach(tasks: items * groups, workers: workers) { task, worker in
      let first = task % groups * width
      let input = pointer + 2 * worker * rows
      body(task / groups, first..<min(columns, first + width), input, input + rows)
    }
  }

  /// Columns in a group: two cache lines of them, but less for long columns (scratch) and for few
  /// tasks (parallel work).
  private func groupWidth(items: Int, columns: Int) -> Int {
    let widest = min(16, max(4, (1 << 22) / size))
    let parted = items * columns >= 128 ? 16 : items * columns >= 32 ? 8 : 4
    return min(widest, parted, columns)
  }
}
