import HDF5
import SequenceTensor
import TensorArchives
import TensorIO

/// A file of fields that is open: which of its tensors are inputs and targets is known, and
/// samples are read when they are asked for.
///
/// Recognises, with the tensors' names and shapes alone: pairs `x`, `y` of neuraloperator's `.pt`;
/// `a`, `u` and `coeff`, `sol` of the FNO paper's `.mat`, and trajectories `u(n, x, y, t)` there;
/// PDEBench's `tensor`, `nu` and `tensor`, `density`…, `velocity` and groups `0000/data`; what
/// `FieldDataset.write(to:)` writes; and pairs under these names in any format. Everything else can
/// be said in the options.
public struct FieldFile: Sendable {
  /// The file, or the file with the inputs.
  public let path: String
  /// The number of samples, or of trajectories, in the file.
  public let sampleCount: Int
  /// Whether each sample is a group of its own, as in some files of PDEBench.
  public let hasSampleGroups: Bool
  /// Whether the file has the layout of PDEBench, which tests on its first samples.
  public let isBenchmark: Bool

  private let archive: TensorArchive
  private let targets: TensorArchive
  private var options: FieldDatasetOptions
  private let layout: FieldLayout

  /// Opens a file.
  ///
  /// - Throws: `TensorFileError` when the file cannot be read; `DataError` when its tensors are
  ///   not those of fields, with the names there are.
  public init(_ path: String, options: FieldDatasetOptions = FieldDatasetOptions()) throws {
    try options.validate()
    let archive = try TensorArchive(path)
    var options = options
    if archive.attributes[FieldDataset.formatKey] != nil {
      options.channelAxis = .last
      if archive.contains(FieldDataset.trajectoryKey) {
        (options.inputKey, options.targetKey) = (nil, nil)
        (options.variables, options.arrangement) = ([FieldDataset.trajectoryKey], .trajectory)
      } else {
        (options.inputKey, options.targetKey) = ("inputs", "targets")
        (options.variables, options.arrangement) = (nil, .pair)
      }
    }
    let layout = try FieldLayout(archive, options)
    try self.init(archive, archive, layout, options)
  }

  /// Opens two files of one array each, inputs and targets, such as a pair of `.npy`.
  ///
  /// - Throws: as `init(_:options:)` does, and when a file has more than one tensor and the options
  ///   name none.
  public init(
    inputs: String, targets: String, options: FieldDatasetOptions = FieldDatasetOptions()
  ) throws {
    try options.validate()
    let (from, to) = (try TensorArchive(inputs), try TensorArchive(targets))
    let layout = try FieldLayout.pair(
      options.inputKey ?? FieldFile.onlyName(from), from,
      options.targetKey ?? FieldFile.onlyName(to), to, options)
    try self.init(from, to, layout, options)
  }

  private init(
    _ archive: TensorArchive, _ targets: TensorArchive, _ layout: FieldLayout,
    _ options: FieldDatasetOptions
  ) throws {
    path = archive.path
    self.archive = archive
    self.targets = targets
    self.options = options
    self.layout = layout
    let counts: [(String, Int)]
    switch layout {
    case .pair(let input, let target), .initialCondition(let input, let target):
      counts = [
        (input.key, try archive.entry(input.key).shape[0]),
        (target.key, try targets.entry(target.key).shape[0]),
      ]
    case .trajectory(let variables):
      counts = try variables.map { ($0.key, try archive.entry($0.key).shape[0]) }
    case .groups(let keys, _): counts = [("groups", keys.count)]
    }
    guard let count = counts.first?.1, counts.allSatisfy({ $0.1 == count }) else {
      throw DataError(
        at: archive.path, expected: "the same number of samples in each tensor",
        got: counts.map { "\($0.1) in '\($0.0)'" }.joined(separator: ", "))
    }
    guard count > 0 else {
      throw DataError(at: archive.path, expected: "at least one sample", got: "none")
    }
    sampleCount = count
    if case .groups = layout { hasSampleGroups = true } else { hasSampleGroups = false }
    isBenchmark =
      hasSampleGroups || archive.contains("tensor") || archive.contains("density")
      || archive.contains("velocity")
  }

  /// The file as tests read it: trajectories from their first frames to their end, where training
  /// takes windows out of them.
  func forTests() -> FieldFile {
    var file = self
    if options.task == .windows { file.options.task = .rollout }
    return file
  }

  /// Reads samples as a data set.
  ///
  /// - Parameters:
  ///   - samples: Which samples, or trajectories; all by default.
  ///   - name: What to call the data set; the file's path by default.
  /// - Throws: `DataError` when the samples are not there, the grids of input and target differ, or
  ///   a value is not finite, with the sample's index; `TensorFileError` when the file is damaged.
  public func load(_ samples: Range<Int>? = nil, name: String? = nil) throws -> FieldDataset {
    let samples = samples ?? 0..<sampleCount
    guard samples.lowerBound >= 0, samples.upperBound <= sampleCount, !samples.isEmpty else {
      throw DataError(
        at: path, expected: "samples between 0 and \(sampleCount)", got: "\(samples)")
    }
    let name = name ?? path
    let coordinates = FieldCoordinates(archive, options)
    switch layout {
    case .pair(let input, let target):
      let from = try block(archive, input, samples)
      let to = try block(targets, target, samples)
      guard from.steps == 1, to.steps == 1 else {
        throw DataError(
          at: "\(targets.path), tensor '\(target.key)'", expected: "one frame",
          got: "\(max(from.steps, to.steps)); the options can say what to do with them")
      }
      try requireSameGrid(from, to, target)
      return try FieldDataset(
        name: name, inputs: tensor(from, from.grid), targets: tensor(to, to.grid),
        axes: coordinates.axes(grid: from.grid, names: axisNames), parameters: parameters,
        targetSteps: storedSteps, origin: try origin)
    case .initialCondition(let input, let target):
      let from = try block(archive, input, samples)
      let to = try block(targets, target, samples)
      try requireSameGrid(from, to, target)
      var repeated = from
      repeated.values = []
      for sample in 0..<from.samples {
        let state = from.values[sample * from.frameCount..<(sample + 1) * from.frameCount]
        for _ in 0..<to.steps { repeated.values += state }
      }
      let grid = [to.steps] + to.grid
      return try FieldDataset(
        name: name, inputs: tensor(repeated, grid), targets: tensor(to, grid),
        axes: [coordinates.time(0..<to.steps)] + coordinates.axes(grid: to.grid),
        parameters: parameters)
    case .trajectory(let variables):
      let blocks = try variables.map { try block(archive, $0, samples) }
      return try dataset(
        FieldBlock.stacking(blocks, place: path), name: name, coordinates)
    case .groups(let keys, let roles):
      var all: FieldBlock?
      for index in samples {
        let next = try FieldBlock(
          archive, FieldVariable(key: keys[index], roles: roles), samples: 0..<1,
          options.reading, frames: frames)
        if all == nil {
          all = next
        } else {
          try all?.append(next, place: "\(path), tensor '\(keys[index])', sample \(index)")
        }
      }
      guard let all else { throw DataError(at: path, expected: "samples", got: "none") }
      return try dataset(all, name: name, coordinates)
    }
  }

  private func dataset(
    _ block: FieldBlock, name: String, _ coordinates: FieldCoordinates
  ) throws -> FieldDataset {
    let pairs = try block.pairs(options, place: path)
    var axes = try coordinates.axes(grid: block.grid)
    if let times = pairs.times { axes.append(try coordinates.time(times)) }
    let areFrames = [.rollout, .windows].contains(options.task)
    let count = (block.steps - 1) / options.windowSpacing + 1
    let times =
      areFrames
      ? try coordinates.time(0..<count).coordinates ?? (0..<count).map(Double.init) : nil
    return try FieldDataset(
      name: name, inputs: pairs.inputs, targets: pairs.targets, axes: axes,
      parameters: parameters, targetSteps: pairs.targetSteps,
      frameTimes: times, origin: try origin)
  }

  /// What the samples were drawn from, in a file of `SampleGenerator`.
  private var origin: FieldOrigin? {
    get throws {
      guard case .text(let text)? = archive.attributes[FieldDataset.originKey] else { return nil }
      return try FieldOrigin(json: text, place: "\(path), attribute \(FieldDataset.originKey)")
    }
  }

  private func block(
    _ archive: TensorArchive, _ variable: FieldVariable, _ samples: Range<Int>
  ) throws -> FieldBlock {
    try FieldBlock(archive, variable, samples: samples, options.reading, frames: frames)
  }

  /// The frames that a trajectory needs, if not all.
  private var frames: Int? {
    if case .initialCondition = layout { return options.steps }
    return options.steps.map { ($0 + options.initialSteps - 1) * options.windowSpacing + 1 }
  }

  private func tensor(_ block: FieldBlock, _ grid: [Int]) -> Tensor {
    Tensor(block.values, shape: Shape([block.samples] + grid + [block.channels]))
  }

  private func requireSameGrid(
    _ input: FieldBlock, _ target: FieldBlock, _ variable: FieldVariable
  ) throws {
    guard input.grid == target.grid else {
      throw DataError(
        at: "\(targets.path), tensor '\(variable.key)'",
        expected: "the grid of the input, \(input.grid)", got: "\(target.grid)")
    }
  }

  /// Numbers of the file as a whole: attributes, and tensors of one element.
  private var parameters: [String: Double] {
    var result: [String: Double] = [:]
    for (key, value) in archive.attributes where !key.hasPrefix(FieldDataset.formatKey) {
      if case .number(let number) = value { result[key] = number }
      if case .numbers(let numbers) = value, numbers.count == 1 { result[key] = numbers[0] }
    }
    for entry in archive.entries where entry.shape.allSatisfy({ $0 == 1 }) {
      result[entry.name] = try? archive.read(entry.name).doubles().first
    }
    return result
  }

  /// The names of the axes, in a file of `FieldDataset.write(to:)`.
  private var axisNames: [String]? {
    guard case .texts(let names)? = archive.attributes[FieldDataset.axesKey] else { return nil }
    return names
  }

  /// The frames of a target, in a file of `FieldDataset.write(to:)`.
  private var storedSteps: Int {
    guard case .number(let steps)? = archive.attributes[FieldDataset.stepsKey] else { return 1 }
    return Int(exactly: steps) ?? 0
  }

  private static func onlyName(_ archive: TensorArchive) throws -> String {
    guard let only = archive.entries.first, archive.entries.count == 1 else {
      throw DataError(
        at: archive.path, expected: "one tensor, or a key in the options",
        got: archive.namesForMessage)
    }
    return only.name
  }
}
