import ArgumentParser
import Foundation
import Longwave

/// The options that say which problem of an equation samples are drawn from.
struct EquationOptions: ParsableArguments {
  @Option(help: "A setting of the equation that is known by name; see `pde list <equation>`.")
  var preset: String?

  @Option(
    name: .customLong("parameter"),
    help: "One value of the equation, as in viscosity=0.01; repeatable.")
  var parameters: [String] = []

  @Option(help: "The number of samples.")
  var samples: Int?

  @Option(help: "The points of the grid to solve on, as in 256 or 64x128. (default: the preset's)")
  var grid: String?

  @Option(
    name: .customLong("save-grid"),
    help: "The points to keep, a divisor of --grid. (default: --grid, or the preset's)")
  var savedGrid: String?

  @Option(help: "The time of the first frame. (default: the preset's)")
  var from: Double?

  @Option(help: "The time of the last frame. (default: the preset's)")
  var to: Double?

  @Option(help: "The number of frames at equal intervals. (default: the preset's)")
  var frames: Int?

  /// Whether nothing has been said.
  var isEmpty: Bool {
    preset == nil && parameters.isEmpty && samples == nil && grid == nil && savedGrid == nil
      && from == nil && to == nil && frames == nil
  }

  /// Whether the times are those of the preset.
  var hasStandardTimes: Bool { from == nil && to == nil && frames == nil }

  func validate() throws {
    try OptionCheck.positive(samples, "--samples")
    try OptionCheck.positive(frames, "--frames")
    _ = try values()
    _ = try grid.map { try GridSizes.read($0, "--grid") }
    _ = try savedGrid.map { try GridSizes.read($0, "--save-grid") }
  }

  /// The problem of an equation with what these options change, and its preset's name.
  ///
  /// - Throws: `EquationError` for a preset or parameter that does not exist, and grids that do
  ///   not go together.
  func problem(
    of equation: EquationDescription
  ) throws -> (problem: EquationProblem, preset: String) {
    var problem = try equation.problem(preset: preset, parameters: values())
    let axes = problem.grid.axes
    let standard = axes.map(\.count)
    let saved = try savedGrid.map { try GridSizes.read($0, "--save-grid", axes: axes.count) }
    let solved = try grid.map { try GridSizes.read($0, "--grid", axes: axes.count) }
    let counts = saved ?? solved ?? standard
    let refinement = try solved.map { try Self.refinement(axes, from: $0, to: counts) }
    problem = try equation.problem(
      preset: preset, parameters: values(), counts: counts, times: times(problem.times))
    if let refinement { problem.refinement = refinement }
    return (problem, preset ?? equation.presets.first?.name ?? "")
  }

  private func values() throws -> [String: Double] {
    var values: [String: Double] = [:]
    for text in parameters {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let value = Double(parts[1]) else {
        throw ValidationError("--parameter: expected name=number, got \(text)")
      }
      values[parts[0]] = value
    }
    return values
  }

  private func times(_ standard: [Double]) throws -> [Double] {
    guard from != nil || to != nil || frames != nil else { return standard }
    guard let standardEnd = standard.last else {
      throw ValidationError(
        "--from, --to, --frames: expected an equation with time, got one without")
    }
    let first = from ?? (standard.count > 1 ? standard[0] : 0)
    let last = to ?? standardEnd
    let count = frames ?? standard.count
    guard count > 1 else { return [last] }
    guard first >= 0, last > first, last.isFinite else {
      throw ValidationError("--from, --to: expected 0 <= from < to, got \(first) and \(last)")
    }
    return (0..<count).map { first + (last - first) * Double($0) / Double(count - 1) }
  }

  /// How many times finer one grid is than the other.
  private static func refinement(
    _ axes: [SpatialGrid.Axis], from solved: [Int], to saved: [Int]
  ) throws -> Int {
    let ratios = zip(axes, zip(solved, saved)).map { axis, counts -> Int in
      let closed = axis.points == .nodes ? 1 : 0
      let (fine, coarse) = (counts.0 - closed, counts.1 - closed)
      return coarse > 0 && fine % coarse == 0 ? fine / coarse : 0
    }
    guard let first = ratios.first, first > 0, ratios.allSatisfy({ $0 == first }) else {
      let kind = axes.contains { $0.points == .nodes } ? "intervals (points less 1)" : "points"
      throw ValidationError(
        "--save-grid: expected a divisor of the \(kind) of --grid along each axis, got"
          + " \(saved.map(String.init).joined(separator: "x")) of"
          + " \(solved.map(String.init).joined(separator: "x"))")
    }
    return first
  }
}
