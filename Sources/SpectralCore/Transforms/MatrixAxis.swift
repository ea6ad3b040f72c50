import LaneKernels
import SequenceTensor

/// An axis as the product with a table: work grows with the kept modes, and nothing is moved.
struct MatrixAxis: AxisTransform {
  let modes: AxisModes

  func analyze(
    to z: UnsafeMutablePointer<Float>, from x: UnsafePointer<Float>, items: Int, channels: Int,
    weights: AxisWeights
  ) {
    let table = AxisTable.cached(modes, weights: weights, direction: .analysis)
    let kernel = modes.isHalved ? lanes.modes_of_real : lanes.modes_of_complex
    let (point, mode) = rows(channels)
    forEachPanel(items: items, width: point, lines: modes.size + 1) {
      item, column, width, scratch in
      var kept = modes.lanes
      kernel(
        z + item * modes.count * mode + column * mode / point,
        x + item * modes.size * point + column,
        &kept, table.even.pointer, table.odd.pointer, scratch, point, width)
    }
  }

  func synthesize(
    to x: UnsafeMutablePointer<Float>, from z: UnsafePointer<Float>, items: Int, channels: Int,
    weights: AxisWeights
  ) {
    let table = AxisTable.cached(modes, weights: weights, direction: .synthesis)
    let kernel = modes.isHalved ? lanes.real_of_modes : lanes.complex_of_modes
    let (point, mode) = rows(channels)
    forEachPanel(items: items, width: point, lines: 2 * modes.magnitudes) {
      item, column, width, scratch in
      var kept = modes.lanes
      kernel(
        x + item * modes.size * point + column,
        z + item * modes.count * mode + column * mode / point,
        &kept, table.even.pointer, table.odd.pointer, scratch, point, width)
    }
  }

  /// Floats of a row of points and of a row of modes.
  private func rows(_ channels: Int) -> (point: Int, mode: Int) {
    (modes.isHalved ? channels : 2 * channels, 2 * channels)
  }

  /// Floats of a panel, four cache lines; the last panel of a row takes what is left over.
  private static let panelWidth = 64
  /// Products that a task is worth: some 30 µs.
  private static let taskProducts = 1 << 21

  /// Calls `body` in parallel for panels of neighbouring columns, with scratch of some lines.
  private func forEachPanel(
    items: Int, width: Int, lines: Int,
    _ body: (
      _ item: Int, _ column: Int, _ width: Int, _ scratch: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    guard width > 0, items > 0 else { return }
    let panels = max(1, width / Self.panelWidth)
    let products = modes.size * modes.magnitudes * min(width, Self.panelWidth)
    let grain = max(1, Self.taskProducts / products)
    let tasks = (items * panels + grain - 1) / grain
    let workers = Parallel.workerCount(tasks: tasks)
    let scratchSize = 2 * lines * Int(LANE_MODE_LINE)
    var scratch = Tensor(uninitialized: [workers, scratchSize]) { _ in }
    let lines = scratch.mutablePointer()
    Parallel.forEach(tasks: tasks, workers: workers) { task, worker in
      for index in task * grain..<min(items * panels, (task + 1) * grain) {
        let (item, panel) = index.quotientAndRemainder(dividingBy: panels)
        let column = panel * Self.panelWidth
        let end = panel == panels - 1 ? width : column + Self.panelWidth
        body(item, column, end - column, lines + worker * scratchSize)
      }
    }
  }
}
