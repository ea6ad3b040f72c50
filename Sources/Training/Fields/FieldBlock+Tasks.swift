import SequenceTensor

/// A trajectory as inputs and targets.
extension FieldBlock {
  /// What a task makes of the frames.
  struct Pairs {
    let inputs: Tensor
    let targets: Tensor
    let targetSteps: Int
    /// How many positions of time the grid has as its last axis, and which frame is the first.
    let times: Range<Int>?
  }

  /// The frames as inputs and targets; a frame's channels stay together, earlier frames first.
  func pairs(_ options: FieldDatasetOptions, place: String) throws -> Pairs {
    let initial = options.initialSteps
    // Where windows begin at every frame, the block has the frames between theirs too.
    let spacing = options.windowSpacing
    let following = (steps - 1) / spacing + 1 - initial
    guard following >= 1 else {
      throw DataError(
        at: place, expected: "more than the \(initial) frames of an input",
        got: "\(following + initial) frames")
    }
    let count = options.steps ?? following
    guard count <= following else {
      throw DataError(
        at: place, expected: "\(count) frames after the first \(initial)", got: "\(following)")
    }
    switch options.task {
    case .rollout:
      return Pairs(
        inputs: frames(0..<initial), targets: frames(initial..<initial + count),
        targetSteps: count, times: nil)
    case .windows:
      let wanted = options.windowFrames
      guard wanted <= count else {
        throw DataError(
          at: place, expected: "\(wanted) frames after the first \(initial)", got: "\(count)")
      }
      let used = min(steps, (initial + count - 1) * spacing + 1)
      let windows = used - (initial + wanted - 1) * spacing
      return Pairs(
        inputs: frames(0..<initial, windows: windows, spacing: spacing),
        targets: frames(initial..<initial + wanted, windows: windows, spacing: spacing),
        targetSteps: wanted, times: nil)
    case .finalFrame:
      let last = initial + count - 1
      return Pairs(
        inputs: frames(0..<initial), targets: frames(last..<last + 1), targetSteps: 1, times: nil)
    case .spaceTime:
      let input = frames(0..<initial)
      let repeated = Tensor(
        uninitialized: Shape([samples] + grid + [count, initial * channels])
      ) { target in
        let width = initial * channels
        for row in 0..<input.shape.rows {
          for time in 0..<count {
            (target + (row * count + time) * width).initialize(
              from: input.pointer + row * width, count: width)
          }
        }
      }
      // The channels of a roll-out are already time by time.
      let targets = frames(initial..<initial + count)
        .reshaped(to: Shape([samples] + grid + [count, channels]))
      return Pairs(
        inputs: repeated, targets: targets, targetSteps: 1, times: initial..<initial + count)
    }
  }

  /// A tensor `[samples · windows, x, …, frames · channels]` of the same frames of each window,
  /// which begin one after the other and have every `spacing`-th frame.
  private func frames(_ wanted: Range<Int>, windows: Int = 1, spacing: Int = 1) -> Tensor {
    let points = grid.reduce(1, *)
    let width = wanted.count * channels
    return Tensor(uninitialized: Shape([samples * windows] + grid + [width])) { target in
      for sample in 0..<samples {
        for window in 0..<windows {
          let base = target + (sample * windows + window) * points * width
          for (position, frame) in wanted.enumerated() {
            let source = (sample * steps + window + frame * spacing) * points * channels
            for point in 0..<points {
              for channel in 0..<channels {
                (base + point * width + position * channels + channel).initialize(
                  to: values[source + point * channels + channel])
              }
            }
          }
        }
      }
    }
  }
}
