/// How the tensors of a file are fields.
public enum FieldArrangement: String, Sendable, Hashable, Codable, CaseIterable {
  /// Input and target on the same grid: `[samples, x, …]` each.
  case pair
  /// The input is the state at the beginning, the target all states: input `[samples, x, …]`,
  /// target `[samples, t, x, …]`. Time becomes the first axis of the grid, along which the input
  /// is repeated, as in neuraloperator's Burgers set.
  case initialCondition
  /// States in the order of time: `[samples, t, x, …]`, as in PDEBench.
  case trajectory
  /// States with time as the last axis: `[samples, x, …, t]`, as in the files of the FNO paper.
  case trajectoryTimeLast
  /// One group for each sample with states in `data`: `[t, x, …, channels]`, as in PDEBench.
  case groups
}

/// Where the channels of a tensor are.
public enum FieldChannelAxis: String, Sendable, Hashable, Codable, CaseIterable {
  /// Nowhere: there is one channel, and no axis for it.
  case none
  /// Behind the samples: `[samples, channels, x, …]`, as in PyTorch.
  case first
  /// At the end: `[samples, x, …, channels]`, as in this library.
  case last
}

/// What a model is to do with a trajectory.
public enum FieldTask: String, Sendable, Hashable, Codable, CaseIterable {
  /// From the first frames, all that follow, one after the other: the targets' channels are the
  /// frames that follow, `targetSteps` of them.
  case rollout
  /// From any frames, the next ones: each window of `initialSteps` frames and the `windowFrames`
  /// behind them is a training sample. Tests are rolled out from the first frames, as with
  /// `rollout`.
  case windows
  /// From the first frames, the last one at once.
  case finalFrame
  /// From the first frames, all that follow at once, with time as the last axis of the grid; the
  /// input is repeated along it. The three-dimensional FNO works so.
  case spaceTime
}

/// How to make a data set of a file; what is left out is recognised from the file.
public struct FieldDatasetOptions: Sendable, Hashable, Codable {
  /// The tensor with the inputs, or with the initial condition.
  public var inputKey: String?
  /// The tensor with the targets.
  public var targetKey: String?
  /// The tensors of a trajectory, one for each channel (or one with all).
  public var variables: [String]?
  /// How the tensors are fields.
  public var arrangement: FieldArrangement?
  /// Where channels are; by default in no axis, unless the format says otherwise.
  public var channelAxis: FieldChannelAxis?
  /// Takes every n-th point along each axis of space, from the first on.
  public var spatialSubsampling: Int
  /// Takes every n-th frame, from the first on; windows have every n-th too, but begin at each
  /// frame of the file.
  public var temporalSubsampling: Int
  /// How many frames of a trajectory are the input; 10 in PDEBench and the FNO paper.
  public var initialSteps: Int
  /// How many frames after those are used; all by default.
  public var steps: Int?
  /// How many frames the target of a window has.
  public var windowFrames: Int
  /// What a model is to do with a trajectory.
  public var task: FieldTask

  /// Creates options.
  public init(
    inputKey: String? = nil, targetKey: String? = nil, variables: [String]? = nil,
    arrangement: FieldArrangement? = nil, channelAxis: FieldChannelAxis? = nil,
    spatialSubsampling: Int = 1, temporalSubsampling: Int = 1, initialSteps: Int = 10,
    steps: Int? = nil, windowFrames: Int = 1, task: FieldTask = .rollout
  ) {
    self.inputKey = inputKey
    self.targetKey = targetKey
    self.variables = variables
    self.arrangement = arrangement
    self.channelAxis = channelAxis
    self.spatialSubsampling = spatialSubsampling
    self.temporalSubsampling = temporalSubsampling
    self.initialSteps = initialSteps
    self.steps = steps
    self.windowFrames = windowFrames
    self.task = task
  }

  /// How many frames of the file a window has between two of its own, and one.
  var windowSpacing: Int { task == .windows ? temporalSubsampling : 1 }

  /// The options with which frames are read of which windows are made.
  var reading: FieldDatasetOptions {
    var reading = self
    if task == .windows { reading.temporalSubsampling = 1 }
    return reading
  }

  /// Refuses numbers that make no sense in any file.
  func validate() throws {
    for (name, value) in [
      ("spatialSubsampling", spatialSubsampling), ("temporalSubsampling", temporalSubsampling),
      ("initialSteps", initialSteps), ("steps", steps ?? 1), ("windowFrames", windowFrames),
    ] where value < 1 {
      throw DataError(at: name, expected: "at least 1", got: "\(value)")
    }
    if let variables, variables.isEmpty {
      throw DataError(at: "variables", expected: "at least one name", got: "none")
    }
    if (inputKey == nil) != (targetKey == nil) {
      throw DataError(
        at: inputKey == nil ? "inputKey" : "targetKey", expected: "both keys or neither",
        got: "one of them")
    }
  }
}
