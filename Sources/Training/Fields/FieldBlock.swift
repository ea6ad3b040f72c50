import SequenceTensor
import TensorArchives
import TensorIO

/// Values of a file in one order: `[sample, time, x, (y, (z,)) channel]`.
struct FieldBlock {
  var values: [Float]
  var samples: Int
  var steps: Int
  var grid: [Int]
  var channels: Int

  /// The values of one sample at one time.
  var frameCount: Int { grid.reduce(channels, *) }

  /// Reads some samples of a tensor, every n-th point and frame.
  init(
    _ archive: TensorArchive, _ variable: FieldVariable, samples: Range<Int>,
    _ options: FieldDatasetOptions, frames: Int?
  ) throws {
    let shape = try archive.entry(variable.key).shape
    guard shape.count == variable.roles.count else {
      throw DataError(
        at: "\(archive.path), tensor '\(variable.key)'",
        expected: "\(variable.roles.count) axes", got: "shape \(shape)")
    }
    let axes = zip(shape, variable.roles).map { extent, role -> StridedRange? in
      switch role {
      case .sample: StridedRange(samples)
      case .channel: nil
      case .space: StridedRange(0..<extent, step: options.spatialSubsampling)
      case .time: FieldBlock.times(extent, options, frames)
      }
    }
    let tensor = try archive.read(variable.key, TensorSelection(axes))
    func axis(_ role: FieldAxisRole) -> [Int] {
      variable.roles.indices.filter { variable.roles[$0] == role }
    }
    func extent(_ role: FieldAxisRole) -> Int {
      axis(role).reduce(1) { $0 * tensor.shape[$1] }
    }
    self.samples = extent(.sample)
    steps = extent(.time)
    grid = axis(.space).map { tensor.shape[$0] }
    channels = extent(.channel)
    let order = [FieldAxisRole.sample, .time, .space, .channel].flatMap(axis)
    let strides = StridedCopy.rowMajorStrides(tensor.shape)
    let ordered = RawTensor(
      gathering: tensor.bytes, elementType: tensor.elementType,
      shape: order.map { tensor.shape[$0] }, strides: order.map { strides[$0] })
    do {
      values = try ordered.floats()
    } catch {
      throw DataError(
        at: "\(archive.path), tensor '\(variable.key)', \(error.place)", expected: error.expected,
        got: error.got)
    }
    // Infinity may also come from a double that is too large for single precision.
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      let sample = samples.lowerBound + bad / max(1, values.count / max(1, self.samples))
      throw DataError(
        at: "\(archive.path), tensor '\(variable.key)', sample \(sample)",
        expected: "finite numbers in single precision", got: "\(values[bad])")
    }
  }

  /// Which frames of a trajectory are wanted.
  private static func times(
    _ extent: Int, _ options: FieldDatasetOptions, _ frames: Int?
  ) -> StridedRange {
    let all = StridedRange(0..<extent, step: options.temporalSubsampling)
    return StridedRange(start: 0, count: min(all.count, frames ?? all.count), step: all.step)
  }

  /// Puts blocks of the same samples, times and points together, channel behind channel.
  static func stacking(_ blocks: [FieldBlock], place: String) throws -> FieldBlock {
    guard var result = blocks.first else {
      throw DataError(at: place, expected: "at least one tensor", got: "none")
    }
    if blocks.count == 1 { return result }
    for block in blocks.dropFirst() {
      guard block.samples == result.samples, block.steps == result.steps,
        block.grid == result.grid
      else {
        throw DataError(
          at: place, expected: "tensors of the same shape",
          got: "\(block.samples), \(block.steps), \(block.grid) "
            + "beside \(result.samples), \(result.steps), \(result.grid)")
      }
    }
    let points = result.values.count / max(1, result.channels)
    result.channels = blocks.reduce(0) { $0 + $1.channels }
    var values: [Float] = []
    values.reserveCapacity(points * result.channels)
    for point in 0..<points {
      for block in blocks {
        values += block.values[point * block.channels..<(point + 1) * block.channels]
      }
    }
    result.values = values
    return result
  }

  /// Puts samples behind each other.
  mutating func append(_ other: FieldBlock, place: String) throws {
    guard other.steps == steps, other.grid == grid, other.channels == channels else {
      throw DataError(
        at: place, expected: "\(steps) frames of \(grid) with \(channels) channels, as before it",
        got: "\(other.steps) of \(other.grid) with \(other.channels)")
    }
    values += other.values
    samples += other.samples
  }
}
