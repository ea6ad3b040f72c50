import SequenceTensor

/// A transform of a channels-last grid, one axis after the other.
///
/// The grid is real if the last axis is halved, else complex, `[…, channels, 2]`. The last axis comes first on the way to the spectrum, while values are real, and last on the
/// way back, so every axis but one works on modes that are already fewer than points.
struct SeparableTransform: Sendable {
  /// The axes in the order of the grid; the last is halved if the grid is real, the others are not.
  let axes: [any AxisTransform]

  /// The modes of a grid: `[batch, x, (y, (z,)) channels]` to `[batch, modes…, channels, 2]`.
  ///
  /// - Parameter weights: those of an axis of that many points.
  func analyzed(_ grid: Tensor, weights: (_ size: Int) -> AxisWeights) -> Tensor {
    var result = grid
    let isReal = axes.last?.modes.isHalved ?? true
    var sizes = isReal ? grid.shape.sizes : Array(grid.shape.sizes.dropLast())
    for (index, axis) in axes.enumerated().reversed() {
      sizes[index + 1] = axis.modes.count
      let shape = Shape(sizes + [2])
      let items = sizes[...index].reduce(1, *)
      let channels = sizes[(index + 2)...].reduce(1, *)
      let source = result
      result = Tensor(uninitialized: shape) { z in
        if !axis.modes.isComplete { z.update(repeating: 0, count: shape.count) }
        axis.analyze(
          to: z, from: source.pointer, items: items, channels: channels,
          weights: weights(axis.modes.size))
      }
    }
    return result
  }

  /// The grid of some modes: `[batch, modes…, channels, 2]` to `[batch, x, (y, (z,)) channels]`.
  func synthesized(_ modes: Tensor, weights: (_ size: Int) -> AxisWeights) -> Tensor {
    var result = modes
    var sizes = modes.shape.sizes.dropLast() as [Int]
    for (index, axis) in axes.enumerated() {
      sizes[index + 1] = axis.modes.size
      let items = sizes[...index].reduce(1, *)
      let channels = sizes[(index + 2)...].reduce(1, *)
      let source = result
      result = Tensor(uninitialized: Shape(axis.modes.isHalved ? sizes : sizes + [2])) { x in
        axis.synthesize(
          to: x, from: source.pointer, items: items, channels: channels,
          weights: weights(axis.modes.size))
      }
    }
    return result
  }
}
