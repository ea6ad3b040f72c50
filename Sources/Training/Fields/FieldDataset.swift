public import SequenceTensor

/// An axis of a grid: what it is called, and where its points lie if that is known.
public struct FieldAxis: Sendable, Hashable, Codable {
  /// The name: `x`, `y`, `z` or `t`.
  public var name: String
  /// The coordinate of each point, in the units of the file.
  public var coordinates: [Double]?

  /// Creates an axis.
  public init(_ name: String, coordinates: [Double]? = nil) {
    self.name = name
    self.coordinates = coordinates
  }
}

/// Pairs of fields on one grid: what an operator is given, and what it should return.
public struct FieldDataset: Sendable {
  /// What to call it in reports and errors.
  public var name: String
  /// The inputs, `[samples, x, (y, (z,)) channels]`.
  public let inputs: Tensor
  /// The targets, on the same grid: `[samples, x, (y, (z,)) channels]`.
  public let targets: Tensor
  /// The axes of the grid, in the order of the tensors.
  public let axes: [FieldAxis]
  /// Numbers that hold for all samples, such as a viscosity, by their names in the file.
  public var parameters: [String: Double]
  /// How many frames the channels of a target are, the first frame's channels first.
  ///
  /// More than 1 for trajectories that a model is to roll out step by step.
  public let targetSteps: Int
  /// The times of all frames of the trajectories that the samples are frames of; their numbers
  /// where the file does not know times.
  public var frameTimes: [Double]?
  /// What the samples were drawn from, if they are of an equation of the catalogue.
  public var origin: FieldOrigin?

  /// Creates a data set.
  ///
  /// - Throws: `DataError` when there are no samples, the numbers of samples or the grids differ,
  ///   there are not one axis of coordinates for each of the grid's, or a value is not finite.
  public init(
    name: String, inputs: Tensor, targets: Tensor, axes: [FieldAxis]? = nil,
    parameters: [String: Double] = [:], targetSteps: Int = 1, frameTimes: [Double]? = nil,
    origin: FieldOrigin? = nil
  ) throws {
    let (from, to) = (inputs.shape.sizes, targets.shape.sizes)
    guard from.count >= 3, from.count <= 5 else {
      throw DataError(
        at: name, expected: "inputs [samples, x, (y, (z,)) channels]", got: "shape \(from)")
    }
    guard from.dropLast() == to.dropLast() else {
      throw DataError(
        at: name, expected: "inputs and targets with the same samples and grid",
        got: "inputs \(from), targets \(to)")
    }
    guard !from.contains(0), !to.contains(0) else {
      throw DataError(
        at: name, expected: "at least one sample, point and channel",
        got: "inputs \(from), targets \(to)")
    }
    guard targetSteps >= 1, targets.shape.last % targetSteps == 0 else {
      throw DataError(
        at: name, expected: "target channels that are \(targetSteps) frames",
        got: "\(targets.shape.last) channels")
    }
    let axes = axes ?? ["x", "y", "z"].prefix(from.count - 2).map { FieldAxis($0) }
    let grid = Array(from[1..<from.count - 1])
    guard axes.count == grid.count,
      zip(axes, grid).allSatisfy({ $0.coordinates.map(\.count) ?? $1 == $1 })
    else {
      throw DataError(
        at: name, expected: "axes with \(grid) coordinates",
        got: "\(axes.map { $0.coordinates?.count ?? 0 })")
    }
    for (what, tensor) in [("input", inputs), ("target", targets)] {
      try FieldDataset.requireFinite(tensor, "\(name), \(what)")
    }
    self.name = name
    self.inputs = inputs
    self.targets = targets
    self.axes = axes
    self.parameters = parameters
    self.targetSteps = targetSteps
    self.frameTimes = frameTimes
    self.origin = origin
  }

  private init(slicing whole: FieldDataset, _ samples: Range<Int>) {
    name = whole.name
    inputs = whole.inputs.sliced(axis: 0, samples)
    targets = whole.targets.sliced(axis: 0, samples)
    axes = whole.axes
    parameters = whole.parameters
    targetSteps = whole.targetSteps
    frameTimes = whole.frameTimes
    origin = whole.origin
  }

  /// The number of samples.
  public var count: Int { inputs.shape[0] }
  /// The number of points along each axis.
  public var grid: [Int] { Array(inputs.shape.sizes.dropFirst().dropLast()) }
  /// The number of channels of an input.
  public var inputChannels: Int { inputs.shape.last }
  /// The number of channels of a target, all of its frames together.
  public var targetChannels: Int { targets.shape.last }
  /// The number of channels of one frame of a target.
  public var frameChannels: Int { targetChannels / targetSteps }
  /// The time between two frames, if the samples are frames and it is always the same.
  public var frameInterval: Double? {
    guard let times = frameTimes, times.count > 1 else { return nil }
    let interval = (times[times.count - 1] - times[0]) / Double(times.count - 1)
    let isEven = zip(times, times.dropFirst()).allSatisfy {
      abs($1 - $0 - interval) <= 1e-3 * interval
    }
    return interval > 0 && isEven ? interval : nil
  }

  /// Some of the samples.
  ///
  /// - Precondition: the range lies in `0..<count` and is not empty.
  public subscript(samples: Range<Int>) -> FieldDataset {
    require(
      samples.lowerBound >= 0 && samples.upperBound <= count && !samples.isEmpty,
      "FieldDataset: samples \(samples) of \(count)")
    return FieldDataset(slicing: self, samples)
  }

  /// Refuses not-a-number and infinity, saying the sample.
  private static func requireFinite(_ tensor: Tensor, _ place: String) throws {
    let bad = tensor.withSpan { span in span.indices.first { !span[$0].isFinite } }
    guard let bad else { return }
    let size = tensor.count / tensor.shape[0]
    throw DataError(
      at: "\(place), sample \(bad / size)", expected: "finite numbers",
      got: "\(tensor.withSpan { $0[bad] })")
  }
}
