import TensorArchives
import TensorIO

/// What an axis of a tensor in a file is.
enum FieldAxisRole: Hashable {
  case sample, time, space, channel
}

/// A tensor in a file with the meaning of each of its axes.
struct FieldVariable {
  let key: String
  let roles: [FieldAxisRole]
}

/// Which tensors of a file make a data set, and how.
enum FieldLayout {
  case pair(input: FieldVariable, target: FieldVariable)
  case initialCondition(input: FieldVariable, target: FieldVariable)
  case trajectory([FieldVariable])
  /// The same, one group for each sample; the roles are those within a group.
  case groups([String], roles: [FieldAxisRole])

  /// The names that others use for inputs and targets, in the order they are looked for.
  static let pairKeys = [
    ("x", "y"), ("a", "u"), ("coeff", "sol"), ("input", "output"), ("inputs", "targets"),
    ("input", "target"), ("inputs", "outputs"),
  ]
  /// The fields of PDEBench's compressible flows, in its order of channels.
  static let flowKeys = ["density", "pressure", "Vx", "Vy", "Vz"]

  /// Recognises a file, as far as the options do not say how it is.
  init(_ archive: TensorArchive, _ options: FieldDatasetOptions) throws {
    let channels = options.channelAxis
    if let input = options.inputKey, let target = options.targetKey {
      self = try FieldLayout.pair(input, archive, target, archive, options)
      return
    }
    if let variables = options.variables {
      let isLast = options.arrangement == .trajectoryTimeLast
      self = .trajectory(
        try variables.map {
          try FieldLayout.trajectory($0, archive, timeLast: isLast, channels: channels ?? .none)
        })
      return
    }
    let groups = FieldLayout.sampleGroups(archive)
    if options.arrangement == .groups || options.arrangement == nil && !groups.isEmpty {
      guard let first = groups.first else {
        throw DataError(
          at: archive.path, expected: "groups with a data set 'data' each",
          got: archive.namesForMessage)
      }
      let rank = try archive.entry(first).shape.count
      let space = [FieldAxisRole](repeating: .space, count: max(0, rank - 2))
      self = .groups(groups, roles: [.time] + space + [.channel])
      return
    }
    if archive.contains("tensor") {
      self = try FieldLayout.benchmark(archive, channels)
      return
    }
    let flow = FieldLayout.flowKeys.filter { archive.contains($0) }
    if !flow.isEmpty {
      self = .trajectory(
        try flow.map {
          try FieldLayout.trajectory($0, archive, timeLast: false, channels: channels ?? .none)
        })
      return
    }
    if archive.contains("velocity") {
      self = .trajectory([
        try FieldLayout.trajectory("velocity", archive, timeLast: false, channels: .last)
      ])
      return
    }
    if let (input, target) = FieldLayout.pairKeys.first(where: {
      archive.contains($0.0) && archive.contains($0.1)
    }) {
      self = try FieldLayout.pair(input, archive, target, archive, options)
      return
    }
    let isTrajectory = [.trajectory, .trajectoryTimeLast].contains(options.arrangement)
    if isTrajectory, let only = archive.entries.first, archive.entries.count == 1 {
      self = .trajectory([
        try FieldLayout.trajectory(
          only.name, archive, timeLast: options.arrangement == .trajectoryTimeLast,
          channels: channels ?? .none)
      ])
      return
    }
    let known = FieldLayout.pairKeys.map { "\($0.0) and \($0.1)" }.joined(separator: ", ")
    throw DataError(
      at: archive.path,
      expected:
        "tensors \(known), tensor, density, velocity, groups of data, or keys in the options",
      got: archive.namesForMessage)
  }

  /// `tensor` is a trajectory, or with `nu` beside it the solution of Darcy's equation.
  private static func benchmark(
    _ archive: TensorArchive, _ channels: FieldChannelAxis?
  ) throws -> FieldLayout {
    let target = try trajectory(
      "tensor", archive, timeLast: false, channels: channels ?? .none)
    guard archive.contains("nu") else { return .trajectory([target]) }
    let input = try state("nu", archive, channels ?? .none)
    return .pair(input: input, target: target)
  }

  /// Inputs and targets under these names, perhaps in two files.
  static func pair(
    _ input: String, _ inputs: TensorArchive, _ target: String, _ targets: TensorArchive,
    _ options: FieldDatasetOptions
  ) throws -> FieldLayout {
    let channels = options.channelAxis ?? .none
    let from = try inputs.entry(input).shape
    let to = try targets.entry(target).shape
    var arrangement = options.arrangement
    if arrangement == nil {
      // A trailing axis of time is looked for first in MATLAB's files, where it is the custom.
      let isOneMore = to.count == from.count + 1 && channels == .none
      let timeLast = isOneMore && to.dropLast().elementsEqual(from)
      let timeFirst = isOneMore && to.dropFirst(2).elementsEqual(from.dropFirst())
      let prefersLast = targets.formatName.hasPrefix("MATLAB")
      arrangement =
        timeLast && (prefersLast || !timeFirst)
        ? .trajectoryTimeLast : timeFirst ? .initialCondition : .pair
    }
    switch arrangement {
    case .initialCondition:
      return .initialCondition(
        input: try state(input, inputs, channels),
        target: try trajectory(target, targets, timeLast: false, channels: channels))
    case .trajectory, .trajectoryTimeLast:
      return .trajectory([
        try trajectory(
          target, targets, timeLast: arrangement == .trajectoryTimeLast, channels: channels)
      ])
    default:
      return .pair(
        input: try state(input, inputs, channels), target: try state(target, targets, channels))
    }
  }

  /// A tensor of one state for each sample.
  private static func state(
    _ key: String, _ archive: TensorArchive, _ channels: FieldChannelAxis
  ) throws -> FieldVariable {
    try variable(key, archive, before: [], after: [], channels)
  }

  /// A tensor of states in the order of time.
  private static func trajectory(
    _ key: String, _ archive: TensorArchive, timeLast: Bool, channels: FieldChannelAxis
  ) throws -> FieldVariable {
    try variable(
      key, archive, before: timeLast ? [] : [.time], after: timeLast ? [.time] : [], channels)
  }

  private static func variable(
    _ key: String, _ archive: TensorArchive, before: [FieldAxisRole], after: [FieldAxisRole],
    _ channels: FieldChannelAxis
  ) throws -> FieldVariable {
    let shape = try archive.entry(key).shape
    let front = [.sample] + before + (channels == .first ? [.channel] : [])
    let back = after + (channels == .last ? [.channel] : [])
    let space = shape.count - front.count - back.count
    guard (1...3).contains(space) else {
      let axes = (front + back).map { "\($0)" }.joined(separator: ", ")
      throw DataError(
        at: "\(archive.path), tensor '\(key)'",
        expected: "axes for \(axes) and 1 to 3 of space", got: "shape \(shape)")
    }
    return FieldVariable(
      key: key, roles: front + Array(repeating: .space, count: space) + back)
  }

  /// The data sets `0000/data`, `0001/data`, … in order.
  private static func sampleGroups(_ archive: TensorArchive) -> [String] {
    archive.entries.map(\.name).filter { name in
      let parts = name.split(separator: "/")
      return parts.count == 2 && parts[1] == "data" && parts[0].allSatisfy(\.isNumber)
    }.sorted { ($0.count, $0) < ($1.count, $1) }
  }
}
